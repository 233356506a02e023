"""A commission that is written alone has its key, also where a bulk insert gives none back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.mark.parametrize("por_mes", [True, False])
def test_una_sola_vuelve_con_su_clave(por_mes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked for it goes on with it."""
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    condiciones: dict[str, Any] = {"tramos": [{"desde": "0", "porcentaje": "10"}]}
    publicar_version(
        regla=crear_regla(nombre="R", campana=None, actor=ANA), tipo="escalonada", moneda="USD",
        actor=ANA, vigente_desde=fabricas.hace(days=365),
        condiciones=condiciones | ({"periodo": "mes"} if por_mes else {}),
    )  # fmt: skip
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa())
    hecha = calcular_manual(conversion=venta, terminos=None, actor=PRUEBAS)
    assert (hecha.pk, hecha.monto) == (Comision.objects.get().pk, D(10))
