"""Django on some other data, imported once: each order is a process of its own, born with it.

``python -m tests.consola`` takes an order per line: a list (a management command) or a text (code),
and it answers how that ended and what it printed; or an object, a process that goes on by itself.
Importing takes longer than most of what is ordered.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parents[1]


class Hijo:
    """A process that goes on by itself, in a session of its own; as much of a ``Popen`` as tests
    use. How it ended is in a file: it is nobody's child here."""

    def __init__(self, pid: int, carpeta: Path, *, entrada: bool) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._fin = carpeta / "fin"
        self.stdin: IO[bytes] | None = (carpeta / "entrada").open("wb") if entrada else None

    def poll(self) -> int | None:
        """Its exit status, or None while it lives."""
        if self.returncode is None and self._fin.exists():
            self.returncode = int(self._fin.read_text())
        return self.returncode

    def wait(self, segundos: float) -> int:
        """Its exit status, once it ends."""
        limite = time.monotonic() + segundos
        while (rc := self.poll()) is None:
            if time.monotonic() > limite:
                raise subprocess.TimeoutExpired(f"pid {self.pid}", segundos)
            time.sleep(0.02)
        return rc


class Consola:
    """The end of whoever orders."""

    def __init__(self, entorno: Mapping[str, str], registro: Path) -> None:
        self._registro = registro
        with registro.open("ab") as errores:
            self._proceso = subprocess.Popen(
                [sys.executable, "-m", "tests.consola"], cwd=PROJECT, env=entorno,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errores, text=True,
            )  # fmt: skip
        self._turno = threading.Lock()

    def lanzar(self, *argumentos: str, env: Mapping[str, str], entrada: bool = False) -> Hijo:
        """A module (``-m …``) or a command (``manage.py …``), which goes on by itself. Its settings
        were read before ``env``."""
        carpeta = Path(tempfile.mkdtemp(dir=self._registro.parent))
        if entrada:
            os.mkfifo(carpeta / "entrada")
        rc, dicho, errores = self.pedir(
            {
                "argumentos": argumentos, "env": dict(env), "registro": str(self._registro),
                "carpeta": str(carpeta), "entrada": entrada,
            }
        )  # fmt: skip
        assert rc == 0, errores
        return Hijo(int(dicho), carpeta, entrada=entrada)

    def pedir(self, orden: Any, segundos: float = 300) -> tuple[int, str, str]:
        """Exit status, output and errors of a command or a piece of code."""
        entrada, salida = self._proceso.stdin, self._proceso.stdout
        assert entrada is not None
        assert salida is not None
        with self._turno:
            entrada.write(json.dumps(orden) + "\n")
            entrada.flush()
            listo, _, _ = select.select([salida], [], [], segundos)
            if not listo:
                self._proceso.kill()
            respuesta = salida.readline() if listo else ""
        assert respuesta, f"no answer to {orden} in {segundos} s"
        rc, dicho, errores = json.loads(respuesta)
        return rc, dicho, errores

    def cerrar(self) -> None:
        """End it; twice is as once."""
        for extremo in (self._proceso.stdin, self._proceso.stdout):
            assert extremo is not None
            extremo.close()
        self._proceso.wait(30)


def _bien(hacer: Callable[[], object]) -> int:
    """Run something; returns the exit status that its process has."""
    try:
        hacer()
    except SystemExit as exc:
        if exc.code is None or isinstance(exc.code, int):
            return exc.code or 0
        print(exc.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _hacer(orden: Any) -> None:
    import manage

    if isinstance(orden, str):
        exec(compile(orden, "<consola>", "exec"), {"__name__": "__main__"})  # noqa: S102
    elif orden[0] == "-m":
        sys.argv = orden[1:]
        runpy.run_module(orden[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = ["manage.py", *orden]
        manage.main()


def _nacer(orden: Any, entrada: str, salida: int, errores: int) -> None:
    """In the child: never returns."""
    rc = 1
    try:
        for de, a in ((os.open(entrada, os.O_RDONLY), 0), (salida, 1), (errores, 2)):
            os.dup2(de, a)
        sys.stdin = os.fdopen(0)
        rc = _bien(lambda: _hacer(orden))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(rc)


def _esperado(hijo: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(hijo, 0)[1])


def _atender(orden: Any) -> tuple[int, str, str]:
    """Run an order to its end; its exit status, output and errors."""
    with tempfile.TemporaryFile() as salida, tempfile.TemporaryFile() as errores:
        hijo = os.fork()
        if hijo == 0:
            _nacer(orden, os.devnull, salida.fileno(), errores.fileno())
        rc = _esperado(hijo)
        dicho = []
        for fichero in (salida, errores):
            fichero.seek(0)
            dicho.append(fichero.read().decode("utf-8", "replace"))
    return rc, dicho[0], dicho[1]


def _lanzar(orden: dict[str, Any]) -> tuple[int, str, str]:
    """Start what goes on by itself, under somebody who notes how it ends; its number."""
    lee, escribe = os.pipe()
    vigia = os.fork()
    if vigia == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        hijo = os.fork()
        if hijo == 0:
            os.setsid()
            os.close(lee)
            os.close(escribe)
            os.environ.update(orden["env"])
            registro = os.open(orden["registro"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            entrada = f"{orden['carpeta']}/entrada" if orden["entrada"] else os.devnull
            _nacer(
                [a for a in orden["argumentos"] if a != "manage.py"], entrada, registro, registro
            )
        os.write(escribe, str(hijo).encode())
        os.close(escribe)
        fin = Path(orden["carpeta"]) / "fin"
        fin.with_suffix(".nuevo").write_text(f"{_esperado(hijo)}")
        fin.with_suffix(".nuevo").rename(fin)
        os._exit(0)
    os.close(escribe)
    with os.fdopen(lee) as tubo:
        return 0, tubo.read(), ""


def _enterrar() -> None:
    """Nobody waits for who watched over what has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main() -> None:
    """Take orders until the input closes."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")
    django.setup()
    # What most orders use.
    import manage  # noqa: F401
    import tests.fabricas  # noqa: F401

    canal = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for linea in sys.stdin:
        orden = json.loads(linea)
        _enterrar()
        hecho = _lanzar(orden) if isinstance(orden, dict) else _atender(orden)
        print(json.dumps(hecho), file=canal, flush=True)


if __name__ == "__main__":
    main()
