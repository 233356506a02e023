"""Topics are asked of Pulsar whole: partitions, subscriptions and for how long it keeps them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.errores import PulsarNoResponde
from outbox.transportes.pulsar.topicos import crear_topicos


class Pulsar:
    """Its administration: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.pedidos: list[tuple[str, str, Any]] = []
        self.estado = 204
        suyo = self

        class Ventanilla(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                crudo = self.rfile.read(int(self.headers["Content-Length"]))
                suyo.pedidos.append((self.command, self.path, json.loads(crudo)))
                self.send_response(suyo.estado)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT

            def log_message(self, *_args: Any) -> None:
                return

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Ventanilla)
        threading.Thread(target=self._servidor.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"

    def cerrar(self) -> None:
        """Stop answering."""
        self._servidor.shutdown()
        self._servidor.server_close()


@pytest.fixture
def pulsar(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulsar]:
    """One with two consumers, of which only one wants what affiliates tell."""
    for nombre in list(CONSUMIDORES):
        monkeypatch.delitem(CONSUMIDORES, nombre)
    for nombre, tipos in (("todo", frozenset()), ("pagos", frozenset({"PagoEnviado"}))):
        monkeypatch.setitem(CONSUMIDORES, nombre, Consumidor(nombre, tipos, lambda _s: None))
    suyo = Pulsar()
    settings.PULSAR_ADMIN_URL = suyo.url
    yield suyo
    suyo.cerrar()


def test_lo_que_se_pide(pulsar: Pulsar) -> None:
    """In the order that Pulsar needs; the days are in minutes, and no size cuts them short."""
    lineas = list(crear_topicos())
    assert lineas[0] == "afiliados.eventos: 4 particiones, 30 días, suscripciones todo"
    assert lineas[-1] == "comisiones.eventos: 8 particiones, 365 días, suscripciones todo, pagos"
    base = "/admin/v2/persistent/public/default"
    assert pulsar.pedidos[:3] == [
        ("PUT", f"{base}/afiliados.eventos/partitions", 4),
        ("PUT", f"{base}/afiliados.eventos/subscription/todo", "earliest"),
        (
            "POST", f"{base}/afiliados.eventos/retention",
            {"retentionTimeInMinutes": 43_200, "retentionSizeInMB": -1},
        ),
    ]  # fmt: skip
    assert [ruta.removeprefix(base) for _m, ruta, _c in pulsar.pedidos[-4:]] == [
        f"/comisiones.eventos/{que}"
        for que in ("partitions", "subscription/todo", "subscription/pagos", "retention")
    ]


def test_lo_que_ya_existe_se_queda(pulsar: Pulsar) -> None:
    pulsar.estado = 409
    assert len(list(crear_topicos())) == 4


def test_lo_que_pulsar_rechaza_se_dice(pulsar: Pulsar, settings: Any) -> None:
    """With what was asked, so that whoever runs it can look; and when nobody answers, where."""
    pulsar.estado = 500
    with pytest.raises(PulsarNoResponde, match=r"Pulsar contestó 500 a PUT .*/partitions"):
        list(crear_topicos())
    settings.PULSAR_ADMIN_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match=r"no responde en http://127\.0\.0\.1:1 .*en marcha"):
        call_command("crear_topicos")
