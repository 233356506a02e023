"""The Django project's own processes on this stack, under the same supervisor.

The commands are those of docker-compose.yml; a test compares them. They run with the interpreter
that runs this package, so with whatever is installed in it.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack.config import Config
from stack.parts import admin_url, spec
from stack.ports import LOOPBACK

CONSUMERS = (
    "comisiones", "contadores", "metricas", "notificaciones", "webhooks", "auditoria",
    "confirmacion",
)  # fmt: skip
MODULES = {
    # gunicorn's control socket is one per user: a second site would take it over.
    "web": [
        "gunicorn",
        "alpespartner.wsgi:application",
        "--workers=2",
        "--threads=4",
        "--no-control-socket",
    ],
    "worker": ["celery", "--app=alpespartner", "worker", "--loglevel=INFO", "--concurrency=2"],
    # It waits for other people's servers: what waits for it is nobody's money.
    "worker-webhooks": [
        "celery",
        "--app=alpespartner",
        "worker",
        "--loglevel=INFO",
        "--concurrency=2",
        "--queues=webhooks",
        "--hostname=webhooks@%h",
    ],
    "beat": ["celery", "--app=alpespartner", "beat"],
}


def environment(
    config: Config, ports: Mapping[str, int], secrets: Mapping[str, str]
) -> dict[str, str]:
    """What the project needs to run on the parts that have a port, whoever starts it."""
    env = {
        "SECRET_KEY": secrets["django"],
        # Plain HTTP, on loopback only.
        "ALPES_HTTPS": "false",
        # Apart from the embedded default's files.
        "ALPES_DATOS": str(config.home / "datos"),
    }
    if "mysql" in ports:
        user = f"alpes:{secrets['mysql_alpes']}"
        env["ALPES_DATABASE_URL"] = f"mysql://{user}@{LOOPBACK}:{ports['mysql']}/alpes"
    if "redis" in ports:
        env["ALPES_REDIS_URL"] = f"redis://:{secrets['redis']}@{LOOPBACK}:{ports['redis']}/0"
    if "pruebas" in ports:
        env["ALPES_PRUEBAS_URL"] = f"http://{LOOPBACK}:{ports['pruebas']}"
    if "pulsar" in ports:
        env["ALPES_PULSAR_URL"] = f"pulsar://{LOOPBACK}:{ports['pulsar']}"
        env["ALPES_PULSAR_ADMIN_URL"] = admin_url(ports)
        env["ALPES_EVENTOS_TRANSPORTE"] = "pulsar"
    return env


def build(
    config: Config, name: str, ports: Mapping[str, int], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """The spec of one of the project's processes; CONSUMERS are named `consumidor-…`."""
    data = config.home / "datos"
    data.mkdir(parents=True, exist_ok=True)
    given = {
        key: value
        for key, value in os.environ.items()
        if key.startswith("ALPES_") and not key.startswith("ALPES_STACK_")
    }
    counted = config.home / "medidas"
    counted.mkdir(mode=0o700, exist_ok=True)
    if name == "web":
        _forget_the_gone(counted)
    settings: dict[str, Any] = {
        "cwd": config.project,
        "env": {
            **given,
            **environment(config, ports, secrets),
            "PYTHONUNBUFFERED": "1",
            # Where all of them count, for `/metrics`.
            "PROMETHEUS_MULTIPROC_DIR": str(counted),
        },
        "puerto": 0,
        "salud": {"tipo": "proceso", "segundos": 5},
        "despues": ("mysql", "redis", "pulsar"),
    }
    if name in MODULES:
        argv = [sys.executable, "-m", *MODULES[name]]
    elif name == "pruebas":
        argv = [sys.executable, "manage.py", "servir_pruebas"]
    else:
        argv = [sys.executable, "manage.py", "consumir", name.removeprefix("consumidor-")]
    if name in ("web", "pruebas"):
        port = ports[name]
        argv.append(f"--bind={LOOPBACK}:{port}")
        url = f"http://{LOOPBACK}:{port}/health/ready"
        settings |= {"puerto": port, "salud": {"tipo": "http", "url": url}}
        if name == "pruebas":
            settings["despues"] = ()
    elif name.startswith("worker"):
        # A task in hand is finished first.
        settings["parada"] = 120
    elif name == "beat":
        argv.append(f"--schedule={data / 'celerybeat-schedule'}")
    return spec(argv, **settings)


def _forget_the_gone(counted: Path) -> None:
    """Delete what processes counted that are no more."""
    for file in counted.glob("*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            file.unlink(missing_ok=True)
