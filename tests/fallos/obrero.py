"""The product's Celery worker, which dies with ``kill -9`` at a chosen point of some payments."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402

from alpespartner.celery import app  # noqa: E402
from comisiones.pagos.pago import resolucion, salida  # noqa: E402
from comisiones.pagos.pasarelas import stripe  # noqa: E402
from tests.comisiones.pagos.pasarelas.stripe_malo import ESPERA  # noqa: E402
from tests.fallos.banco_malo import PasarelaMala  # noqa: E402

__all__ = ["app"]

PUNTO = os.environ.get("ALPES_MUERE", "")
PASARELAS: tuple[Any, ...] = (PasarelaMala, stripe.PasarelaStripe)
# Of those that leave together, any may be the one: a batch of 60 still ends.
CADA = 6
# Settings were read before there was this test's provider.
settings.STRIPE_URL = os.environ.get("ALPES_STRIPE_URL", settings.STRIPE_URL)
# Nobody waits as long as with the real one.
stripe.ESPERA = (ESPERA, ESPERA)  # type: ignore[assignment]


def _morir() -> None:
    if random.SystemRandom().randrange(CADA) == 0:
        with Path(os.environ["ALPES_MUERTES"]).open("ab", buffering=0) as muertes:
            muertes.write(b"x")
        os.kill(os.getpid(), signal.SIGKILL)


def _despues(funcion: Callable[..., Any]) -> Callable[..., Any]:
    def envuelta(*args: Any, **kwargs: Any) -> Any:
        resultado = funcion(*args, **kwargs)
        for _pago in args[0] if isinstance(args[0], Mapping) else (1,):
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
    salida._enviado = _despues(salida._enviado)  # type: ignore[assignment]
elif PUNTO == "tras_el_intento":
    for pasarela in PASARELAS:
        pasarela.enviar = _antes(pasarela.enviar)
elif PUNTO == "tras_aceptar":
    for pasarela in PASARELAS:
        pasarela.enviar = _despues(pasarela.enviar)
elif PUNTO == "antes_de_resolver":
    # Ledger, states and events are written and not committed.
    resolucion._pagados = _despues(resolucion._pagados)  # type: ignore[assignment]
