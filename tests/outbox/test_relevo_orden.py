"""The relay after something failed: order, tries and connections."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from outbox import entrega as mecanismo
from outbox.entrega import entregar
from outbox.models import EntregaPendiente
from outbox.transportes import embebido
from tests.outbox.probeta import Probeta, emitir


@pytest.mark.django_db
def test_lo_reintentado_va_antes_que_lo_posterior(probeta: Probeta) -> None:
    """One at a time: the one that failed waits, those behind it wait with it, and it goes first."""
    probeta.venenos = {"primero"}
    for sujeto, nombre in (("af_1", "primero"), ("af_1", "segundo"), ("af_2", "ajeno")):
        emitir(sujeto, nombre)
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        assert entregar(probeta.consumidor, limite=1) == 0
        probeta.venenos = set()
        assert entregar(probeta.consumidor, limite=1) == 1
        assert probeta.efectos() == ["ajeno"]
        assert entregar(probeta.consumidor, limite=1) == 0, "its pause is not over"
        reloj.shift(timedelta(seconds=1))
        emitir("af_3", "nuevo")
        hechos = []
        while entregar(probeta.consumidor, limite=1):
            hechos.append(probeta.efectos()[-1])
    assert hechos == ["primero", "segundo", "nuevo"]


@pytest.mark.django_db
@pytest.mark.parametrize("falla_en", [0, 1])
def test_base_ocupada_una_a_una(
    probeta: Probeta, monkeypatch: pytest.MonkeyPatch, falla_en: int
) -> None:
    """After the batch failed by an event, the database is busy at the first or at the second of
    two: no try is spent, what was done stays done, and the caller knows."""
    emitir("af_1", "uno")
    emitir("af_2", "dos")
    original, vueltas = mecanismo.procesar, iter(range(-1, 9))

    def a_ratos(consumidor: Any, sobres: Any) -> int:
        vuelta = next(vueltas)
        if vuelta == -1:
            raise RuntimeError("la tanda")
        if vuelta == falla_en:
            raise OperationalError("database is locked")
        return original(consumidor, sobres)

    monkeypatch.setattr(mecanismo, "procesar", a_ratos)
    with pytest.raises(OperationalError):
        entregar(probeta.consumidor)
    assert probeta.efectos() == ["uno", "dos"][:falla_en]
    quedan = EntregaPendiente.objects.all()
    assert [e.intentos for e in quedan] == [0] * (2 - falla_en)
    assert all(e.no_antes_de is None for e in quedan)
    assert entregar(probeta.consumidor) == 2 - falla_en
    assert probeta.efectos() == ["uno", "dos"]


@pytest.mark.django_db(transaction=True)
def test_una_conexion_muerta_no_se_guarda(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database went away and came back: the relay asks with a new connection, and goes on."""
    usadas: list[Any] = []
    esperas: list[float | None] = []

    class Parar(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            esperas.append(timeout)
            return self.is_set()

    parar = Parar()

    def entregar_a_medias(_consumidor: Any) -> int:
        connection.ensure_connection()
        usadas.append(connection.connection)
        if len(usadas) == 1:
            # As after its CONN_MAX_AGE, or once a query said that the server is gone.
            connection.close_at = 0
            raise DatabaseError("gone")
        parar.set()
        return 0

    monkeypatch.setattr(embebido, "entregar", entregar_a_medias)
    embebido.atender(mecanismo.Consumidor("x", frozenset(), lambda _s: None), parar)
    assert len(usadas) == 2
    assert usadas[0] is not usadas[1]
    assert esperas[0] == 1, "it does not ask a database that is down again and again"
