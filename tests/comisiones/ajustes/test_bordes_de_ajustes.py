"""Approving an adjustment counts in the session, and what of a scale there is to adjust."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.actores import Presencia, persona
from alpespartner.comun.dinero import MAXIMO
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.calculo.acumulados import _ajustable
from comisiones.comision.models import Comision
from conversiones.ventas.asignacion import asignar_conversion
from tests import fabricas
from tests.fabricas import ANA

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


@pytest.mark.parametrize(
    ("monto", "confirmo", "pide"),
    [("0.01", False, True), ("0.01", True, False), ("-90", False, False)],
)
def test_lo_aprobado_cuenta_en_la_sesion(
    settings: Any, monto: str, confirmo: bool, pide: bool
) -> None:
    """What gives anything in a session that nobody knows asks who it is; what takes does not."""
    settings.APROBACION_SESION = {"USD": D(25)}
    ahora = timezone.now()
    quien = persona(77, Presencia(sesion="s", entro=ahora, confirmo=ahora if confirmo else None))
    ajuste = crear_ajuste(
        afiliado=fabricas.afiliado(), tipo="correccion", monto=D(monto), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    if pide:
        with pytest.raises(FaltaPresencia):
            aprobar_ajuste(ajuste=ajuste, actor=quien)
    else:
        aprobar_ajuste(ajuste=ajuste, actor=quien)
    estado = Ajuste.objects.get(pk=ajuste.pk).estado
    assert estado == ("borrador" if pide else "contabilizado")


@pytest.mark.parametrize(
    ("estado", "motivo", "monto", "si"),
    [
        ("pendiente", "", "1", True),
        ("pagada", "", "-1", True),
        ("retenida", "manual", "1", True),
        ("retenida", "sin_regla", "1", False),
        ("retenida", "fuera_de_rango", "1", False),
        ("rechazada", "", "1", False),
        ("anulada", "", "1", False),
        ("pendiente", "", str(MAXIMO), True),
        ("pendiente", "", str(-MAXIMO), True),
        ("pendiente", "", str(MAXIMO + D("0.0001")), False),
        ("pendiente", "", str(-MAXIMO - D("0.0001")), False),
    ],
)
def test_lo_que_se_ajusta_de_una_escala(estado: str, motivo: str, monto: str, si: bool) -> None:
    assert _ajustable(Comision(estado=estado, motivo_retencion=motivo), D(monto)) is si


def test_lo_que_da_asignar() -> None:
    """The sale as it is now."""
    de = fabricas.afiliado()
    venta = fabricas.sin_atribuir()
    dada = asignar_conversion(conversion=venta, afiliado=de, motivo="m", actor=ANA)
    assert (dada.pk, dada.afiliado, dada.version) == (venta.pk, de, venta.version + 1)
