"""Settings of gunicorn, used by every way of serving the site."""

import os

wsgi_app = "alpespartner.wsgi"
# Loaded once and shared by the workers.
preload_app = True
# Few threads each: whoever holds SQLite's write turn must not wait for the interpreter's lock too.
workers = int(os.environ.get("ALPES_WEB_PROCESOS", "4"))
threads = int(os.environ.get("ALPES_WEB_HILOS", "2"))
worker_class = "gthread"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
timeout = 60
graceful_timeout = 10
keepalive = 15
# One per user of the machine: a second site would take it over.
control_socket_disable = True
loglevel = os.environ.get("ALPES_WEB_LOG", "warning")
