"""Several relays and several writers, each on a real connection of its own."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from outbox.models import EntregaPendiente, EventoAparcado, EventoProcesado, OutboxEvent
from outbox.transportes.embebido import atender, drenar
from tests import fabricas
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db(transaction=True)


def test_dos_relevos(probeta: Probeta) -> None:
    """Two process groups on one database: each effect once, none lost."""
    for n in range(300):
        emitir(f"af_{n % 10}", f"e{n}")
    hechas = fabricas.a_la_vez([lambda: drenar([probeta.consumidor])] * 3)
    assert all(isinstance(h, int) for h in hechas), hechas
    assert sorted(probeta.efectos()) == sorted(f"e{n}" for n in range(300))
    assert EventoProcesado.objects.count() == 300
    assert not EntregaPendiente.objects.exists()
    assert not EventoAparcado.objects.exists()


def test_relevo_mientras_se_escribe(probeta: Probeta) -> None:
    """Writers commit, and roll back, in any order while two relays read: what was committed is
    handled once and in its aggregate's order; what was not is never seen."""
    parar = threading.Event()

    def escribir(quien: int) -> None:
        for n in range(40):
            with transaction.atomic():
                emitir(f"af_{quien}", f"{quien}.{n}")
                if n % 4 == 3:
                    transaction.set_rollback(True)

    def relevar() -> None:
        atender(probeta.consumidor, parar)

    def escribir_y_parar() -> list[Any]:
        try:
            return fabricas.a_la_vez([lambda q=q: escribir(q) for q in range(4)])  # type: ignore[misc]
        finally:
            parar.set()

    resultados = fabricas.a_la_vez([relevar, relevar, escribir_y_parar])
    assert resultados == [None, None, [None] * 4]
    drenar([probeta.consumidor])
    efectos = probeta.efectos()
    for quien in range(4):
        suyos = [e for e in efectos if e.startswith(f"{quien}.")]
        assert suyos == [f"{quien}.{n}" for n in range(40) if n % 4 != 3]
    assert len(efectos) == OutboxEvent.objects.count() == 120


def test_una_confirmacion_tardia_no_se_salta(probeta: Probeta) -> None:
    """A row with a lower position that becomes visible after later ones were handled: a relay
    that remembered "the last position" would skip it. (Here the row is taken away and put back
    with its key, which is what a late commit looks like from outside.)"""
    emitir("af_1", "tarde")
    emitir("af_2", "pronto")
    tarde = EntregaPendiente.objects.earliest("pk")
    EntregaPendiente.objects.filter(pk=tarde.pk).delete()
    assert drenar() == 1
    assert probeta.efectos() == ["pronto"]
    tarde.save(force_insert=True)
    assert drenar() == 1
    assert probeta.efectos() == ["pronto", "tarde"]


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="SQLite has one writer: a transaction cannot commit after a later one began to write",
)
def test_confirmacion_tardia_con_dos_transacciones(probeta: Probeta) -> None:
    """The same with two open transactions, on a database that has them."""
    escrito, seguir = threading.Event(), threading.Event()

    def lenta() -> None:
        with transaction.atomic():
            emitir("af_1", "tarde")
            escrito.set()
            seguir.wait(30)

    def relevo() -> list[str]:
        escrito.wait(30)
        try:
            emitir("af_2", "pronto")
            drenar()
            return probeta.efectos()
        finally:
            seguir.set()

    assert fabricas.a_la_vez([lenta, relevo])[1] == ["pronto"]
    drenar()
    assert probeta.efectos() == ["pronto", "tarde"]


def test_procesar_el_mismo_evento_a_la_vez(probeta: Probeta) -> None:
    """Two transports at once (a stream beside the relay): the inbox lets one effect through."""
    from outbox.consumo import procesar
    from outbox.entrega import sobre_de

    emitir("af_1", "e")
    sobre = sobre_de(EntregaPendiente.objects.get())
    fabricas.a_la_vez([lambda: procesar(probeta.consumidor, [sobre])] * 6)
    assert probeta.efectos() == ["e"]
