"""The whole product as its users run it: one group of processes on a port of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

RAIZ = Path(__file__).resolve().parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPCIONES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def puerto_libre() -> int:
    """A port that nobody uses right now, and that no outgoing connection takes meanwhile."""
    while True:
        puerto = random.SystemRandom().randrange(20_000, 21_000)
        with contextlib.suppress(OSError), socket.socket() as prueba:
            prueba.bind(("127.0.0.1", puerto))
            return puerto


def esperar(condicion: Callable[[], Any], que: str, segundos: float = 30) -> Any:
    """What ``condicion`` returns as soon as it is true; fails after ``segundos``."""
    limite = time.monotonic() + segundos
    while time.monotonic() < limite:
        try:
            valor = condicion()
        except (OSError, http.client.HTTPException):
            valor = None
        if valor:
            return valor
        time.sleep(0.05)
    pytest.fail(f"no llegó a tiempo: {que}")


@dataclass
class Producto:
    """``make run`` on a temporary directory."""

    carpeta: Path
    puerto: int = field(default_factory=puerto_libre)
    proceso: subprocess.Popen[bytes] | None = None
    ademas: dict[str, str] = field(default_factory=dict)
    # Whether it has a sandbox, which most tests have no use for.
    con_pruebas: bool = False

    @property
    def entorno(self) -> dict[str, str]:
        """Environment of the group and of commands on its data."""
        return {
            **os.environ,
            "ALPES_DEMO": "1",
            "ALPES_DATOS": str(self.carpeta),
            "ALPES_DEMO_ARCHIVO": str(self.carpeta / "ids.json"),
            "ALPES_PAGOS_SEGUNDOS_BARRIDO": "1",
            "ALPES_PAGOS_SEGUNDOS_INCIERTO": "1",
            **self.ademas,
        }

    @property
    def ids(self) -> dict[str, Any]:
        """What the run wrote for its users."""
        datos: dict[str, Any] = json.loads((self.carpeta / "ids.json").read_text())
        return datos

    def arrancar(self) -> None:
        """Start the group and wait until it serves."""
        with (self.carpeta / "servir.log").open("ab") as registro:
            self.proceso = subprocess.Popen(
                [
                    *(sys.executable, "manage.py", "servir", "--puerto", str(self.puerto)),
                    *([] if self.con_pruebas else ["--sin-pruebas"]),
                ],
                cwd=RAIZ,
                env=self.entorno,
                stdout=subprocess.DEVNULL,
                stderr=registro,
                start_new_session=True,
            )
        esperar(lambda: self.pedir("GET", "/health")[0] == 200, "el sitio", 120)

    def ctrl_c(self) -> int:
        """Stop as a person does; returns the exit status."""
        assert self.proceso is not None
        self.proceso.send_signal(signal.SIGINT)
        return self.proceso.wait(30)

    def procesos(self) -> list[int]:
        """The group's root and its descendants."""
        assert self.proceso is not None
        hijos: dict[int, list[int]] = {}
        for ruta in Path("/proc").glob("[0-9]*/stat"):
            try:
                padre = int(ruta.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            hijos.setdefault(padre, []).append(int(ruta.parent.name))
        todos, pendientes = [], [self.proceso.pid]
        while pendientes:
            uno = pendientes.pop()
            todos.append(uno)
            pendientes += hijos.get(uno, [])
        return todos

    def matar(self) -> None:
        """kill -9 of every process of the group."""
        for pid in self.procesos():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        assert self.proceso is not None
        self.proceso.wait(10)

    def comando(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A management command on the same data."""
        return subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=RAIZ,
            env=self.entorno,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def conectar(self) -> http.client.HTTPConnection:
        """A connection to the site."""
        return http.client.HTTPConnection("127.0.0.1", self.puerto, timeout=30)

    def pedir(
        self, metodo: str, ruta: str, cuerpo: Any = None, clave: str | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of a request; ``clave`` names one of the demo's keys."""
        conexion = self.conectar()
        cabeceras = {"Content-Type": "application/json"}
        if clave:
            cabeceras["Authorization"] = f"Bearer {self.ids['claves'][clave]}"
        texto = None if cuerpo is None else json.dumps(cuerpo)
        with contextlib.closing(conexion):
            conexion.request(metodo, ruta, texto, cabeceras)
            respuesta = conexion.getresponse()
            return respuesta.status, json.loads(respuesta.read())


@pytest.fixture(scope="session")
def migrada(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables with nothing of anybody: to make them takes longer than the rest of a start."""
    uno = Producto(tmp_path_factory.mktemp("migrada"))
    hecho = uno.comando("migrate", "-v0")
    assert hecho.returncode == 0, hecho.stderr
    return uno.carpeta / "alpespartner.sqlite3"


@pytest.fixture(scope="module")
def producto(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Producto]:
    """A running product, stopped at the end of the module, which may ask for it ``DESDE_NADA``."""
    uno = Producto(
        tmp_path_factory.mktemp("producto"),
        con_pruebas=getattr(request.module, "CON_PRUEBAS", False),
        ademas=dict(getattr(request.module, "ADEMAS", {})),
    )
    if not getattr(request.module, "DESDE_NADA", False):
        shutil.copy(request.getfixturevalue("migrada"), uno.carpeta)
    uno.arrancar()
    yield uno
    if uno.proceso is not None and uno.proceso.poll() is None:
        uno.ctrl_c()


@pytest.fixture(scope="module")
def pagina(producto: Producto) -> Iterator[Page]:
    """A page signed in as the demo's user; what the browser complains about fails the test."""
    quejas: list[str] = []
    with sync_playwright() as playwright:
        navegador = playwright.chromium.launch(executable_path=CHROMIUM, args=OPCIONES)
        contexto = navegador.new_context(
            base_url=f"http://localhost:{producto.puerto}",
            viewport={"width": 1440, "height": 900},
            locale="es-ES",
        )
        pagina = contexto.new_page()
        pagina.on("pageerror", lambda error: quejas.append(str(error)))
        pagina.goto("/admin/")
        pagina.get_by_label("Nombre de usuario").fill(producto.ids["staff"]["usuario"])
        pagina.locator("input[type=password]").fill(producto.ids["staff"]["clave"])
        pagina.locator("button[type=submit]").click()
        expect(pagina).to_have_url(re.compile(r"/admin/$"))
        yield pagina
        navegador.close()
    assert quejas == []


def retratar(pagina: Page, nombre: str) -> None:
    """A screenshot to look at, when ``ALPES_RETRATOS`` names a folder."""
    carpeta = os.environ.get("ALPES_RETRATOS")
    if carpeta:
        pagina.screenshot(path=Path(carpeta) / f"{nombre}.png", full_page=True)
