"""The thread that what is done now belongs to: the id of the request that began it.

It is in the request's answer, its errors and its log; the events that it tells carry it
(``correlacion``), and so do the tasks that it queues. Whoever handles those goes on with it, so
that one id finds a sale in every log, from its request to what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from alpespartner.comun.identificadores import nuevo_uuid7

# What others' ids are made of; nothing that ends a line or means something in a log.
_SANO = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
_actual: ContextVar[str] = ContextVar("peticion", default="")
# Of several at once: the thread of each, by what it is about.
_por_sujeto: ContextVar[Mapping[str, str] | None] = ContextVar("por_sujeto", default=None)
# What else the log says of what is done now: the task, the consumer, the event.
_ademas: ContextVar[Mapping[str, str] | None] = ContextVar("ademas", default=None)
# Header of a task, and attribute of an event.
HILO = "correlacion"


def id_de_peticion() -> str:
    """The id of the request that what is done now belongs to, "" when it is of none."""
    return _actual.get()


def correlacion(nombrados: Iterable[str]) -> str:
    """The thread of an event that names some objects: of several at once, that of the one which is
    about one of them; "" when it is of none."""
    varios = _por_sujeto.get()
    if varios:
        for nombrado in nombrados:
            if nombrado in varios:
                return varios[nombrado]
    return _actual.get()


def ademas() -> Mapping[str, str]:
    """What the log says of what is done now, besides its thread."""
    return _ademas.get() or {}


@contextmanager
def peticion(dicho: str) -> Iterator[str]:
    """While a request is answered: the id that its caller gave it or, unless that is a sane one,
    one of ours."""
    uno = dicho if _SANO.fullmatch(dicho) else nuevo_uuid7()
    ficha = _actual.set(uno)
    try:
        yield uno
    finally:
        _actual.reset(ficha)


@contextmanager
def siguiendo(hilos: Mapping[str, str], **dicho: str) -> Iterator[None]:
    """While something is handled that others began: the thread of each object (``hilos``), which is
    everything's when there is only one; and what the log says of it."""
    distintos = set(hilos.values())
    fichas: list[tuple[ContextVar[Any], Any]] = [
        (_actual, _actual.set(distintos.pop() if len(distintos) == 1 else "")),
        (_por_sujeto, _por_sujeto.set(hilos)),
        (_ademas, _ademas.set({**ademas(), **dicho})),
    ]
    try:
        yield
    finally:
        for variable, ficha in fichas:
            variable.reset(ficha)
