"""An engine of the tests' own: Debian's dockerd and Compose, with nothing outside a folder.

Another engine on the machine, its images and its containers are neither seen nor touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stack import apt
from stack.errors import StackError
from stack.tools import run_tool

COMPOSE = "github.com/docker/compose/v2/cmd@v2.29.7"
# Programs and the packages that bring them.
PROGRAMAS = {
    "/usr/sbin/dockerd": "docker.io",
    "/usr/sbin/iptables": "iptables",
    "/usr/sbin/debootstrap": "debootstrap",
}
# Rules of the machine's network that an engine adds: all name a chain or a bridge of its own.
_REGLA_SUYA = re.compile(r"DOCKER|docker0|br-[0-9a-f]{12}")
_REENVIO = Path("/proc/sys/net/ipv4/ip_forward")


def _ordenes() -> Iterator[tuple[int, str, list[bytes]]]:
    """Pid, program and words of each process. Of one that ended and that nobody asked for, nothing
    is left but its name, which is not looked at."""
    for entrada in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            palabras = (entrada / "cmdline").read_bytes().split(b"\0")
            yield int(entrada.name), Path(palabras[0].decode("utf-8", "replace")).name, palabras


class Motor:
    """The engine, and commands that are given to it."""

    def __init__(self, carpeta: Path, cache: Path) -> None:
        self.carpeta = carpeta
        self.cache = cache
        self.socket = carpeta / "docker.sock"
        self._proceso: subprocess.Popen[bytes] | None = None

    def arrancar(self) -> None:
        """Raises StackError where no engine can be had, saying why."""
        if os.geteuid() != 0:
            raise StackError("un motor de contenedores propio necesita ser root")
        if len(str(self.socket)) > 100:
            raise StackError(f"la ruta {self.carpeta} es demasiado larga para un socket")
        for programa, paquete in PROGRAMAS.items():
            if not Path(programa).exists():
                # RUNLEVEL=1 keeps the package from starting an engine of the machine's.
                apt.install_system(paquete, {"RUNLEVEL": "1"})
        self._tener_compose()
        self._limpiar()
        if any(programa == "dockerd" for _pid, programa, _palabras in _ordenes()):
            # Two engines would take each other's rules of the network away.
            raise StackError("en esta máquina ya hay un motor de contenedores en marcha: párelo")
        self.carpeta.mkdir(parents=True, exist_ok=True)
        self._anotar_red()
        with (self.carpeta / "dockerd.log").open("wb") as registro:
            self._proceso = subprocess.Popen(
                [
                    "/usr/sbin/dockerd",
                    f"--data-root={self.carpeta / 'datos'}",
                    f"--exec-root={self.carpeta / 'run'}",
                    f"--pidfile={self.carpeta / 'docker.pid'}",
                    f"--host=unix://{self.socket}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=registro,
                stderr=registro,
                start_new_session=True,
            )
        limite = time.monotonic() + 60
        while self.docker("info", check=False).returncode != 0:
            if self._proceso.poll() is not None or time.monotonic() > limite:
                ultimas = (self.carpeta / "dockerd.log").read_text("utf-8", "replace")
                self.parar()
                raise StackError("dockerd no arranca aquí: " + ultimas.strip()[-400:])
            time.sleep(0.5)
        # Of a run that was interrupted.
        if viejos := self.docker("ps", "--all", "--quiet").stdout.split():
            self.docker("rm", "--force", *viejos)

    def parar(self, *, conservar: bool = False) -> None:
        """Stop all of it and leave no process, mount, network or rule; nor images, unless kept."""
        if self._proceso is not None and self._proceso.poll() is None:
            self._proceso.terminate()
            try:
                self._proceso.wait(90)
            except subprocess.TimeoutExpired:
                self._proceso.kill()
                self._proceso.wait()
        self._proceso = None
        self._limpiar()
        self._devolver_red()
        if Path("/sys/class/net/docker0").exists() and shutil.which("ip"):
            subprocess.run(["ip", "link", "delete", "docker0"], check=False)
        if not conservar:
            shutil.rmtree(self.carpeta, ignore_errors=True)

    @property
    def _red_de_antes(self) -> Path:
        return self.carpeta / "red.json"

    def _anotar_red(self) -> None:
        """Remember whether the machine forwards, unless a run that was interrupted did."""
        if not self._red_de_antes.exists():
            dicho = subprocess.run(
                ["iptables", "-S", "FORWARD"], capture_output=True, text=True, check=False
            ).stdout
            politica = "DROP" if "-P FORWARD DROP" in dicho else "ACCEPT"
            self._red_de_antes.write_text(
                json.dumps({"politica": politica, "reenvio": _REENVIO.read_text().strip()})
            )

    def _devolver_red(self) -> None:
        """Take the engine's rules away, and no other; forward as before."""
        if not self._red_de_antes.exists():
            return
        antes = json.loads(self._red_de_antes.read_text())
        hay = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
        quedan = [linea for linea in hay.splitlines(keepends=True) if not _REGLA_SUYA.search(linea)]
        subprocess.run(["iptables-restore"], input="".join(quedan), text=True, check=False)
        subprocess.run(["iptables", "-P", "FORWARD", antes["politica"]], check=False)
        _REENVIO.write_text(antes["reenvio"])
        self._red_de_antes.unlink()

    def _tener_compose(self) -> None:
        programa = self.cache / "bin" / "docker-compose"
        if not programa.exists():
            if shutil.which("go") is None:
                raise StackError("falta Go para tener Docker Compose")
            print("construyendo Docker Compose (la primera vez, unos minutos)…", flush=True)
            destino = self.cache / "bin" / "compose.nuevo"
            run_tool(
                ["go", "install", COMPOSE],
                "no se pudo construir Docker Compose: revise la red",
                {"GOBIN": str(destino), "GOFLAGS": "-buildvcs=false"},
            )
            (destino / "cmd").rename(programa)
            destino.rmdir()
        enlace = self.carpeta / "config" / "cli-plugins" / "docker-compose"
        enlace.parent.mkdir(parents=True, exist_ok=True)
        enlace.unlink(missing_ok=True)
        enlace.symlink_to(programa)

    def _limpiar(self) -> None:
        """End what an engine on this folder left, and take its mounts away."""
        for pid in self.procesos():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        limite = time.monotonic() + 20
        while self.procesos() and time.monotonic() < limite:
            time.sleep(0.1)
        montajes = [
            linea.split()[1]
            for linea in Path("/proc/self/mounts").read_text().splitlines()
            if linea.split()[1].startswith(f"{self.carpeta}/")
        ]
        for montaje in reversed(montajes):
            subprocess.run(["umount", "--lazy", montaje], check=False)
        (self.carpeta / "docker.pid").unlink(missing_ok=True)

    def procesos(self) -> list[int]:
        """The engine's own processes and those of its containers, by the folder they name."""
        marca = str(self.carpeta).encode()
        return [
            pid
            for pid, programa, palabras in _ordenes()
            if programa.startswith(("dockerd", "containerd", "docker-proxy"))
            and any(marca in palabra for palabra in palabras)
        ]

    # --- Commands --------------------------------------------------------------------------------

    @property
    def entorno(self) -> dict[str, str]:
        """What a client needs to talk to this engine and to no other; nothing of a developer's."""
        suyo = {
            nombre: valor
            for nombre, valor in os.environ.items()
            if not nombre.startswith(("ALPES_", "DOCKER_", "COMPOSE_", "MYSQL_", "REDIS_"))
            and nombre != "SECRET_KEY"
        }
        return {
            **suyo,
            "DOCKER_HOST": f"unix://{self.socket}",
            "DOCKER_CONFIG": str(self.carpeta / "config"),
            # The classic builder takes the bases from this engine and asks nobody else for them.
            "DOCKER_BUILDKIT": "0",
        }

    def ejecutar(
        self,
        orden: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        segundos: float = 1800,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with this engine; what it said is in the failure."""
        hecho = subprocess.run(
            orden,
            cwd=cwd,
            env={**self.entorno, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=segundos,
            check=False,
        )
        dicho = (hecho.stdout + hecho.stderr)[-6000:]
        assert not check or hecho.returncode == 0, f"{' '.join(orden)}\n{dicho}"
        return hecho

    def docker(self, *palabras: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One docker command."""
        return self.ejecutar(["docker", *palabras], check=check)
