"""Settings of the stack, all from the environment, and the paths that follow from them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError

# In dependency order: a part starts after those before it that it needs, and stops before them.
PARTS = ("mysql", "redis", "pulsar", "debezium")
# The Django project's own processes, started only when asked for: they need its migrations.
APP = (
    "web",
    "pruebas",
    "worker",
    "worker-webhooks",
    "beat",
    "consumidor-comisiones",
    "consumidor-contadores",
    "consumidor-metricas",
    "consumidor-notificaciones",
    "consumidor-webhooks",
    "consumidor-auditoria",
    "consumidor-confirmacion",
)

# Away from each server's usual port and below Linux's ephemeral range (32768 and up), so that
# neither a system service nor an outgoing connection is sitting on them.
DEFAULT_PORTS = {
    "mysql": 13306,
    "redis": 16379,
    "pulsar": 16650,
    "pulsar_admin": 18080,
    "bookie": 13181,
    "debezium": 18083,
    "web": 18000,
    "pruebas": 18100,
}
PORTS_OF_PART = {
    "mysql": ("mysql",),
    "redis": ("redis",),
    "pulsar": ("pulsar", "pulsar_admin", "bookie"),
    "debezium": ("debezium",),
    # It sends test keys there, and so knows where before it is up.
    "web": ("web", "pruebas"),
    "pruebas": ("pruebas",),
}


@dataclass(frozen=True)
class Config:
    project: Path
    home: Path
    cache: Path
    mysql_sync: int
    pulsar_sync: bool
    java: str
    timeout: float
    fixed_ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def connectors(self) -> Path:
        return self.project / "connectors"

    @property
    def state_file(self) -> Path:
        return self.home / "estado.json"

    @property
    def secrets_file(self) -> Path:
        return self.home / "secretos.json"

    @property
    def specs_file(self) -> Path:
        """What should be running, written by `up` and `down`, read by the supervisor."""
        return self.run / "partes.json"


def load(environ: Mapping[str, str], project: Path) -> Config:
    """Raises StackError when a value cannot be used."""
    home = Path(environ.get("ALPES_STACK_HOME") or project / ".stack").expanduser().resolve()
    cache = Path(environ.get("ALPES_STACK_CACHE") or "~/.cache/alpespartner").expanduser().resolve()
    for path in (home, cache):
        # Pulsar's launcher expands its options unquoted.
        if any(character.isspace() for character in str(path)):
            raise StackError(f"La ruta {path} lleva espacios: elija otra sin ellos.")
    fixed = {
        name: _number(environ, f"ALPES_STACK_PUERTO_{name.upper()}", 1, 65535)
        for name in DEFAULT_PORTS
        if environ.get(f"ALPES_STACK_PUERTO_{name.upper()}")
    }
    if len(set(fixed.values())) != len(fixed):
        raise StackError("Dos variables ALPES_STACK_PUERTO_* dan el mismo puerto: cambie una.")
    return Config(
        project=project,
        home=home,
        cache=cache,
        mysql_sync=_number(environ, "ALPES_STACK_MYSQL_SYNC", 0, 1, default=1),
        pulsar_sync=bool(_number(environ, "ALPES_STACK_PULSAR_SYNC", 0, 1, default=1)),
        java=environ.get("ALPES_STACK_JAVA", "").strip(),
        timeout=_number(environ, "ALPES_STACK_ESPERA", 5, 3600, default=180),
        fixed_ports=fixed,
    )


def current() -> Config:
    return load(os.environ, Path(__file__).resolve().parent.parent)


def _number(
    environ: Mapping[str, str], name: str, low: int, high: int, *, default: int | None = None
) -> int:
    text = environ.get(name, "").strip()
    if not text and default is not None:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise StackError(f"{name}={text!r} no vale: ponga un entero de {low} a {high}.")
    return int(text)
