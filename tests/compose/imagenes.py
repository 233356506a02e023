"""Stand-ins of the images that docker-compose.yml and the Dockerfiles name, under the same names.

Each is built from the same parts as the native stack and honours what the official image documents:
its entrypoint, its folders, its user, the tools that health checks ask for. They prove the compose
file and the project's own images; they prove nothing of the official ones.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stack import apt, download
from stack.config import PARTS
from stack.tools import run_tool
from tests.compose.motor import Motor

CARPETA = Path(__file__).parent / "sustitutos"
BASE = "sustituto:base"
DEBIAN = "bookworm"
# Name in docker-compose.yml or in a Dockerfile → folder of its stand-in, and build arguments.
SUSTITUTOS: dict[str, tuple[str, dict[str, str]]] = {
    "python:3.11-slim-bookworm": ("python", {}),
    "redis:7.4-bookworm": ("redis", {}),
    "eclipse-temurin:21-jre": ("temurin", {}),
    "maven:3.9-eclipse-temurin-21": ("maven", {}),
    "apachepulsar/pulsar:4.0.8": ("pulsar", {}),
    "mysql:9.7": ("mysql", {}),
    "caddy:2.8": ("caddy", {}),
    # Of the windows only that they answer where they should.
    "apachepulsar/pulsar-manager:v0.4.0": ("ventana", {"PUERTO": "9527"}),
    "phpmyadmin:5.2.2": ("ventana", {"PUERTO": "80"}),
    "rediscommander/redis-commander:latest": ("ventana", {"PUERTO": "8081"}),
}
# Settings of this machine, without which nothing can be installed inside: never in the repository.
MAQUINA = (
    Path("/etc/pip.conf"),
    Path("/etc/maven/settings.xml"),
    Path.home() / ".m2" / "settings.xml",
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/ssl/certs/java/cacerts"),
)


def construir(motor: Motor) -> dict[str, float]:
    """Build those that this engine lacks; seconds of each. Raises StackError without a download."""
    cache = motor.cache
    download.ensure(cache, tuple(parte for parte in PARTS if parte in ("mysql", "pulsar")))
    tardaron: dict[str, float] = {}

    def una(nombre: str, hacer: Callable[[], None]) -> None:
        if motor.docker("image", "inspect", nombre, check=False).returncode != 0:
            inicio = time.monotonic()
            hacer()
            tardaron[nombre] = time.monotonic() - inicio

    una("sustituto:raiz", partial(_raiz, motor))
    una(BASE, partial(_construir, motor, BASE, "base", {}))
    for nombre, (carpeta, argumentos) in SUSTITUTOS.items():
        una(nombre, partial(_construir, motor, nombre, carpeta, argumentos))
    return tardaron


def _raiz(motor: Motor) -> None:
    """A minimal Debian, from this machine's own archive."""
    tar = motor.cache / f"debian-{DEBIAN}.tar"
    if not tar.exists():
        arbol = motor.carpeta / "debian"
        shutil.rmtree(arbol, ignore_errors=True)
        fuente = apt.find_source(Path("/etc/apt"), DEBIAN)
        run_tool(
            ["debootstrap", "--variant=minbase", DEBIAN, str(arbol), fuente.uri],
            "debootstrap no pudo traer Debian: revise la red",
        )
        # As in the official images.
        for sobra in ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt"):
            shutil.rmtree(arbol / sobra, ignore_errors=True)
        borrador = tar.with_suffix(".medias")
        run_tool(
            ["tar", "--one-file-system", "-C", str(arbol), "-cf", str(borrador), "."],
            "no se pudo guardar Debian",
        )
        borrador.rename(tar)
        shutil.rmtree(arbol)
    motor.docker("import", str(tar), "sustituto:raiz")


def _construir(motor: Motor, nombre: str, carpeta: str, argumentos: dict[str, str]) -> None:
    contexto = motor.carpeta / "contexto"
    shutil.rmtree(contexto, ignore_errors=True)
    shutil.copytree(CARPETA / carpeta, contexto)
    _maquina(contexto / "maquina")
    cache = motor.cache
    java = download.java_home(cache) if carpeta in ("temurin", "pulsar") else None
    if java is not None:
        _copiar(java, contexto / "jre")
    if carpeta == "pulsar":
        _copiar(download.pulsar_home(cache), contexto / "pulsar", "logs", "data", "instances")
    if carpeta == "mysql":
        _copiar(download.mysql_home(cache), contexto / "mysql")
        _clientes(contexto / "mysql")
    palabras = [palabra for par in argumentos.items() for palabra in ("--build-arg", "=".join(par))]
    motor.docker("build", "--tag", nombre, *palabras, str(contexto))
    shutil.rmtree(contexto)


def _clientes(prefijo: Path) -> None:
    """MySQL's own clients, which the native stack has no use for, into the server's folder."""
    estado = prefijo.with_name("apt")
    opciones = apt.private_state(estado, apt.find_source(Path("/etc/apt"), DEBIAN))
    fallo = "no se pudieron traer los clientes de MySQL: revise la red"
    run_tool(["apt-get", *opciones, "update", "-q"], fallo)
    pedir = ["install", "-yq", "--download-only", "mysql-client-core"]
    run_tool(["apt-get", *opciones, *pedir], fallo)
    for paquete in sorted((estado / "cache/archives").glob("*.deb")):
        run_tool(["dpkg", "-x", str(paquete), str(prefijo)], f"paquete dañado: {paquete.name}")
    shutil.rmtree(estado)


def _maquina(destino: Path) -> None:
    destino.mkdir()
    propias = [Path("/usr/local/share/ca-certificates"), Path("/etc/apt/apt.conf.d")]
    archivos = [*MAQUINA]
    archivos += [ruta for ruta in propias[0].glob("*.crt")]
    archivos += [ruta for ruta in propias[1].glob("*") if "Acquire::" in ruta.read_text()]
    for archivo in archivos:
        if archivo.is_file():
            copia = destino / archivo.relative_to("/")
            copia.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(archivo, copia)


def _copiar(origen: Path, destino: Path, *sin: str) -> None:
    """By links where that is possible: an engine reads them, nobody writes them."""

    def copiar(desde: str, hasta: str) -> None:
        try:
            os.link(desde, hasta)
        except OSError:
            shutil.copy2(desde, hasta)

    def omitir(carpeta: str, nombres: list[str]) -> set[str]:
        return set(sin) if Path(carpeta) == origen else set()

    shutil.copytree(origen, destino, symlinks=True, copy_function=copiar, ignore=omitir)
