"""Pytest plugin of the mutants: how long each test takes, and the given order kept.

``MUTAR_TIEMPOS``: where to write the seconds of each test. ``MUTAR_ORDEN``: a file with one node
id a line; only those run, in that order.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

_segundos: dict[str, float] = defaultdict(float)
_fallidos: set[str] = set()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """That an example fails is enough: nobody looks for the smallest one."""
    settings.register_profile("mutantes", settings(), phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutantes")


def pytest_runtest_logreport(report: Any) -> None:
    """Setup and teardown count: who runs one test pays for them too."""
    _segundos[report.nodeid] += report.duration
    if report.failed:
        _fallidos.add(report.nodeid)


def pytest_sessionfinish(session: Any) -> None:
    """Of the process that commands the others, when there are several."""
    destino = os.environ.get("MUTAR_TIEMPOS")
    if destino and not hasattr(session.config, "workerinput"):
        # One that fails on the code as it is would kill every mutant.
        sanas = {t: s for t, s in _segundos.items() if t not in _fallidos}
        Path(destino).write_text(json.dumps(sanas))


def vacia_las_tablas(item: Any) -> bool:
    """Whether a test ends by emptying every table: those that undo theirs go before."""
    marca = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or (
        marca is not None and bool(marca.kwargs.get("transaction"))
    )


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Fastest first, whatever file each is in."""
    fichero = os.environ.get("MUTAR_ORDEN")
    if not fichero:
        return
    orden = {linea: i for i, linea in enumerate(Path(fichero).read_text().splitlines())}
    fuera = [item for item in items if item.nodeid not in orden]
    items[:] = sorted(
        (item for item in items if item.nodeid in orden),
        key=lambda item: (vacia_las_tablas(item), orden[item.nodeid]),
    )
    config.hook.pytest_deselected(items=fuera)
