"""A MariaDB and a Pulsar with functions, for Pulsar's own Debezium source.

That source bundles Debezium 1.9, which does not speak to MySQL 8.4 or newer: hence MariaDB.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from stack import config, download, files, parts, processes
from stack.ports import LOOPBACK, is_free
from stack.render import render
from stack.versions import MAVEN_GET

VERSION = "4.0.8"
NAR_SHA256 = "fb7c08c187f19e7f6b6fecb167fdbaacf7f5617479045b5217c396e16b827d8e"
MARIADB_PACKAGES = ("mariadb-server-core", "libaio1", "liburing2")
CLAVE = "clave-de-prueba"


class NoDisponible(RuntimeError):
    """Something that this needs cannot be had here; the message says what."""


def _orden(argv: list[str], falta: str, **opciones: object) -> None:
    try:
        subprocess.run(argv, check=True, capture_output=True, timeout=600, **opciones)  # type: ignore[call-overload]
    except (OSError, subprocess.SubprocessError) as exc:
        raise NoDisponible(f"{falta} ({type(exc).__name__})") from exc


def mariadb(cache: Path) -> Path:
    """Debian's MariaDB unpacked under the cache; the system is not touched."""
    raiz = cache / "mariadb-10.11"
    if raiz.exists():
        return raiz
    borrador = cache / "mariadb-10.11.nuevo"
    shutil.rmtree(borrador, ignore_errors=True)
    borrador.mkdir(parents=True)
    if os.geteuid() == 0:
        _orden(["apt-get", "update", "-q"], "apt-get no puede leer los paquetes de Debian")
    _orden(
        ["apt-get", "download", "-q", *MARIADB_PACKAGES],
        "Debian no da mariadb-server-core",
        cwd=borrador,
    )
    for paquete in borrador.glob("*.deb"):
        _orden(["dpkg", "-x", str(paquete), str(borrador)], "dpkg no desempaqueta MariaDB")
        paquete.unlink()
    borrador.rename(raiz)
    return raiz


def nar(cache: Path) -> Path:
    """Pulsar's Debezium source for MySQL."""
    artefacto = f"org/apache/pulsar/pulsar-io-debezium-mysql/{VERSION}"
    archivo = cache / "m2" / artefacto / f"pulsar-io-debezium-mysql-{VERSION}.jar"
    if not archivo.exists():
        _orden(
            [
                "mvn", "--batch-mode", "--strict-checksums", "--quiet",
                f"-Dmaven.repo.local={cache / 'm2'}", MAVEN_GET, "-Dtransitive=false",
                f"-Dartifact=org.apache.pulsar:pulsar-io-debezium-mysql:{VERSION}:jar",
            ],
            "Maven no da pulsar-io-debezium-mysql",
        )  # fmt: skip
    if hashlib.sha256(archivo.read_bytes()).hexdigest() != NAR_SHA256:
        raise NoDisponible("la suma SHA-256 de pulsar-io-debezium-mysql no es la esperada")
    return archivo


