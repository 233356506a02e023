"""A full disk is no event's fault: it costs no try, nothing is parked, and nobody stops looking."""

from __future__ import annotations

import errno
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import InternalError, OperationalError

from outbox.consumo import Sobre
from outbox.entrega import entregar
from outbox.models import EntregaPendiente, EventoAparcado
from outbox.transportes.embebido import atender
from outbox.transportes.pulsar import suscripcion
from outbox.transportes.pulsar.suscripcion import Consumo
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db(transaction=True)
SIN_SITIO = [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EROFS, "Read-only file system"),
    # MySQL's code for a failed write is of the errors that the driver calls internal.
    InternalError(3, "Error writing file"),
    OperationalError(1021, "Disk full"),
]


@pytest.fixture(params=SIN_SITIO, ids=lambda exc: f"{type(exc).__name__} {exc.args[0]}")
def lleno(request: Any, probeta: Probeta, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The consumer finds no room until the list is empty."""
    faltan = [1] * 12
    manejar = probeta.consumidor.manejar

    def sin_sitio(sobres: Sequence[Sobre]) -> None:
        if faltan:
            faltan.pop()
            raise request.param
        manejar(sobres)

    object.__setattr__(probeta.consumidor, "manejar", sin_sitio)
    return faltan


def test_espera_y_no_se_aparca(probeta: Probeta, lleno: list[int]) -> None:
    emitir("af_1", "uno")
    emitir("af_2", "dos")
    while lleno:
        with pytest.raises((OSError, InternalError, OperationalError)):
            entregar(probeta.consumidor)
    assert not EventoAparcado.objects.exists()
    assert set(EntregaPendiente.objects.values_list("intentos", flat=True)) == {0}
    assert entregar(probeta.consumidor) == 2
    assert probeta.efectos() == ["uno", "dos"]


def test_el_relevo_sigue_mirando(
    probeta: Probeta, lleno: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread does not die of it."""
    del lleno[2:]
    emitir("af_1", "uno")
    parar = threading.Event()
    esperas: list[float] = []

    def esperar(segundos: float) -> bool:
        esperas.append(segundos)
        if probeta.efectos():
            parar.set()
        return parar.is_set()

    monkeypatch.setattr(parar, "wait", esperar)
    atender(probeta.consumidor, parar)
    assert probeta.efectos() == ["uno"]
    assert esperas[:2] == [1, 1]


def test_por_pulsar_tampoco(probeta: Probeta, lleno: list[int], settings: Any) -> None:
    """The batch is not acknowledged, so it comes again."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    textos = [emitir("af_1", "uno").payload, emitir("af_1", "dos").payload]
    consumo = Consumo(probeta.consumidor, threading.Event())
    while lleno:
        with pytest.raises((OSError, InternalError, OperationalError)):
            consumo.manejar(textos)
    assert not EventoAparcado.objects.exists()
    assert not EntregaPendiente.objects.exists()
    consumo.manejar(textos)
    assert probeta.efectos() == ["uno", "dos"]


@pytest.mark.parametrize("error", [OperationalError(2006, "gone away"), OSError(errno.EIO, "x")])
def test_el_del_flujo_suelta_su_conexion(
    probeta: Probeta, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """What waits is looked at again later, on a connection that works."""
    sueltas: list[int] = []
    respuestas: list[Any] = [error, 0, 2, 0]

    def una(_consumidor: Any) -> int:
        respuesta = respuestas.pop(0)
        if isinstance(respuesta, Exception):
            raise respuesta
        return int(respuesta)

    monkeypatch.setattr(suscripcion, "entregar", una)
    monkeypatch.setattr(suscripcion, "close_old_connections", lambda: sueltas.append(1))
    consumo = Consumo.__new__(Consumo)
    consumo._consumidor = probeta.consumidor
    for quedan in (3, 2, 0):
        consumo._atender_pendientes()
        assert (len(respuestas), sueltas) == (quedan, [1])
