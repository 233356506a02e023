"""A refund of a sale whose commission nobody could price yet."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.models import Historial
from comisiones.ajustes.models import Reverso
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


def devuelta(venta: Conversion, *montos: str) -> Comision:
    """The commission, reread, after the refunds of its sale."""
    for n, monto in enumerate(montos):
        devolver(
            conversion=venta, datos=Devolucion(id_externo=f"d{n}", monto=D(monto)), actor=PRUEBAS
        )
    aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    return Comision.objects.get(conversion=venta)


@pytest.mark.parametrize("montos", [["100"], ["60", "40"], ["99.99", "0.01"]])
def test_devuelta_entera_se_anula(montos: list[str]) -> None:
    """There will never be anything to price: it does not wait for a rule for ever."""
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa())
    assert fabricas.calcular(venta).motivo_retencion == "sin_regla"
    suya = devuelta(venta, *montos)
    assert (suya.estado, suya.monto, suya.motivo_retencion) == ("anulada", D(0), "")
    assert fabricas.eventos_de(suya.id_publico)[-1] == "ComisionAnulada"


@pytest.mark.parametrize("montos", [["99.99"], ["0.01"], ["60", "39.99"]])
def test_devuelta_en_parte_espera_su_regla(montos: list[str]) -> None:
    """A cent of the sale is left: the rule that comes will say what it pays."""
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa())
    fabricas.calcular(venta)
    suya = devuelta(venta, *montos)
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "sin_regla")
    assert not Reverso.objects.exists()


@pytest.mark.parametrize(
    ("monto", "accion", "quita"), [("100", "anular", "10.00"), ("0.10", "reducir", "0.01")]
)
def test_el_historial_dice_cuanto_y_por_que_devolucion(monto: str, accion: str, quita: str) -> None:
    """Of one that is voided as of one that is reduced."""
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        suya = fabricas.comision()
    leida = devuelta(suya.conversion, monto)
    paso = Historial.objects.get(entidad_id=suya.id_publico, accion=accion)
    assert paso.motivo == "Devolución de la venta."
    assert (paso.estado_anterior, paso.estado_nuevo) == ("pendiente", leida.estado)
    assert leida.version == suya.version + 1
    assert leida.actualizado_en > suya.actualizado_en + timedelta(hours=23)
    movimiento = suya.conversion.movimientos.latest("pk")
    assert paso.datos == {"reverso": quita, "movimiento_id": movimiento.id_publico}
