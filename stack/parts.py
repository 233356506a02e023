"""What each part is: its files under .stack/, its command line and how its health is asked.

Each function lays out the files (idempotent, never touching data) and returns a spec for the
supervisor. The shared configuration is in connectors/: only addresses, ports, paths and passwords
are added here.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack import download, files
from stack.config import Config
from stack.errors import StackError
from stack.health import http_status
from stack.ports import LOOPBACK
from stack.render import render

# Debezium's own heartbeat, which keeps its place moving while the outbox is quiet. Pulsar creates
# no topic by itself here, so this one is made before Debezium starts.
HEARTBEAT_TOPIC = "__debezium-heartbeat.alpes-mysql"

# The distribution's default collector touches its whole heap at start and shows it several times
# in RSS; this one fits a laptop.
PULSAR_ENV = {
    "PULSAR_MEM": "-Xms256m -Xmx768m -XX:MaxDirectMemorySize=768m",
    "PULSAR_GC": "-XX:+UseG1GC -XX:MaxGCPauseMillis=20",
    "PULSAR_GC_LOG": "-Xlog:disable -Xlog:all=warning:stderr",
}
DEBEZIUM_MEM = "-Xmx512m"


def build(
    config: Config, name: str, ports: Mapping[str, int], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """Lay out the part's files and return its spec. Raises StackError."""
    builder = {"mysql": _mysql, "redis": _redis, "pulsar": _pulsar, "debezium": _debezium}[name]
    return builder(config, ports, secrets)


def spec(
    argv: list[str],
    *,
    cwd: Path,
    puerto: int,
    salud: Mapping[str, Any],
    env: Mapping[str, str] | None = None,
    despues: tuple[str, ...] = (),
    parada: int = 30,
    files_used: tuple[Path, ...] = (),
) -> dict[str, Any]:
    """`files_used`: a change in one of them restarts the part at the next `up`."""
    made: dict[str, Any] = {
        "argv": argv,
        "env": dict(env or {}),
        "cwd": str(cwd),
        "puerto": puerto,
        "salud": dict(salud),
        "despues": list(despues),
        "parada": parada,
    }
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode())
    for path in files_used:
        digest.update(path.read_bytes())
    return {**made, "huella": digest.hexdigest()[:16]}


