"""What each process counts of itself, for ``/metrics``.

Processes share a folder (``PROMETHEUS_MULTIPROC_DIR``, made by whoever starts them), in which each
writes without waiting for anybody, and whoever is asked adds them up.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from prometheus_client import Histogram

P = ParamSpec("P")
R = TypeVar("R")
_TRAMOS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

peticiones = Histogram(
    "alpes_peticiones_segundos",
    "Requests answered, by address as the site declares it, method and status.",
    ("vista", "metodo", "estado"),
    buckets=_TRAMOS,
)
servicios = Histogram(
    "alpes_servicios_segundos",
    "Calls of services, and whether they raised.",
    ("servicio", "resultado"),
    buckets=_TRAMOS,
)
tareas = Histogram(
    "alpes_tareas_segundos", "Tasks done, by name and outcome.", ("tarea", "resultado"),
    buckets=_TRAMOS,
)  # fmt: skip
lotes = Histogram(
    "alpes_lotes_segundos", "Batches of events that a consumer applied.", ("consumidor",),
    buckets=_TRAMOS,
)  # fmt: skip


@contextmanager
def _midiendo(nombre: str) -> Iterator[None]:
    empezo, resultado = time.perf_counter(), "error"
    try:
        yield
        resultado = "bien"
    finally:
        servicios.labels(nombre, resultado).observe(time.perf_counter() - empezo)


def medido(servicio: Callable[P, R]) -> Callable[P, R]:
    """A service whose calls are measured."""

    @functools.wraps(servicio)
    def con_medida(*args: P.args, **kwargs: P.kwargs) -> R:
        with _midiendo(servicio.__name__):
            return servicio(*args, **kwargs)

    return con_medida
