"""The id of the request that is being answered: in its answer, in its errors and in the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from alpespartner.comun.identificadores import nuevo_uuid7

# What others' ids are made of; nothing that ends a line or means something in a log.
_SANO = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
_actual: ContextVar[str] = ContextVar("peticion", default="")


def id_de_peticion() -> str:
    """The id of the request of this thread, "" outside of any."""
    return _actual.get()


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
