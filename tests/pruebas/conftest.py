"""A sandbox in the place of the real one: it keeps what it was asked and answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as de_django

from alpespartner.operacion.pruebas.programa import preparar_pruebas


@dataclass
class Recibida:
    """A request as the sandbox got it."""

    metodo: str
    ruta: str
    cabeceras: list[tuple[str, str]]
    cuerpo: bytes

    def de(self, nombre: str) -> list[str]:
        """Values of a header."""
        return [v for n, v in self.cabeceras if n.lower() == nombre.lower()]


@dataclass
class Falso:
    """What it got, and how it answers."""

    recibidas: list[Recibida] = field(default_factory=list)
    responder: Callable[[BaseHTTPRequestHandler, Recibida], None] = lambda h, _r: decir(h, 200)
    puerto: int = 0


def decir(h: BaseHTTPRequestHandler, estado: int, cuerpo: bytes = b"{}", **cabeceras: str) -> None:
    """An answer."""
    h.send_response(estado)
    for nombre, valor in {"Content-Type": "application/json", **cabeceras}.items():
        h.send_header(nombre.replace("_", "-"), valor)
    h.send_header("Content-Length", str(len(cuerpo)))
    h.end_headers()
    h.wfile.write(cuerpo)


@pytest.fixture
def falso(settings: Any) -> Iterator[Falso]:
    uno = Falso()

    class Manejador(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _atender(self) -> None:
            cuerpo = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            una = Recibida(self.command, self.path, self.headers.items(), cuerpo)
            uno.recibidas.append(una)
            uno.responder(self, una)

        do_GET = do_POST = do_HEAD = do_DELETE = do_PATCH = do_PUT = do_OPTIONS = _atender

        def log_message(self, *_args: Any) -> None:
            pass

    servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manejador)
    uno.puerto = servidor.server_port
    hilo = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.01})
    hilo.start()
    settings.PRUEBAS_URL = f"http://127.0.0.1:{uno.puerto}"
    yield uno
    servidor.shutdown()
    servidor.server_close()
    hilo.join()


@pytest.fixture
def en_pruebas(settings: Any, tmp_path: Any) -> None:
    """This process as the sandbox, in a database that was made for it."""
    settings.PRUEBAS = True
    settings.ROOT_URLCONF = "alpespartner.urls_de_pruebas"
    settings.ALLOWED_HOSTS = [*de_django.ALLOWED_HOSTS, "pruebas.localhost"]
    settings.EMAIL_FILE_PATH = str(tmp_path / "correo")
    settings.PAGOS_PASARELA = "comisiones.pagos.pasarelas.prueba.PasarelaDePrueba"
    settings.PAGOS_OTRAS_PASARELAS = []


@pytest.fixture
def preparado(en_pruebas: None, request: pytest.FixtureRequest) -> None:
    """With its programme."""
    preparar_pruebas()
