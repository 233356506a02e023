"""The script of a shop's page in a real browser, across two hosts: no cookie before consent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings as ajustes
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

from conversiones.rastreo.models import Clic
from conversiones.rastreo.puerta import ConRedirecciones
from conversiones.rastreo.recogida import recoger
from tests import fabricas
from tests.conversiones.rastreo.visitante import NAVEGADOR
from tests.e2e.conftest import CHROMIUM, OPCIONES

pytestmark = [pytest.mark.e2e, pytest.mark.lento, pytest.mark.django_db(transaction=True)]
GUION = Path(ajustes.BASE_DIR) / "static" / "alpespartner" / "alpes.js"


class _Callado(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def servir(app: Any, anfitrion: str) -> Iterator[int]:
    """A server of a thread; gives its port."""
    servidor = make_server(anfitrion, 0, app, handler_class=_Callado)
    hilo = threading.Thread(target=servidor.serve_forever, daemon=True)
    hilo.start()
    try:
        yield servidor.server_port
    finally:
        servidor.shutdown()
        servidor.server_close()
        hilo.join()


def _alpes(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/javascript")])
    return [GUION.read_bytes()]


@pytest.fixture
def casa(settings: Any, tmp_path: Path) -> Iterator[tuple[ConRedirecciones, str, str]]:
    """The site on ``localhost`` and a shop on ``127.0.0.1``: two sites for a browser."""
    settings.HTTPS = False
    settings.CLICS_DIR = tmp_path / "clics"
    app = ConRedirecciones(_alpes)
    app._despertar = lambda: None  # type: ignore[method-assign]

    def una_conexion(environ: Any, start_response: Any) -> Any:
        try:
            return app(environ, start_response)
        finally:
            connection.close()

    with servir(una_conexion, "localhost") as puerto:
        pagina = f'<script src="http://localhost:{puerto}/alpes.js"></script>tienda'.encode()

        def tienda(_environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "text/html")])
            return [pagina]

        with servir(tienda, "127.0.0.1") as suyo:
            yield app, f"http://localhost:{puerto}", f"http://127.0.0.1:{suyo}"


@pytest.fixture
def navegador() -> Iterator[Browser]:
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=OPCIONES)
        yield chromium
        chromium.close()


def _cookies(pagina: Page, de: str) -> dict[str, str]:
    return {c["name"]: c["value"] for c in pagina.context.cookies(de)}


def _preparar(tienda: str) -> None:
    fabricas.enlace(en=fabricas.campana(pagina=f"{tienda}/"), codigo="ana")


def _clics(app: ConRedirecciones) -> list[Clic]:
    app.cuaderno.entregar(ya=True)
    recoger()
    return list(Clic.objects.order_by("pk"))


def test_pesa_menos_de_dos_kb() -> None:
    assert len(GUION.read_bytes()) < 2048


def test_el_viaje_en_un_navegador(casa: Any, navegador: Browser) -> None:
    app, alpes, tienda = casa
    _en_un_hilo(lambda: _preparar(tienda))
    pagina = navegador.new_page(user_agent=NAVEGADOR)
    # By a link: until there is consent, the click stays in the address and nowhere else.
    pagina.goto(f"{alpes}/r/ana?sub1=boletin")
    clic = parse_qs(urlsplit(pagina.url).query)["alpes_clic"][0]
    assert pagina.url.startswith(tienda)
    assert _cookies(pagina, tienda) == {}
    assert pagina.evaluate("alpes.clic()") is None
    assert pagina.evaluate("localStorage.length + sessionStorage.length") == 0
    pagina.evaluate("alpes.consentir(true)")
    assert _cookies(pagina, tienda) == {"alpes_clic": clic}
    assert pagina.evaluate("alpes.clic()") == clic
    assert "alpes_clic" not in pagina.url
    # By a parameter of another platform: one click however often the page is opened.
    for _ in range(2):
        pagina.goto(f"{tienda}/?via=ANA&sub2=x")
        pagina.evaluate("alpes.consentir(true)")
    ultimo = pagina.evaluate("alpes.clic()")
    assert ultimo != clic
    pagina.evaluate("alpes.consentir(false)")
    assert _cookies(pagina, tienda) == {}
    pagina.context.close()
    primero, segundo = _en_un_hilo(lambda: _clics(app))
    assert (primero.id_publico, primero.sub1) == (clic, "boletin")
    assert (segundo.id_publico, segundo.sub2, segundo.visitante) == (ultimo, "x", clic)

    # Without consent nothing is ever stored, there or here.
    otra = navegador.new_page(user_agent=NAVEGADOR)
    otra.goto(f"{alpes}/r/ana?cons=0")
    assert "alpes_clic" not in otra.url
    otra.evaluate("alpes.consentir(true)")
    assert json.dumps(_cookies(otra, tienda)) == json.dumps(_cookies(otra, alpes)) == "{}"


def _en_un_hilo(hacer: Any) -> Any:
    """Playwright's loop forbids Django's database in the thread that it runs in."""
    hecho: list[Any] = []

    def correr() -> None:
        hecho.append(hacer())
        connection.close()

    hilo = threading.Thread(target=correr)
    hilo.start()
    hilo.join()
    return hecho[0]
