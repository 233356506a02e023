"""Settings of gunicorn for the sandbox: one process does it all, since little is tried at once and
what nobody tries should cost little."""

from typing import Any

from alpespartner.gunicorn import (
    control_socket_disable,
    graceful_timeout,
    loglevel,
    on_exit,
    timeout,
    when_ready,
    worker_class,
    worker_tmp_dir,
    wsgi_app,
)

__all__ = [
    "control_socket_disable", "graceful_timeout", "loglevel", "on_exit", "timeout",
    "when_ready", "worker_class", "worker_tmp_dir", "wsgi_app",
]  # fmt: skip

# It answers nobody until it can.
preload_app = True
workers = 1
threads = 4
# Only the live site asks, once with each connection.
keepalive = 0


def post_worker_init(worker: Any) -> None:
    """Here: the site is loaded, and this is the process that answers."""
    from alpespartner.operacion.trabajador import Trabajador

    worker.de_pruebas = Trabajador()
    worker.de_pruebas.empezar()


def worker_exit(_server: Any, worker: Any) -> None:
    """What it has in hand is finished first."""
    trabajador = getattr(worker, "de_pruebas", None)
    if trabajador is not None:
        trabajador.acabar()
