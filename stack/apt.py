"""Debian packages: MySQL from sid into a private folder, and the few system ones we install.

sid's server runs on an older Debian because its whole closure comes along, its C library and
loader too. Nothing of the system is touched: apt works on a state, a cache and a source of ours.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError
from stack.tools import run_tool
from stack.versions import MYSQL_PACKAGE, MYSQL_SERIES, MYSQL_SUITE

_RETRY = "revise la red y repita 'python -m stack up'."


@dataclass(frozen=True)
class Source:
    uri: str
    suites: tuple[str, ...]
    signed_by: str


def install_system(package: str, env: dict[str, str] | None = None) -> None:
    """Raises StackError when it cannot, saying what the person should install."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StackError(f"Falta {package}: instálelo (apt-get install {package}) y repita.")
    print(f"instalando {package}…", flush=True)
    settings = {"DEBIAN_FRONTEND": "noninteractive", **(env or {})}
    run_tool(["apt-get", "update", "-q"], f"apt-get update falló: {_RETRY}", settings)
    run_tool(
        ["apt-get", "install", "-yq", "--no-install-recommends", package],
        f"No se pudo instalar {package}: {_RETRY}",
        settings,
    )


def fetch_mysql(target: Path) -> None:
    """Unpack sid's MySQL server and everything it links to under `target`. Raises StackError."""
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise StackError("MySQL se toma de Debian y esto no lo es: use 'docker compose up'.")
    codename = _os_release().get("VERSION_CODENAME", "")
    source = find_source(Path("/etc/apt"), codename)
    state = target.with_name("apt.nuevo")
    options = private_state(state, source)
    run_tool(["apt-get", *options, "update", "-q"], f"No se pudo leer Debian sid: {_RETRY}")
    run_tool(
        ["apt-get", *options, "install", "-yq", "--download-only", MYSQL_PACKAGE],
        f"No se pudo descargar MySQL: {_RETRY}",
    )
    packages = sorted((state / "cache/archives").glob("*.deb"))
    server = [package.name for package in packages if package.name.startswith(MYSQL_PACKAGE)]
    if not any(name.startswith(f"{MYSQL_PACKAGE}_{MYSQL_SERIES}.") for name in server):
        raise StackError(f"Debian sid ya no trae MySQL {MYSQL_SERIES}: use 'docker compose up'.")
    # The links that base-files would make: sid's packages expect a merged /usr.
    for name in ("bin", "sbin", "lib", "lib64"):
        (target / "usr" / name).mkdir(parents=True)
        (target / name).symlink_to(f"usr/{name}")
    for package in packages:
        run_tool(["dpkg", "-x", str(package), str(target)], f"Paquete dañado: {package.name}.")
    shutil.rmtree(state)


def find_source(etc: Path, codename: str) -> Source:
    """The machine's own Debian archive: the source that serves its release. Raises StackError."""
    for source in _sources(etc):
        if codename in source.suites:
            return source
    raise StackError("No hay fuente de Debian en /etc/apt para MySQL: use 'docker compose up'.")


def private_state(state: Path, source: Source) -> list[str]:
    """Lay out an apt of our own and return the options that make apt-get use it."""
    for folder in ("state/lists/partial", "cache/archives/partial", "etc/sources.list.d"):
        (state / folder).mkdir(parents=True)
    # No package counts as installed, so the closure comes whole.
    (state / "status").touch()
    lines = ["Types: deb", f"URIs: {source.uri}", f"Suites: {MYSQL_SUITE}", "Components: main"]
    if source.signed_by:
        lines.append(f"Signed-By: {source.signed_by}")
    (state / "etc/sources.list.d/sid.sources").write_text("\n".join(lines) + "\n")
    settings = {
        "Dir::State": state / "state",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": state / "etc/sources.list.d",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _sources(etc: Path) -> Iterator[Source]:
    """Both of apt's formats, binary packages only."""
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            fields = {
                name.strip().lower(): value.strip()
                for name, _, value in (
                    line.partition(":") for line in stanza.splitlines() if line[:1].strip("# \t")
                )
            }
            if "deb" in fields.get("types", "").split() and fields.get("enabled") != "no":
                for uri in fields.get("uris", "").split():
                    suites = tuple(fields.get("suites", "").split())
                    yield Source(uri, suites, fields.get("signed-by", ""))
    one_line = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)")
    for path in (etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))):
        if not path.exists():
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if match := one_line.match(line.strip()):
                signed = re.search(r"signed-by=(\S+)", match["options"] or "")
                yield Source(match["uri"], (match["suite"],), signed[1] if signed else "")


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}
