"""A Stripe that behaves badly over HTTP. It keeps idempotency as the real one documents it: what a
key got once it gets again, a 500 too, and another request with the same key is an error."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ESPERA = 0.4


class Stripe:
    """Its books. ``maldades``: what happens to the next requests to pay, then all goes well."""

    def __init__(self) -> None:
        self.transferencias: list[dict[str, Any]] = []
        self.respuestas: dict[str, tuple[dict[str, str], int, Any]] = {}
        self.envios: Counter[str] = Counter()
        self.maldades: list[str] = []
        self.mudo = 0
        self.vistas: list[dict[str, str]] = []
        self._cerrojo = threading.Lock()
        suyo = self

        class Ventanilla(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                crudo = self.rfile.read(int(self.headers["Content-Length"])).decode()
                datos = {k: v[0] for k, v in parse_qs(crudo).items()}
                suyo.pagar(self, self.headers["Idempotency-Key"], datos)

            def do_GET(self) -> None:
                if estado := suyo.no_dice():
                    responder(self, estado, error("api_error"))
                    return
                pedido = parse_qs(urlsplit(self.path).query)
                de = [
                    t
                    for t in suyo.transferencias
                    if t["transfer_group"] == pedido["transfer_group"][0]
                ]
                responder(self, 200, {"object": "list", "data": de, "has_more": False})

            def log_message(self, *_args: Any) -> None:
                return

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Ventanilla)
        # It looks twice a second whether it should end, and there is one for each test.
        threading.Thread(target=self._servidor.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"

    def cerrar(self) -> None:
        """Stop answering."""
        self._servidor.shutdown()
        self._servidor.server_close()

    def no_dice(self) -> int:
        """The status with which it answers no question, or 0."""
        return self.mudo

    def pagar(self, peticion: BaseHTTPRequestHandler, clave: str, datos: dict[str, str]) -> None:
        """A request to make a transfer."""
        with self._cerrojo:
            self.vistas.append({**dict(peticion.headers), **datos})
            maldad, estado, cuerpo = self._decidir(clave, datos)
        if maldad == "tarda_y_paga":
            time.sleep(ESPERA * 2)
        if maldad == "corta_y_paga":
            peticion.connection.close()
            return
        responder(peticion, estado, cuerpo)

    def _decidir(self, clave: str, datos: dict[str, str]) -> tuple[str, int, Any]:
        self.envios[clave] += 1
        if clave in self.respuestas:
            antes, estado, cuerpo = self.respuestas[clave]
            return ("", estado, cuerpo) if antes == datos else ("", 400, error("idempotency_error"))
        maldad = self.maldades.pop(0) if self.maldades else "bien"
        if maldad in RECHAZOS:
            # Refused before it begins: the key keeps nothing.
            return (maldad, *RECHAZOS[maldad])
        estado, cuerpo = 500, error("api_error")
        if maldad != "500_sin_pagar":
            hecha = self.anotar(datos)
            if maldad != "500_y_paga":
                estado, cuerpo = 200, hecha
        self.respuestas[clave] = (datos, estado, cuerpo)
        return maldad, estado, cuerpo

    def anotar(self, datos: dict[str, str]) -> dict[str, Any]:
        """Make a transfer."""
        hecha = {
            "id": f"tr_{len(self.transferencias)}", "object": "transfer",
            "amount": int(datos["amount"]), "amount_reversed": 0, "reversed": False,
            "currency": datos["currency"], "destination": datos["destination"],
            "transfer_group": datos["transfer_group"],
            "metadata": {"pago_id": datos["metadata[pago_id]"]},
        }  # fmt: skip
        self.transferencias.append(hecha)
        return hecha


def error(tipo: str, codigo: str = "") -> dict[str, Any]:
    """What Stripe says of an error, naming the account as it does."""
    return {
        "error": {"type": tipo, "code": codigo or None, "message": "acct_SECRETA1234 sk_SECRETA"}
    }


RECHAZOS: dict[str, tuple[int, Any]] = {
    "sin_saldo": (400, error("invalid_request_error", "balance_insufficient")),
    "destino_desconocido": (400, error("invalid_request_error", "resource_missing")),
    "en_uso": (409, error("idempotency_error", "idempotency_key_in_use")),
    "mas_despacio": (429, error("invalid_request_error", "rate_limit")),
    "clave_mala": (401, error("invalid_request_error")),
    "sin_permiso": (403, error("invalid_request_error")),
    "503": (503, error("api_error")),
    "proxy": (400, "<html>"),
}


def responder(peticion: BaseHTTPRequestHandler, estado: int, cuerpo: Any) -> None:
    """Answer, to somebody who may not be there any more."""
    try:
        peticion.send_response(estado)
        peticion.end_headers()
        peticion.wfile.write(json.dumps(cuerpo).encode())
    except OSError:
        pass