@dataclass
class Entorno:
    """What the test talks to."""

    home: Path
    ajustes: config.Config
    puertos: dict[str, int] = field(default_factory=dict)
    procesos: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def socket(self) -> str:
        return str(self.home / "mariadb.sock")

    @property
    def pulsar_url(self) -> str:
        return f"pulsar://{LOOPBACK}:{self.puertos['pulsar']}"

    def admin(self, *args: str) -> str:
        """``pulsar-admin``; returns what it printed."""
        cache = self.ajustes.cache
        hecho = subprocess.run(
            [
                str(download.pulsar_home(cache) / "bin" / "pulsar-admin"),
                "--admin-url", parts.admin_url(self.puertos), *args,
            ],
            env={**os.environ, "JAVA_HOME": str(download.java_home(cache))},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert hecho.returncode == 0, hecho.stdout + hecho.stderr
        return hecho.stdout

    def crear_fuente(self, nombre: str) -> None:
        """Create the source of ``connectors/pulsar/<nombre>.json``."""
        plantilla = (self.ajustes.connectors / "pulsar" / f"{nombre}.json").read_text()
        archivo = self.home / f"{nombre}.json"
        valores = {
            "MYSQL_HOST": LOOPBACK,
            "MYSQL_PORT": str(self.puertos["mariadb"]),
            "MYSQL_DBZ_PASSWORD": CLAVE,
            "PULSAR_URL": self.pulsar_url,
        }
        files.write(archivo, render(plantilla, valores))
        self.admin("sources", "create", "--source-config-file", str(archivo))


@contextmanager
def entorno(home: Path) -> Iterator[Entorno]:
    """Raises NoDisponible before anything is started."""
    ajustes = config.load({**os.environ, "ALPES_STACK_HOME": str(home)}, Path.cwd())
    raiz, fuente = mariadb(ajustes.cache), nar(ajustes.cache)
    download.ensure(ajustes.cache, ("pulsar",))
    # The benches, which run beside it, take those before.
    libres = (puerto for puerto in range(21_500, 22_000) if is_free(puerto))
    nombres = ("pulsar", "pulsar_admin", "bookie", "mariadb")
    listo = Entorno(home, ajustes, dict(zip(nombres, libres, strict=False)))
    for carpeta in (ajustes.run, ajustes.logs):
        carpeta.mkdir(parents=True, exist_ok=True)
    try:
        _mariadb(listo, raiz)
        _pulsar(listo, fuente)
        yield listo
    finally:
        processes.kill_marked(home)
        for proceso in listo.procesos:
            proceso.wait(30)


def _arrancar(listo: Entorno, argv: list[str], env: Mapping[str, str], registro: str) -> None:
    with (listo.ajustes.logs / registro).open("ab") as salida:
        proceso = subprocess.Popen(
            argv,
            cwd=listo.home,
            env={**os.environ, **env, processes.MARK: str(listo.home)},
            stdout=salida,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    listo.procesos.append(proceso)


def _mariadb(listo: Entorno, raiz: Path) -> None:
    datos = listo.home / "mariadb"
    datos.mkdir()
    compartido = raiz / "usr" / "share" / "mysql"
    bibliotecas = {str(ruta.parent) for ruta in raiz.rglob("*.so.*")}
    env = {"LD_LIBRARY_PATH": ":".join(sorted(bibliotecas))}
    argv = [
        str(raiz / "usr" / "sbin" / "mariadbd"),
        "--no-defaults",
        f"--basedir={raiz}/usr",
        f"--datadir={datos}",
        f"--lc-messages-dir={compartido}",
    ]
    if os.geteuid() == 0:
        argv.append("--user=root")
    guion = "".join(
        (compartido / f"mysql_{parte}.sql").read_text()
        for parte in ("system_tables", "performance_tables", "system_tables_data")
    )
    hecho = subprocess.run(
        [*argv, "--bootstrap"],
        input=f"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n{guion}",
        env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert hecho.returncode == 0, hecho.stderr[-1000:]
    binlog = ["--log-bin=binlog", "--binlog-format=ROW", "--binlog-row-image=FULL", "--server-id=1"]
    red = [
        f"--bind-address={LOOPBACK}",
        f"--port={listo.puertos['mariadb']}",
        "--skip-name-resolve",
    ]
    _arrancar(listo, [*argv, *binlog, *red, f"--socket={listo.socket}"], env, "mariadb.log")


def _pulsar(listo: Entorno, fuente: Path) -> None:
    pieza = parts.build(listo.ajustes, "pulsar", listo.puertos, {})
    conectores = listo.home / "conectores"
    conectores.mkdir()
    shutil.copy(fuente, conectores / f"pulsar-io-debezium-mysql-{VERSION}.nar")
    conf = download.pulsar_home(listo.ajustes.cache) / "conf" / "functions_worker.yml"
    trabajador = yaml.safe_load(conf.read_text())
    trabajador |= {
        "connectorsDirectory": str(conectores),
        "narExtractionDirectory": str(listo.home),
        # Inside Pulsar's own process: nothing to find and stop afterwards.
        "functionRuntimeFactoryClassName": (
            "org.apache.pulsar.functions.runtime.thread.ThreadRuntimeFactory"
        ),
        "functionRuntimeFactoryConfigs": {"threadGroupName": "fuentes"},
    }
    archivo = listo.home / "functions_worker.yml"
    archivo.write_text(yaml.safe_dump(trabajador))
    # The functions' own topics are born by themselves.
    with (listo.home / "pulsar" / "standalone.conf").open("a") as salida:
        salida.write("\nallowAutoTopicCreation=true\nnumHttpServerThreads=8\n")
    argv = [arg for arg in pieza["argv"] if arg != "--no-functions-worker"]
    _arrancar(listo, [*argv, f"--functions-worker-conf={archivo}"], pieza["env"], "pulsar.log")
    limite = time.monotonic() + 240
    while "debezium-mysql" not in _fuentes(listo):
        assert time.monotonic() < limite, "Pulsar's functions do not start"
        time.sleep(0.5)


def _fuentes(listo: Entorno) -> str:
    try:
        return listo.admin("sources", "available-sources")
    except AssertionError:
        return ""
