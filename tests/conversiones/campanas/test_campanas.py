"""Campaigns: what they may say, what a first sale fixes, and one default."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import Conflicto, DatoInvalido
from conversiones.campanas.models import Campana
from conversiones.campanas.services import actualizar_campana, predeterminar_campana
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"moneda": "XXX"}, "moneda"), ({"moneda": ""}, "moneda"),
        ({"presupuesto": D("-1")}, "presupuesto"), ({"presupuesto": D("1.001")}, "presupuesto"),
        ({"presupuesto": D(10) ** 12}, "presupuesto"),
        ({"termina_en": hace(days=400)}, "termina_en"),
    ],
)  # fmt: skip
def test_campana_invalida(datos: dict[str, Any], campo: str) -> None:
    """On creation and on a change alike."""
    buena = fabricas.campana()
    antes = fabricas.foto()
    with pytest.raises(DatoInvalido) as error:
        fabricas.campana(**datos)
    assert error.value.campo == campo
    with pytest.raises(DatoInvalido):
        actualizar_campana(campana=buena, cambios=datos, actor=ANA)
    assert fabricas.foto() == antes


def test_la_moneda_se_fija_con_la_primera_venta() -> None:
    """Changing it later would change what was sold."""
    campana = fabricas.campana()
    campana = actualizar_campana(campana=campana, cambios={"moneda": "EUR"}, actor=ANA)
    fabricas.conversion(en=campana)
    with pytest.raises(Conflicto) as error:
        actualizar_campana(campana=campana, cambios={"moneda": "USD"}, actor=ANA)
    assert error.value.codigo == "moneda_fija"
    sin_cambios = fabricas.foto()
    actualizar_campana(campana=campana, cambios={"moneda": "EUR", "estado": "x"}, actor=ANA)
    assert fabricas.foto() == sin_cambios


def test_una_sola_predeterminada() -> None:
    """With two, nobody knows where a sale goes."""
    primera = fabricas.campana(predeterminada=True)
    segunda = fabricas.campana(predeterminada=True)
    assert Campana.objects.get(predeterminada=True) == segunda
    predeterminar_campana(campana=primera, actor=ANA)
    assert Campana.objects.get(predeterminada=True) == primera


def test_referencia_de_campana_duplicada() -> None:
    """A conflict that says so."""
    fabricas.campana(referencia_externa="verano")
    antes = fabricas.foto()
    with pytest.raises(Conflicto) as error:
        fabricas.campana(referencia_externa="verano")
    assert error.value.codigo == "campana_duplicada"
    assert fabricas.foto() == antes
