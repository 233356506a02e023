"""Settings of gunicorn, used by every way of serving the site."""

import gc
import os
import shutil
import tempfile
from typing import Any

# On memory: writing beyond the end of a full disk through a map kills the process.
_EN_MEMORIA = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Where the workers count, for `/metrics`. Whoever starts other processes too gives one to all.
_PROPIA = ""
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _PROPIA = tempfile.mkdtemp(prefix="alpes-medidas-", dir=_EN_MEMORIA)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _PROPIA

wsgi_app = "alpespartner.wsgi"
# Loaded once and shared by the workers.
preload_app = True
# Few threads each: whoever holds SQLite's write turn must not wait for the interpreter's lock too.
workers = int(os.environ.get("ALPES_WEB_PROCESOS", "4"))
threads = int(os.environ.get("ALPES_WEB_HILOS", "2"))
worker_class = "gthread"
worker_tmp_dir = _EN_MEMORIA
timeout = 60
graceful_timeout = 10
keepalive = 15
# One per user of the machine: a second site would take it over.
control_socket_disable = True
loglevel = os.environ.get("ALPES_WEB_LOG", "warning")


def when_ready(_server: Any) -> None:
    """Before any worker is forked: what the site is made of is no garbage. Nobody looks for some
    among it again, in the middle of a request, nor copies its pages to do so."""
    gc.collect()
    gc.freeze()


def on_exit(server: Any) -> None:
    """What the workers counted goes with them."""
    if _PROPIA:
        shutil.rmtree(_PROPIA, ignore_errors=True)
