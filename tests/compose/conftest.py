"""One engine, one copy of the clone and one site for all these tests.

``ALPES_COMPOSE=1`` runs them; `make compose-test` sets it. ``ALPES_COMPOSE_CONSERVAR=1`` keeps the
engine's images for the next run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stack import config
from stack.errors import StackError
from tests.compose import imagenes
from tests.compose.motor import Motor
from tests.compose.sitio import Sitio
from tests.e2e.conftest import pagina, puerto_libre  # noqa: F401
from tests.stack.conftest import PROJECT

TIEMPOS: list[tuple[str, float]] = []


@contextmanager
def cronometro(que: str) -> Iterator[None]:
    """Note how long something took, for the table at the end."""
    inicio = time.monotonic()
    yield
    TIEMPOS.append((que, time.monotonic() - inicio))


@pytest.fixture(scope="session")
def motor() -> Iterator[Motor]:
    """An engine with the stand-ins; skips where none can be had."""
    if not os.environ.get("ALPES_COMPOSE"):
        pytest.skip("lo hace make compose-test")
    uno = Motor(PROJECT / ".stack" / "motor", config.current().cache)
    conservar = bool(os.environ.get("ALPES_COMPOSE_CONSERVAR"))
    try:
        with cronometro("motor"):
            uno.arrancar()
        with cronometro("sustitutos"):
            TIEMPOS.extend(imagenes.construir(uno).items())
    except StackError as error:
        uno.parar(conservar=conservar)
        pytest.skip(f"AVISO: aquí no se pudo tener un motor de contenedores: {error}")
    try:
        yield uno
    finally:
        uno.parar(conservar=conservar)
    assert uno.procesos() == []
    assert not [m for m in Path("/proc/self/mounts").read_text().split() if str(uno.carpeta) in m]


@pytest.fixture(scope="session")
def producto(motor: Motor) -> Iterator[Sitio]:
    """A fresh clone, with nothing but what is in the repository, and its site: not up yet."""
    clon = motor.carpeta / "clon"
    shutil.rmtree(clon, ignore_errors=True)
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    lista = subprocess.run(git, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for nombre in filter(None, lista.split("\0")):
        if (PROJECT / nombre).is_file():
            (clon / nombre).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / nombre, clon / nombre)
    sitio = Sitio(clon, puerto_libre(), motor)
    sitio.compose("down", "--volumes", "--remove-orphans", check=False, env=sitio.secretos_falsos)
    yield sitio
    perfiles = ("--profile", "demo", "--profile", "herramientas")
    sitio.compose(*perfiles, "down", "--volumes", "--timeout", "5", check=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What took how long."""
    if TIEMPOS:
        terminalreporter.section("docker compose")
        for que, segundos in TIEMPOS:
            terminalreporter.write_line(f"{que:<60}{segundos:7.1f} s")
