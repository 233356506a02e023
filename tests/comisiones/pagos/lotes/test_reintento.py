"""The failed payments of a batch are paid again as they were released, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alpespartner.comun.errores import Conflicto
from comisiones.libro.selectors import saldos
from comisiones.models import ItemPago
from comisiones.pagos.lotes import ciclo
from comisiones.pagos.lotes.reintento import reintentar_fallidos
from comisiones.pagos.pago.services import reintentar_pago
from tests import fabricas
from tests.comisiones.pagos.fabrica import (
    ajuste,
    devolucion,
    ejecutar,
    en_ejecucion,
    proponer,
    todo_cuadra,
)
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import LUIS

pytestmark = pytest.mark.usefixtures("solo_lotes")
D = Decimal


@pytest.mark.lento
@pytest.mark.django_db
def test_fallidos_y_reintento(pasarela: type[PasarelaDePruebas]) -> None:
    """Failed ones are free again; a retry pays exactly what was released, in the same batch."""
    una, otra = fabricas.afiliado(), fabricas.afiliado()
    fabricas.aprobada(de=una)
    fabricas.aprobada(de=otra)
    ajuste(una, "-4")
    pasarela.accidentes.append("rechaza")
    lote = en_ejecucion(pasarela="pruebas")
    ejecutar(lote)
    assert lote.estado == "parcialmente_fallido"
    fallido = lote.pagos.get(estado="fallido")
    assert saldos(una) == {"USD": D(6)}
    assert (
        not ItemPago.objects.filter(pago=fallido)
        .exclude(comision_viva=None, ajuste_vivo=None)
        .exists()
    )
    [nuevo] = reintentar_fallidos(lote=lote, actor=LUIS)
    assert (nuevo.importe, nuevo.lote, nuevo.reintento_de) == (D(6), lote, fallido)
    with pytest.raises(Conflicto):
        reintentar_pago(pago=fallido, actor=LUIS)
    ejecutar(lote)
    assert lote.estado == "liquidado"
    assert saldos(una) == saldos(otra) == {"USD": D(0)}
    assert PasarelaDePruebas.total() == lote.total == D(16)
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.django_db
def test_un_reintento_distinto_no_pasa(pasarela: type[PasarelaDePruebas]) -> None:
    """What changed since its release goes through a new batch, with four eyes."""
    fabricas.aprobada()
    pasarela.accidentes.append("rechaza")
    lote = en_ejecucion(pasarela="pruebas")
    ejecutar(lote)
    devolucion(lote)
    with pytest.raises(Conflicto) as error:
        reintentar_pago(pago=lote.pagos.get(), actor=LUIS)
    assert error.value.codigo == "pago_cambiado"
    assert proponer(pasarela="pruebas").total == D(5)
    with pytest.raises(Conflicto):
        reintentar_fallidos(lote=lote, actor=LUIS)
    ciclo.cerrar_lote(lote=lote, actor=LUIS)
    todo_cuadra()
