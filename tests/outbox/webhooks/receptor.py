"""A receiver that runs here, on a port of its own, and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receptor:
    """What it got, in order (``pedido``: by GET), and how it answers: ``responder`` writes to the
    handler."""

    recibido: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    pedido: list[str] = field(default_factory=list)
    responder: Callable[[Any, int], None] = lambda manejador, _n: contestar(manejador, 204)
    puerto: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.puerto}/eventos?de=alpes"


def contestar(manejador: Any, codigo: int, cuerpo: bytes = b"", **cabeceras: str) -> None:
    """A whole answer."""
    manejador.send_response(codigo)
    for nombre, valor in cabeceras.items():
        manejador.send_header(nombre.replace("_", "-"), valor)
    manejador.send_header("Content-Length", str(len(cuerpo)))
    manejador.end_headers()
    manejador.wfile.write(cuerpo)


@contextmanager
def receptor() -> Iterator[Receptor]:
    """A receiver for as long as the block lasts."""
    uno = Receptor()

    class Manejador(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            cuerpo = self.rfile.read(int(self.headers["Content-Length"]))
            uno.recibido.append((dict(self.headers), cuerpo))
            try:
                uno.responder(self, len(uno.recibido))
            except OSError:
                # Whoever was asked hung up.
                self.close_connection = True

        def do_GET(self) -> None:
            uno.pedido.append(self.path)
            try:
                uno.responder(self, len(uno.pedido))
            except OSError:
                self.close_connection = True

        def log_message(self, *_args: Any) -> None:
            pass

    class Servidor(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    servidor = Servidor(("127.0.0.1", 0), Manejador)
    uno.puerto = servidor.server_address[1]
    hilo = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.02})
    hilo.start()
    try:
        yield uno
    finally:
        servidor.shutdown()
        hilo.join()
        servidor.server_close()
