"""The feed while others write: nothing missing and nothing twice, on connections of their own."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from outbox.flujo import services
from outbox.flujo.selectors import Tanda, final, leer
from outbox.flujo.services import avanzar
from outbox.models import MarcaDelFlujo, OutboxEvent
from tests.fabricas import a_la_vez
from tests.outbox.probeta import emitir

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("probeta")]
solo_mysql = pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="SQLite has one writer: a transaction cannot commit after a later one began to write",
)


def desde(posicion: int) -> list[str]:
    return motivos(leer(posicion, 100))


def motivos(tanda: Tanda) -> list[str]:
    return [texto.split('"motivo":"', 1)[1].split('"', 1)[0] for texto in tanda.textos]


@solo_mysql
@pytest.mark.parametrize("confirma", [True, False])
def test_la_que_empezo_antes_acaba_despues(al_dia: Callable[[], None], confirma: bool) -> None:
    """What has a higher number waits for it, however long: then both come in their order, or, when
    it was undone, the one that there is."""
    al_dia()
    inicio = final()
    escrito, seguir = threading.Event(), threading.Event()

    def lenta() -> None:
        with transaction.atomic():
            emitir("af_1", "tarde")
            escrito.set()
            seguir.wait(30)
            transaction.set_rollback(not confirma)

    def lector() -> tuple[list[str], list[str]]:
        escrito.wait(30)
        try:
            emitir("af_2", "pronto")
            antes = desde(inicio)
            # As if it had been missing for long: it is locked.
            al_dia()
            return antes, desde(inicio)
        finally:
            seguir.set()

    assert a_la_vez([lenta, lector])[1] == ([], [])
    if not confirma:
        # Missing, and of nobody: not at once.
        avanzar()
        assert desde(inicio) == []
        al_dia()
    assert desde(inicio) == (["tarde", "pronto"] if confirma else ["pronto"])


@solo_mysql
def test_un_numero_sin_fila_espera_su_tiempo(
    al_dia: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number may be taken before its row is inserted: no lock says so yet."""
    al_dia()
    inicio = final()
    monkeypatch.setattr(services, "ESPERA", timedelta(seconds=0.4))
    primera = emitir("af_1", "a")
    OutboxEvent(
        posicion=primera.posicion + 2, evento_id="x", aggregatetype="afiliados",
        aggregateid="af_1", type="AfiliadoSuspendido", aggregate_version=1,
        payload='{"motivo":"c"}',
    ).save(force_insert=True)  # fmt: skip
    antes = time.monotonic()
    while desde(inicio) != ["a", "c"]:
        assert desde(inicio) == ["a"]
        avanzar()
        time.sleep(0.05)
        assert time.monotonic() - antes < 20
    assert time.monotonic() - antes >= 0.4


@solo_mysql
def test_un_reloj_que_vuelve_atras_no_lo_para(
    al_dia: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    al_dia()
    inicio = final()
    monkeypatch.setattr(services, "ESPERA", timedelta(seconds=0.2))
    emitir("af_1", "a")
    with transaction.atomic():
        emitir("af_1", "deshecho")
        transaction.set_rollback(True)
    emitir("af_1", "b")
    MarcaDelFlujo.objects.update(vista=10**12, vista_en=services._reloj() + timedelta(hours=5))
    avanzar()
    # What the clock of before noted says nothing of now.
    assert desde(inicio) == ["a"]
    limite = time.monotonic() + 20
    while desde(inicio) != ["a", "b"]:
        avanzar()
        time.sleep(0.05)
        assert time.monotonic() < limite


MUERE = """
import sys, time, MySQLdb
anfitrion, puerto, usuario, clave, base = sys.argv[1:]
base = MySQLdb.connect(host=anfitrion, port=int(puerto), user=usuario, passwd=clave, db=base)
base.cursor().execute(
    "INSERT INTO outbox_event"
    " (id, aggregatetype, aggregateid, type, aggregate_version, payload, created_at)"
    " VALUES ('muere', 'a', 'a', 'AfiliadoSuspendido', 1, '{}', now(6))"
)
print("hecho", flush=True)
time.sleep(60)
"""


@solo_mysql
def test_quien_muere_a_la_mitad_no_lo_para(al_dia: Callable[[], None]) -> None:
    """``kill -9`` of a process that had a number."""
    al_dia()
    inicio = final()
    datos = connection.settings_dict
    argumentos = [str(datos[n]) for n in ("HOST", "PORT", "USER", "PASSWORD", "NAME")]
    with subprocess.Popen(
        [sys.executable, "-c", MUERE, *argumentos], stdout=subprocess.PIPE, text=True
    ) as muere:
        assert muere.stdout is not None
        assert muere.stdout.readline() == "hecho\n"
        emitir("af_1", "sigue")
        al_dia()
        assert desde(inicio) == []
        muere.send_signal(signal.SIGKILL)
    limite = time.monotonic() + 20
    while desde(inicio) != ["sigue"]:
        al_dia()
        assert time.monotonic() < limite
    assert not OutboxEvent.objects.filter(evento_id="muere").exists()


@pytest.mark.lento
def test_quien_sigue_el_flujo_lo_tiene_todo(
    al_dia: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four write, commit late or undo what they did, while one follows: in the end it has what was
    committed, each once, and of each object in its order."""
    al_dia()
    inicio = final()
    monkeypatch.setattr(services, "ESPERA", timedelta(seconds=0.05))
    parar = threading.Event()

    def escribir(quien: int) -> None:
        azar = random.Random(quien)
        for n in range(25):
            with transaction.atomic():
                emitir(f"af_{quien}", f"{quien}.{n}")
                time.sleep(azar.choice((0, 0, 0.01)))
                transaction.set_rollback(n % 5 == 4)

    def escribir_todos() -> list[Any]:
        try:
            return a_la_vez([lambda q=q: escribir(q) for q in range(4)])  # type: ignore[misc]
        finally:
            parar.set()

    def seguir() -> list[str]:
        leidos: list[str] = []
        posicion, limite = inicio, time.monotonic() + 60
        while True:
            acabado = parar.is_set()
            avanzar()
            tanda = leer(posicion, 7)
            leidos += motivos(tanda)
            posicion = tanda.hasta
            hechos = OutboxEvent.objects.filter(posicion__gt=inicio).count() if acabado else -1
            if len(leidos) == hechos or time.monotonic() > limite:
                return leidos

    escrito, leidos = a_la_vez([escribir_todos, seguir])
    assert escrito == [None] * 4
    assert len(leidos) == len(set(leidos)) == 80
    for quien in range(4):
        suyos = [e for e in leidos if e.startswith(f"{quien}.")]
        assert suyos == [f"{quien}.{n}" for n in range(25) if n % 5 != 4]
