"""Undoing an approval against whoever pays it, on two connections: one of the two wins, and the
ledger agrees with the winner."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import ErrorDominio
from comisiones.comision.models import Comision
from comisiones.invariantes import COMPROBACIONES
from comisiones.libro.models import Asiento
from comisiones.libro.selectors import saldos
from comisiones.models import ItemPago
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.revision.errores import EnUnPago
from comisiones.revision.services import aprobar_comision, devolver_comision
from tests import fabricas
from tests.fabricas import ANA, LUIS, a_la_vez, hace

pytestmark = pytest.mark.django_db(transaction=True)


def faltas() -> list[str]:
    return [fila for c in COMPROBACIONES if not c.aviso for fila in c.filas()]


def _madura() -> Comision:
    suya = fabricas.aprobada()
    Comision.objects.filter(pk=suya.pk).update(madura_en=hace(days=1))
    return suya


def _congelar() -> Any:
    return congelar_lote(lote=proponer_lote(moneda="USD", actor=ANA, pasarela="archivo"), actor=ANA)


@pytest.mark.lento
def test_contra_el_congelado_de_un_lote() -> None:
    """Both orders are right; neither pays what was sent back, nor sends back what is in a batch."""
    for _vez in range(4):
        suya = _madura()
        lote, devuelta = a_la_vez(
            [_congelar, lambda c=suya: devolver_comision(comision=c, actor=LUIS, motivo="m")]  # type: ignore[misc]
        )
        suya.refresh_from_db()
        dentro = ItemPago.objects.filter(comision_viva=suya).count()
        if isinstance(devuelta, Comision):
            assert (suya.estado, dentro) == ("pendiente", 0), lote
            assert saldos(suya.afiliado).get("USD", Decimal(0)) == 0
        else:
            assert isinstance(devuelta, EnUnPago), devuelta
            assert (suya.estado, dentro) == ("programada", 1)
            assert saldos(suya.afiliado) == {"USD": Decimal(10)}
        assert faltas() == []


def test_ocho_a_la_vez() -> None:
    suya = fabricas.aprobada()
    hechas = a_la_vez([lambda: devolver_comision(comision=suya, actor=LUIS, motivo="m")] * 8)
    assert sum(isinstance(r, Comision) for r in hechas) == 1, hechas
    assert sum(isinstance(r, ErrorDominio) for r in hechas) == 7, hechas
    assert Asiento.objects.filter(tipo="devolucion").count() == 1
    assert fabricas.eventos_de(suya.id_publico).count("ComisionDevuelta") == 1


def test_contra_otra_aprobacion() -> None:
    """Approved again while somebody undoes it: at the end it is owed if, and only if, approved."""
    suya = fabricas.aprobada()
    a_la_vez(
        [
            lambda: devolver_comision(comision=suya, actor=LUIS, motivo="m"),
            lambda: aprobar_comision(comision=suya, actor=ANA),
        ]
    )
    suya.refresh_from_db()
    debido = Decimal(10) if suya.estado == "aprobada" else Decimal(0)
    assert saldos(suya.afiliado).get("USD", Decimal(0)) == debido
    assert faltas() == []
