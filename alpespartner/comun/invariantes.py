"""The invariants of the programme: each app says its own, and ``verificar`` runs them all.

An app's ``invariantes.py`` has ``COMPROBACIONES``. Each yields the rows that break it. Reading them
changes nothing, and they hold at any moment, also right after a crash: what is only late is a
warning, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from alpespartner.comun.db.filas import filas_imposibles

# Older than this, a pending delivery or an unresolved payment is worth a warning.
TARDE = timedelta(minutes=5)
# SQLite adds in binary: sums of exact amounts come back off by less than this.
PELO = Decimal("0.00005")


@dataclass(frozen=True, slots=True)
class Comprobacion:
    """A check: what it says and the rows that break it.

    A warning (``aviso``) does not fail. One that takes long is made only ``a_peticion``.
    """

    nombre: str
    filas: Callable[[], Iterator[str]]
    aviso: bool = False
    a_peticion: bool = False


def comprobaciones() -> list[Comprobacion]:
    """Those of every app, the highest first, and warnings after everything else."""
    todas: list[Comprobacion] = []
    propias = []
    for config in reversed(list(apps.get_app_configs())):
        modulo = f"{config.name}.invariantes"
        if find_spec(modulo) is None:
            continue
        propias.append(config.label)
        if config.name != "alpespartner.comun":
            todas += import_module(modulo).COMPROBACIONES
    todas.append(
        Comprobacion("Cada columna tiene un valor de los suyos", lambda: filas_imposibles(propias))
    )
    return sorted(todas, key=lambda comprobacion: comprobacion.aviso)
