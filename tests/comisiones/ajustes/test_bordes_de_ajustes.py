"""Approving an adjustment counts in the session, and what of a scale there is to adjust."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.actores import Presencia, persona
from alpespartner.comun.dinero import MAXIMO
from comisiones.ajustes.models import Ajuste, Reverso
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.calculo.acumulados import _ajustable
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.ventas.asignacion import asignar_conversion
from conversiones.ventas.desglose import ParteDevuelta
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
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


def test_lo_que_se_quito_de_verdad_es_lo_que_cuenta() -> None:
    """A refund takes up to what all of them must take, whatever the earlier ones took."""
    suya = fabricas.comision()
    _devolver(suya, "50")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comisiones_reverso SET monto = 3")
        cursor.execute("UPDATE comisiones_comision SET monto = 7, revertido = 3")
    _devolver(suya)
    assert [r.monto for r in Reverso.objects.order_by("pk")] == [D(3), D(7)]
    assert (suya.monto, suya.revertido) == (D(0), D(10))


def test_una_devolucion_sin_decir_tras_otra_que_lo_dice() -> None:
    """120.00 with 20.00 of shipping, 10 % of the net. The shipping goes back, then 60.00 of the
    100.00 that are left: 6.00 of 10.00, and not half of it."""
    publicar_version(
        regla=crear_regla(nombre="Neta", campana=None, actor=ANA), tipo="porcentual",
        porcentaje=D(10), condiciones={"base": "neto"}, actor=ANA,
        vigente_desde=fabricas.hace(days=365),
    )  # fmt: skip
    suya = fabricas.comision(
        de=fabricas.afiliado_sin_tarifa(), valor="120", metadatos={"envio": "20.00"}
    )
    _devolver(suya, "20", de=[ParteDevuelta(concepto="envio", monto=D(20))])
    assert suya.monto == D(10)
    _devolver(suya, "60")
    assert suya.monto == D(4)


def _devolver(suya: Comision, monto: str | None = None, **datos: Any) -> None:
    n = Reverso.objects.count()
    devolver(
        conversion=Conversion.objects.get(pk=suya.conversion_id),
        datos=Devolucion(id_externo=f"d{n}", monto=monto and D(monto), **datos), actor=ANA,
    )  # fmt: skip
    aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=ANA)
    suya.refresh_from_db()
