"""Races between payments on real connections: each is scheduled, sent and dropped once."""

from __future__ import annotations

from typing import Any

import pytest

from alpespartner.comun.errores import Conflicto
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.models import IntentoPago, Pago
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.services import anular_pago, programar_pagos
from comisiones.revision.services import anular_comision
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.fabrica import ficheros
from tests.fabricas import ANA, LUIS, PRUEBAS, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


def test_programar_contra_anular() -> None:
    """A commission does not end void and inside a payment."""
    for _vez in range(5):
        suya = fabricas.aprobada()
        a_la_vez(
            [
                lambda c=suya: programar_pagos(comisiones_ids=[c.id_publico], actor=PRUEBAS),  # type: ignore[misc]
                lambda c=suya: anular_comision(comision=c, actor=ANA, motivo="m"),  # type: ignore[misc]
            ]
        )
        suya.refresh_from_db()
        pagos = Pago.objects.filter(items__comision=suya).count()
        assert (suya.estado, pagos) in (("programada", 1), ("anulada", 0))


def test_ejecutar_el_mismo_pago(settings: Any) -> None:
    """Eight workers with the same task: one file, one intent, one pair of entries."""
    pago = fabricas.pago()
    resultados = a_la_vez([lambda: ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)] * 8)
    assert resultados == [None] * 8
    assert len(ficheros(settings.PAGOS_DIR)) == 1
    assert IntentoPago.objects.count() == 1
    assert Asiento.objects.filter(origen=pago.id_publico).count() == 2
    assert OutboxEvent.objects.filter(type="ComisionPagada").count() == 1


def test_reanudar_el_mismo_pago(settings: Any) -> None:
    """Several sweeps at once over an interrupted payment."""
    pago = fabricas.pago()
    fabricas.reclamado(pago)
    resultados = a_la_vez([lambda: reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)] * 6)
    assert not [r for r in resultados if isinstance(r, BaseException)], resultados
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "pagado"
    assert [f.suffix for f in ficheros(settings.PAGOS_DIR)] == [".csv"]
    assert Asiento.objects.filter(origen=pago.id_publico).count() == 2


def test_programar_a_la_vez() -> None:
    """The consumer and the sweep meet: one payment."""
    suya = fabricas.aprobada()
    hechos = a_la_vez(
        [lambda: programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)] * 6
    )
    assert not [h for h in hechos if isinstance(h, Exception) and not isinstance(h, Conflicto)]
    assert Pago.objects.count() == 1


@pytest.mark.usefixtures("solo_lotes")
def test_anular_contra_enviar() -> None:
    """Dropped or sent, never both."""
    for _vez in range(5):
        pago = fabricas.pago()
        a_la_vez(
            [
                lambda p=pago: anular_pago(pago=p, actor=LUIS, motivo="m"),  # type: ignore[misc]
                lambda p=pago: ejecutar_pago(pago_pk=p.pk, actor=PRUEBAS),  # type: ignore[misc]
            ]
        )
        pago.refresh_from_db()
        suya = Comision.objects.get(items_pago__pago=pago)
        assert (pago.estado, suya.estado) in (("pagado", "pagada"), ("anulado", "aprobada"))
