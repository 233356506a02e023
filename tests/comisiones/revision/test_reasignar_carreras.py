"""Reassigning a sale against whatever else happens to it, on two connections: one comes first, and
the ledger, both affiliates and every invariant agree with that one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import ErrorDominio
from comisiones.comision.models import Comision
from comisiones.invariantes import COMPROBACIONES
from comisiones.libro.selectors import saldos
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.revision.errores import PagoEnCurso
from comisiones.revision.services import aprobar_comision
from conversiones.invariantes import COMPROBACIONES as DE_VENTAS
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import Traslado, reasignar_conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS, a_la_vez, hace

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
VECES = 3


def faltas() -> list[str]:
    todas = (*COMPROBACIONES, *DE_VENTAS)
    return [fila for c in todas if not c.aviso and not c.a_peticion for fila in c.filas()]


class Mundo:
    """A sale of 100 of one who earns 10, and another who would earn 7."""

    def __init__(self, vez: int) -> None:
        self.a, self.b, self.c = (
            fabricas.afiliado(email=f"{n}{vez}@example.com", comision_base=D(p))
            for n, p in (("a", "10"), ("b", "7"), ("c", "5"))
        )
        self.venta = fabricas.conversion(de=self.a)
        self.suya = fabricas.calcular(self.venta)

    def reasignar(self, a: Any = None) -> Traslado:
        return reasignar_conversion(
            conversion=self.venta, afiliado=a or self.b, motivo="m", actor=LUIS
        )

    def debe(self) -> list[Decimal]:
        return [saldos(q).get("USD", D(0)) for q in (self.a, self.b, self.c)]


@pytest.mark.lento
def test_against_an_approval(settings: Any) -> None:
    """Approved before, it is undone; after, there is nothing of the first to approve."""
    settings.PAGOS_AUTOMATICOS = False
    for vez in range(VECES):
        m = Mundo(vez)
        traslado, _aprobada = a_la_vez(
            [m.reasignar, lambda m=m: aprobar_comision(comision=m.suya, actor=OTRA)]  # type: ignore[misc]
        )
        assert isinstance(traslado, Traslado), traslado
        m.suya.refresh_from_db()
        assert (m.suya.estado, m.suya.viva, m.debe()) == ("anulada", None, [0, 0, 0])
        fabricas.entregar_todo()
        assert faltas() == []


@pytest.mark.lento
def test_against_a_refund(settings: Any) -> None:
    """Whoever has it by then bears it."""
    settings.PAGOS_AUTOMATICOS = False
    for vez in range(VECES):
        m = Mundo(vez)
        aprobar_comision(comision=m.suya, actor=OTRA)
        datos = Devolucion(id_externo=f"d{vez}", monto=D(50))
        hechas = a_la_vez(
            [
                m.reasignar,
                lambda m=m, d=datos: devolver(conversion=m.venta, datos=d, actor=PRUEBAS),  # type: ignore[misc]
                fabricas.entregar_todo,
            ]
        )
        assert not [h for h in hechas if isinstance(h, BaseException)], hechas
        fabricas.entregar_todo()
        nueva = Comision.objects.get(conversion=m.venta, viva=True)
        assert (nueva.afiliado, nueva.monto) == (m.b, D("3.50"))
        assert m.debe() == [0, 0, 0]
        assert faltas() == []


def test_against_the_freeze_of_a_batch(settings: Any) -> None:
    """Frozen first, it waits; moved first, the batch is without it."""
    settings.PAGOS_AUTOMATICOS = False

    def congelar() -> Any:
        lote = proponer_lote(moneda="USD", actor=ANA, pasarela="archivo")
        return congelar_lote(lote=lote, actor=ANA)

    for vez in range(VECES):
        m = Mundo(vez)
        aprobar_comision(comision=m.suya, actor=OTRA)
        Comision.objects.filter(pk=m.suya.pk).update(madura_en=hace(days=1))
        traslado, _lote = a_la_vez([m.reasignar, congelar])
        m.suya.refresh_from_db()
        if isinstance(traslado, Traslado):
            assert (m.suya.estado, m.debe()) == ("anulada", [0, 0, 0])
        else:
            assert isinstance(traslado, PagoEnCurso), traslado
            assert (m.suya.estado, m.debe()) == ("programada", [D(10), 0, 0])
        assert faltas() == []


@pytest.mark.lento
def test_two_at_once() -> None:
    """It is of one of them in the end, with one commission that is alive."""
    for vez in range(VECES):
        m = Mundo(vez)
        hechas = a_la_vez(
            [lambda m=m, a=a: m.reasignar(a) for a in (m.b, m.c, m.b)]  # type: ignore[misc]
        )
        assert all(isinstance(h, Traslado | ErrorDominio) for h in hechas), hechas
        suya = Conversion.objects.get(pk=m.venta.pk)
        viva = Comision.objects.get(conversion=m.venta, viva=True)
        assert viva.afiliado_id == suya.afiliado_id != m.a.pk
        fabricas.entregar_todo()
        assert faltas() == []


@pytest.mark.lento
def test_against_its_own_calculation() -> None:
    """Its first event comes at the same time: one commission, of whoever has it."""
    for vez in range(VECES):
        m = Mundo(vez)
        m.venta = fabricas.conversion(de=m.a)
        traslado, _hechos = a_la_vez([m.reasignar, fabricas.entregar_todo])
        assert isinstance(traslado, Traslado), traslado
        fabricas.entregar_todo()
        assert Comision.objects.get(conversion=m.venta, viva=True).afiliado == m.b
        assert faltas() == []
