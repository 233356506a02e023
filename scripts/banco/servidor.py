"""The site's own server for a benchmark."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from banco import carga, informe


@contextmanager
def gunicorn(puerto: int) -> Iterator[None]:
    """The stack's own web command, with the settings and addresses of this process."""
    from stack.app import MODULES

    servidor = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", *MODULES["web"], f"--bind=127.0.0.1:{puerto}"],
        cwd=informe.RAIZ,
        env={
            **os.environ,
            "PYTHONPATH": str(informe.RAIZ / "scripts"),
            "ALPES_WEB_PROCESOS": "2",
            "ALPES_WEB_HILOS": "4",
        },
    )
    try:
        carga.esperar_http(puerto, "/health/live")
        yield
    finally:
        servidor.send_signal(signal.SIGTERM)
        servidor.wait(30)
