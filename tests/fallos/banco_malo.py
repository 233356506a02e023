"""A payment provider that behaves badly on purpose, and the gateway that talks to it over HTTP.

It keeps its word on one thing only: a key is paid once.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alpespartner.comun.dinero import texto
from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta

# How a send ends; the client waits for half a second.
MALDADES = ("bien", "tarda_y_paga", "falla_y_paga", "falla_sin_pagar", "corta_y_paga", "lento")
ESPERA = 0.5


class Banco:
    """The provider's books: what it paid by key, and how often it was asked to.

    It takes ``demora`` seconds to answer a request to pay.
    """

    def __init__(self, semilla: str, *, malo: bool, demora: float = 0) -> None:
        self._azar = random.Random(semilla)
        self._cerrojo = threading.Lock()
        self.malo = malo
        self.demora = demora
        self.pagados: dict[str, Decimal] = {}
        self.envios: Counter[str] = Counter()
        self.hecho: Counter[str] = Counter()
        banco = self

        class Ventanilla(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                datos = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                banco.atender(self, datos)

            def do_GET(self) -> None:
                banco.decir(self, self.path.rpartition("/")[2])

            def log_message(self, *_args: Any) -> None:
                return

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Ventanilla)
        threading.Thread(target=self._servidor.serve_forever, daemon=True).start()
        self.entorno = {"ALPES_BANCO": f"127.0.0.1:{self._servidor.server_port}"}

    def cerrar(self) -> None:
        """Stop answering."""
        self._servidor.shutdown()
        self._servidor.server_close()

    def atender(self, peticion: BaseHTTPRequestHandler, datos: dict[str, str]) -> None:
        """A request to pay."""
        clave = datos["clave"]
        with self._cerrojo:
            self.envios[clave] += 1
            maldad = self._azar.choice(MALDADES) if self.malo else "bien"
            self.hecho[maldad] += 1
            if maldad != "falla_sin_pagar":
                self.pagados.setdefault(clave, Decimal(datos["importe"]))
        if maldad == "tarda_y_paga":
            time.sleep(ESPERA * 3)
        time.sleep(self.demora)
        if maldad == "lento":
            time.sleep(ESPERA / 2)
        if maldad == "corta_y_paga":
            peticion.connection.close()
            return
        _responder(peticion, 500 if maldad.startswith("falla") else 200, {"ref": f"ref-{clave}"})

    def decir(self, peticion: BaseHTTPRequestHandler, clave: str) -> None:
        """A question about a key; one in five is not answered."""
        with self._cerrojo:
            falla = self.malo and self._azar.random() < 0.2
            pagado = clave in self.pagados
        if falla:
            _responder(peticion, 503, {})
        elif pagado:
            _responder(peticion, 200, {"ref": f"ref-{clave}"})
        else:
            _responder(peticion, 404, {})


def _responder(peticion: BaseHTTPRequestHandler, estado: int, cuerpo: dict[str, str]) -> None:
    try:
        peticion.send_response(estado)
        peticion.end_headers()
        peticion.wfile.write(json.dumps(cuerpo).encode())
    except OSError:
        # The client was killed, or did not wait.
        pass


class PasarelaMala:
    """The gateway of the workers under test."""

    nombre = "mala"
    ventana: timedelta | None = None
    por_fichero = False
    paga_a: PagaA = ""
    monedas: frozenset[str] | None = None

    def enviar(self, orden: Orden) -> Respuesta:
        """Pay; whatever is not a plain 200 is not known."""
        cuerpo = {"clave": orden.clave, "importe": texto(orden.importe, orden.moneda)}
        estado, dicho = _pedir("POST", "/pagos", json.dumps(cuerpo))
        if estado != 200:
            raise OSError(f"HTTP {estado}")
        return Respuesta("pagado", referencia=dicho["ref"])

    def consultar(self, orden: Orden) -> Respuesta | None:
        """What became of a key."""
        estado, dicho = _pedir("GET", f"/pagos/{orden.clave}")
        if estado == 404:
            return None
        if estado != 200:
            raise OSError(f"HTTP {estado}")
        return Respuesta("pagado", referencia=dicho["ref"])


def _pedir(metodo: str, ruta: str, cuerpo: str | None = None) -> tuple[int, dict[str, str]]:
    conexion = http.client.HTTPConnection(os.environ["ALPES_BANCO"], timeout=ESPERA)
    with contextlib.closing(conexion):
        conexion.request(metodo, ruta, cuerpo)
        respuesta = conexion.getresponse()
        return respuesta.status, json.loads(respuesta.read() or b"{}")
