"""The script of a shop's page in a real browser, across two hosts: no cookie before consent; and
from a link to the sale that it brought, as a shop does it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings as ajustes
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright

from conversiones.models import Conversion
from conversiones.rastreo.models import Clic
from conversiones.rastreo.puerta import ConRedirecciones
from conversiones.rastreo.recogida import recoger
from tests import fabricas
from tests.admin.conftest import cliente_de
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


class Tienda:
    """A shop: its page asks whom it signs up, and its server tells the programme of who signed up
    and of what they buy."""

    def __init__(self, app: ConRedirecciones, de: str) -> None:
        self._app, self._de = app, de
        self.guion: dict[str, bool] = {}

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        dichos = dict(parse_qsl(environ["QUERY_STRING"]))
        galleta = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("alpes_clic")
        clic = {} if galleta is None or not galleta.value else {"clic_id": galleta.value}
        con = " ".join(nombre for nombre, si in self.guion.items() if si)
        cuerpo = (
            f'<script src="{self._de}" {con}></script>'
            '<form action="/alta"><input name="cliente_ref"><button>Crear cuenta</button></form>'
            '<form action="/compra"><input name="cliente_ref"><input name="cupon">'
            "<button>Comprar</button></form>"
        )
        if environ["PATH_INFO"] in ("/alta", "/compra"):
            cuerpo = self._contar(environ["PATH_INFO"], dichos, clic) + cuerpo
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [cuerpo.encode()]

    def _contar(self, ruta: str, dichos: dict[str, str], clic: dict[str, str]) -> str:
        try:
            _clics(self._app)
            api = fabricas.api()
            if ruta == "/alta":
                hecho = api.enviar("/api/v1/clientes", {**dichos, **clic})
                return str(hecho.json().get("cliente_id", hecho.content))
            # Whoever has an account is known by it; a guest, by the click of the browser.
            suyo = {} if "cliente_ref" in dichos else clic
            venta = api.enviar(
                "/api/v1/conversiones", {"valor_conversion": "100", **dichos, **suyo}
            )
            return f"<b>{venta.json().get('conversion_id', venta.content)}</b>"
        finally:
            connection.close()


@pytest.fixture
def casa(
    settings: Any, tmp_path: Path
) -> Iterator[tuple[ConRedirecciones, str, str, dict[str, bool]]]:
    """The site on ``localhost`` and a shop on ``127.0.0.1``: two sites for a browser; and the
    attributes of the script there."""
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
        tienda = Tienda(app, f"http://localhost:{puerto}/alpes.js")
        with servir(tienda, "127.0.0.1") as suyo:
            yield app, f"http://localhost:{puerto}", f"http://127.0.0.1:{suyo}", tienda.guion


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
    app, alpes, tienda, _guion = casa
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


# Model, consent, an account before buying, a coupon; then whose the sale is, and by what.
_VIAJES = (
    ("ultimo_clic", True, True, False, "Luis", "vinculo"),
    ("primer_clic", True, True, False, "Ana", "vinculo"),
    ("ultimo_clic", False, True, False, "", "ninguno"),
    ("ultimo_clic", False, False, True, "Luis", "cupon"),
    # Of a guest the coupon goes before the click; who has an account is whose that is.
    ("primer_clic", True, False, True, "Luis", "cupon"),
    ("primer_clic", True, True, True, "Ana", "vinculo"),
)


def _enlaces(tienda: str, n: int, modelo: str) -> None:
    """Links of Ana and Luis to a shop, and a coupon of Luis."""
    en = fabricas.campana(pagina=f"{tienda}/", predeterminada=True, modelo_atribucion=modelo)
    for nombre in ("ana", "luis"):
        quien = fabricas.afiliado(nombre=nombre.title(), email=f"{nombre}{n}@example.com")
        fabricas.enlace(de=quien, en=en, codigo=f"{nombre}{n}")
    fabricas.cupon(f"LUIS{n}", de=quien, en=en)


def _por_que(venta: str) -> tuple[str, str, str]:
    """Whose a sale is, by what, and what its page says."""
    suya = Conversion.objects.get(id_publico=venta)
    jefa, _nueva = User.objects.get_or_create(
        username="jefa", defaults={"is_staff": True, "is_superuser": True}
    )
    ficha = reverse("admin:conversiones_conversion_change", args=[suya.pk])
    texto = cliente_de(jefa).get(ficha).content.decode()
    return suya.afiliado.nombre if suya.afiliado else "", suya.atribucion.motivo, texto


def test_del_enlace_a_la_venta(casa: Any, navegador: Browser) -> None:
    """By a link of Ana, then by one of Luis; then perhaps an account, and a sale."""
    _app, alpes, tienda, guion = casa
    for n, (modelo, consiente, cuenta, cupon, de, motivo) in enumerate(_VIAJES):
        _en_un_hilo(lambda n=n, modelo=modelo: _enlaces(tienda, n, modelo))
        guion["data-primero"] = modelo == "primer_clic"
        pagina = navegador.new_page(user_agent=NAVEGADOR)
        for quien in ("ana", "luis"):
            pagina.goto(f"{alpes}/r/{quien}{n}?cons={int(consiente)}")
            pagina.evaluate(f"alpes.consentir({str(consiente).lower()})")
        assert bool(_cookies(pagina, tienda)) == consiente
        if cuenta:
            pagina.locator("form[action='/alta'] [name=cliente_ref]").fill("compra-1")
            pagina.get_by_role("button", name="Crear cuenta").click()
        compra = pagina.locator("form[action='/compra']")
        compra.locator("[name=cliente_ref]").fill("compra-1" if cuenta else "")
        compra.locator("[name=cupon]").fill(f" luis{n} " if cupon else "")
        compra.get_by_role("button", name="Comprar").click()
        venta = pagina.locator("b").inner_text()
        suya, por, ficha = _en_un_hilo(lambda venta=venta: _por_que(venta))
        assert (suya, por) == (de, motivo), n
        assert (de or "Sin atribuir") in ficha
        assert (f"LUIS{n}" in ficha) == cupon
        pagina.context.close()


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
