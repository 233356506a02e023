"""The record of a calculation names the formula that was used."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db
D = Decimal
TRAMOS = [{"desde": "0", "porcentaje": "10"}]


@pytest.mark.parametrize(
    ("datos", "formula", "monto"),
    [
        ({"tipo": "porcentual", "porcentaje": D(10)}, "base × tasa / 100", "10"),
        ({"tipo": "fija", "monto_fijo": D("0.50"), "moneda": "USD"}, "monto fijo por venta", "0.5"),
        (
            {"tipo": "mixta", "porcentaje": D(10), "monto_fijo": D("0.50"), "moneda": "USD"},
            "base × tasa / 100 + monto fijo",
            "10.5",
        ),
        (
            {"tipo": "escalonada", "moneda": "USD", "condiciones": {"tramos": TRAMOS}},
            "según los tramos",
            "10",
        ),
    ],
)
def test_la_formula_es_la_de_su_tipo(datos: dict[str, Any], formula: str, monto: str) -> None:
    """A partner recomputes with it."""
    en = fabricas.campana()
    regla = crear_regla(nombre="Regla", campana=en, actor=ANA)
    publicar_version(regla=regla, actor=ANA, vigente_desde=hace(days=365), **datos)
    fabricas.comision(en=en, de=fabricas.afiliado_sin_tarifa())
    leida = Comision.objects.get()
    assert (leida.traza["formula"], leida.monto) == (formula, D(monto))
    assert (leida.traza["regla"], leida.traza["version"]) == ("Regla", 1)
