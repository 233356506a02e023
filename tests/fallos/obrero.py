"""The product's Celery worker, which dies with ``kill -9`` at a chosen point of some payments."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from alpespartner.celery import app  # noqa: E402
from comisiones.pagos import envio, resolucion  # noqa: E402
from tests.fallos.banco_malo import PasarelaMala  # noqa: E402

__all__ = ["app"]

PUNTO = os.environ.get("ALPES_MUERE", "")
CADA = 4


def _morir() -> None:
    if random.SystemRandom().randrange(CADA) == 0:
        with Path(os.environ["ALPES_MUERTES"]).open("ab", buffering=0) as muertes:
            muertes.write(b"x")
        os.kill(os.getpid(), signal.SIGKILL)


def _despues(funcion: Callable[..., Any]) -> Callable[..., Any]:
    def envuelta(*args: Any, **kwargs: Any) -> Any:
        resultado = funcion(*args, **kwargs)
        _morir()
        return resultado

    return envuelta


def _antes(funcion: Callable[..., Any]) -> Callable[..., Any]:
    def envuelta(*args: Any, **kwargs: Any) -> Any:
        _morir()
        return funcion(*args, **kwargs)

    return envuelta


if PUNTO == "antes_del_intento":
    # Its rows are written and its transaction is not committed.
    envio._enviado = _despues(envio._enviado)  # type: ignore[assignment]
elif PUNTO == "tras_el_intento":
    PasarelaMala.enviar = _antes(PasarelaMala.enviar)  # type: ignore[method-assign]
elif PUNTO == "tras_aceptar":
    PasarelaMala.enviar = _despues(PasarelaMala.enviar)  # type: ignore[method-assign]
elif PUNTO == "antes_de_resolver":
    # Ledger, states and events are written and not committed.
    resolucion._pagado = _despues(resolucion._pagado)  # type: ignore[assignment]