def _mysql(config: Config, ports: Mapping[str, int], secrets: Mapping[str, str]) -> dict[str, Any]:
    folder = config.home / "mysql"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = folder / "datos"
    base = download.mysql_home(config.cache)
    server = mysql_command(base)
    shared = config.connectors / "mysql" / "alpes.cnf"
    socket = config.run / "mysql.sock"
    if len(str(socket)) > 100:
        raise StackError(f"La ruta {config.home} es demasiado larga: fije ALPES_STACK_HOME.")
    if not data.exists():
        draft = folder / "datos.nuevo"
        shutil.rmtree(draft, ignore_errors=True)
        made = subprocess.run(
            [*server, "--no-defaults", *mysql_paths(base, draft), "--initialize-insecure"],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            files.write(config.logs / "mysql.log", made.stdout + made.stderr)
            raise StackError("MySQL no pudo crear sus datos: mire 'python -m stack logs mysql'.")
        draft.rename(data)
    start = folder / "inicio.sql"
    accounts = (config.connectors / "mysql" / "usuarios.sql").read_text(encoding="utf-8")
    root = f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{secrets['mysql_root']}';\n"
    # Runs before the port opens, and a failed statement stops the start.
    files.write(start, render(accounts, mysql_values(secrets)) + root)
    return spec(
        [
            *server,
            f"--defaults-file={shared}",
            *mysql_paths(base, data),
            f"--bind-address={LOOPBACK}",
            f"--port={ports['mysql']}",
            f"--socket={socket}",
            f"--pid-file={config.run / 'mysqld.pid'}",
            f"--init-file={start}",
            f"--sync-binlog={config.mysql_sync}",
            f"--innodb-flush-log-at-trx-commit={config.mysql_sync or 2}",
        ],
        cwd=folder,
        puerto=ports["mysql"],
        salud={"tipo": "mysql", "puerto": ports["mysql"]},
        parada=60,
        files_used=(shared, start),
    )


def mysql_command(base: Path) -> list[str]:
    """sid's server under sid's own loader and libraries."""
    loader = next(base.glob("usr/lib/*/ld-linux-*.so.*"))
    libraries = f"{loader.parent}:{base}/usr/lib/mysql/private"
    return [str(loader), "--library-path", libraries, str(base / "usr/sbin/mysqld")]


def mysql_paths(base: Path, data: Path) -> list[str]:
    paths = [
        f"--basedir={base}/usr",
        f"--datadir={data}",
        f"--plugin-dir={base}/usr/lib/mysql/plugin",
        f"--lc-messages-dir={base}/usr/share/mysql",
        f"--character-sets-dir={base}/usr/share/mysql/charsets",
        "--secure-file-priv=NULL",
    ]
    return [*paths, "--user=root"] if os.geteuid() == 0 else paths


def mysql_values(secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "MYSQL_CLIENT_HOST": LOOPBACK,
        "MYSQL_ALPES_PASSWORD": secrets["mysql_alpes"],
        "MYSQL_DBZ_PASSWORD": secrets["mysql_dbz"],
    }


def _redis(config: Config, ports: Mapping[str, int], secrets: Mapping[str, str]) -> dict[str, Any]:
    folder = config.home / "redis"
    (folder / "datos").mkdir(parents=True, exist_ok=True, mode=0o700)
    shared = config.connectors / "redis" / "redis.conf"
    own = folder / "redis.conf"
    # In a file and not on the command line, which every user of the machine can read.
    lines = [
        f"include {shared}",
        f"bind {LOOPBACK}",
        f"port {ports['redis']}",
        f"dir {folder / 'datos'}",
        f"requirepass {secrets['redis']}",
    ]
    files.write(own, "\n".join(lines) + "\n")
    return spec(
        [download.redis_binary(), str(own)],
        cwd=folder,
        puerto=ports["redis"],
        salud={"tipo": "redis", "puerto": ports["redis"], "clave": secrets["redis"]},
        files_used=(shared, own),
    )


def _pulsar(config: Config, ports: Mapping[str, int], _: Mapping[str, str]) -> dict[str, Any]:
    folder = config.home / "pulsar"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    base = download.pulsar_home(config.cache)
    own = folder / "standalone.conf"
    # Pulsar's own file ends without a newline.
    text = (base / "conf" / "standalone.conf").read_text(encoding="utf-8") + "\n"
    text += (config.connectors / "pulsar" / "standalone.conf").read_text(encoding="utf-8")
    local = {
        "bindAddress": LOOPBACK,
        "advertisedAddress": LOOPBACK,
        "brokerServicePort": ports["pulsar"],
        "webServicePort": ports["pulsar_admin"],
        # BookKeeper binds to an interface, not to an address.
        "listeningInterface": "lo",
        "journalSyncData": str(config.pulsar_sync).lower(),
    }
    text += "\n".join(["", *(f"{name}={value}" for name, value in local.items()), ""])
    files.write(own, text)
    return spec(
        [
            str(base / "bin" / "pulsar"),
            "standalone",
            "--no-functions-worker",
            "--no-stream-storage",
            f"--config={own}",
            f"--advertised-address={LOOPBACK}",
            f"--metadata-dir={folder / 'metadatos'}",
            f"--bookkeeper-dir={folder / 'bookkeeper'}",
            f"--bookkeeper-port={ports['bookie']}",
        ],
        env={
            **PULSAR_ENV,
            **_java(config),
            "JAVA_HOME": str(download.java_home(config.cache)),
            "PULSAR_STANDALONE_CONF": str(own),
            # Before its own.
            "PULSAR_CLASSPATH": str(download.bookkeeper_classes(config.cache)),
            "PULSAR_LOG_DIR": str(config.logs),
            "PULSAR_LOG_APPENDER": "Console",
        },
        cwd=folder,
        puerto=ports["pulsar"],
        salud={"tipo": "http", "url": f"{admin_url(ports)}/admin/v2/brokers/health"},
        files_used=(own,),
    )


def _debezium(
    config: Config, ports: Mapping[str, int], secrets: Mapping[str, str]
) -> dict[str, Any]:
    folder = config.home / "debezium"
    (folder / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
    base = download.debezium_home(config.cache)
    # Debezium Server reads ./config and keeps its schema history in ./data.
    own = folder / "config" / "application.properties"
    template = (config.connectors / "debezium" / "application.properties").read_text("utf-8")
    files.write(own, render(template, debezium_values(ports, secrets)))
    runner = next(base.glob("debezium-server-*runner.jar"))
    return spec(
        [
            str(download.java_home(config.cache) / "bin" / "java"),
            DEBEZIUM_MEM,
            "-cp",
            f"{runner}:{base}/lib/*",
            "io.debezium.server.Main",
        ],
        env=_java(config),
        cwd=folder,
        puerto=ports["debezium"],
        salud={"tipo": "http", "url": f"http://{LOOPBACK}:{ports['debezium']}/q/health"},
        despues=("mysql", "pulsar"),
        files_used=(own,),
    )


def _java(config: Config) -> dict[str, str]:
    """What Java's launcher reads for itself."""
    return {"JDK_JAVA_OPTIONS": config.java} if config.java else {}


def debezium_values(ports: Mapping[str, int], secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "MYSQL_HOST": LOOPBACK,
        "MYSQL_PORT": str(ports["mysql"]),
        "MYSQL_DBZ_PASSWORD": secrets["mysql_dbz"],
        "PULSAR_HOST": LOOPBACK,
        "PULSAR_PORT": str(ports["pulsar"]),
        "DEBEZIUM_PORT": str(ports["debezium"]),
    }


def admin_url(ports: Mapping[str, int]) -> str:
    return f"http://{LOOPBACK}:{ports['pulsar_admin']}"


def create_heartbeat_topic(ports: Mapping[str, int], seconds: float = 30) -> None:
    """Idempotent. Raises StackError when Pulsar refuses."""
    url = f"{admin_url(ports)}/admin/v2/persistent/public/default/{HEARTBEAT_TOPIC}"
    deadline = time.monotonic() + seconds
    while True:
        try:
            code = http_status(url, "PUT", seconds=30)
        except OSError as error:
            raise StackError("Pulsar no responde: mire 'python -m stack logs pulsar'.") from error
        # 409: it is already there.
        if code in (204, 409):
            return
        # A new Pulsar answers before it has made its first namespace, and one that was just killed
        # before it has its metadata again.
        if code not in (404, 500, 503) or time.monotonic() > deadline:
            raise StackError(f"Pulsar no creó {HEARTBEAT_TOPIC} ({code}): repita.")
        time.sleep(0.2)
