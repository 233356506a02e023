"""Where a link may lead: one site, listed letter by letter, by every reading of an address."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversiones.campanas.destinos import admite, con_consulta, es_sitio, sitio_de

pytestmark = pytest.mark.una_base

SITIO = "tienda.example"
BUENAS = (
    "https://tienda.example", "https://tienda.example/", "HTTPS://TIENDA.example/a?b=c#d",
    "https://tienda.example:443/a", "https://tienda.example?x=https://otro.example",
    "https://tienda.example#@otro.example", "https://tienda.example/@otro.example//x",
)  # fmt: skip
MALAS = (
    "", "tienda.example", "//tienda.example", "/", "http://tienda.example", "ftp://tienda.example",
    "javascript:alert(1)", "javascript://tienda.example/%0aalert(1)", "data:text/html,x",
    "https:tienda.example", "https:/tienda.example", "https:///tienda.example",
    "https:////tienda.example", "https:\\\\tienda.example", "https:/\\otro.example",
    "https://otro.example\\@tienda.example", "https://tienda.example\\.otro.example",
    "https://tienda.example@otro.example", "https://tienda.example:x@otro.example",
    "https://u@tienda.example", "https://@tienda.example", "https://tienda.example:pass@",
    "https://tienda.example.", "https://tienda.example..", "https://.tienda.example",
    "https://tienda.example.otro.example", "https://otrotienda.example",
    "https://tienda.example:8443", "https://tienda.example:", "https://tienda.example:0",
    "https://tienda.example:99999", "https://tienda.example:٤٤٣",
    "https://tienda%2eexample", "https://tienda.example%2f@otro.example",
    "https:%2F%2Ftienda.example",
    "https://tienda.example/\\otro.example", "https://tienda.example?x=\\\\otro.example",
    "https%3A//tienda.example", "https://tienda.example%00.otro.example",
    " https://tienda.example", "https://tienda.example ", "https://tienda.example/a b",
    "https://tienda.example/\r\nSet-Cookie: a=b", "https://tienda.example/\t", "\thttps://tienda.example",
    "ht\ntps://tienda.example", "https://tien\tda.example", "https://tienda.example/\x00",
    "https://tienda.example/\x7f", "https://tiendа.example", "https://tíenda.example",
    "https://tienda.example/ñ", "https://xn--tienda-xyz.example", "https://tienda。example",
    "https://ｔienda.example", "https://[::1]/", "https://[tienda.example]/",
    "https://127.0.0.1", "https://2130706433", "https://tienda.example" + "/a" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("direccion", BUENAS)
def test_lleva_al_sitio(direccion: str) -> None:
    assert sitio_de(direccion) == SITIO
    assert admite(direccion, {SITIO})
    assert not admite(direccion, {"otro.example"})


@pytest.mark.parametrize("direccion", MALAS)
def test_no_lleva_a_ningun_sitio_listado(direccion: str) -> None:
    assert not admite(direccion, {SITIO})


def test_un_puerto_y_esta_maquina() -> None:
    assert admite("https://tienda.example:8443/x", {"tienda.example:8443"})
    assert not admite("http://localhost:9000/", {"localhost:9000"})
    assert admite("http://localhost:9000/", {"localhost:9000"}, http_local=True)
    assert not admite("http://tienda.example/", {SITIO}, http_local=True)


@pytest.mark.parametrize(
    "texto", ["", "tienda", "Tienda.example", "a..b", "a.b:443", "-a.b", "a/b.c"]
)
def test_no_es_un_sitio(texto: str) -> None:
    assert not es_sitio(texto)


_TROZOS = st.sampled_from(
    ["https", "http", ":", "/", "//", "\\", "@", "?", "#", "%2f", "%40", "%5c", "\t", "\n", "\x00",
     "。",
     ".", "tienda.example", "otro.example", "xn--", "[", "]", ":443", ":80", " ", "ａ", "u:p@"]
)  # fmt: skip


@given(st.lists(_TROZOS, min_size=1, max_size=9).map("".join))
def test_lo_admitido_lo_lee_igual_cualquiera(direccion: str) -> None:
    """As browsers read it: a backslash is a slash, blanks inside go, any run of slashes is two."""
    if not admite(direccion, {SITIO}):
        return
    navegador = "".join(c for c in direccion if c not in "\t\r\n").strip().replace("\\", "/")
    esquema, _dos, resto = navegador.partition(":")
    autoridad = resto.lstrip("/").split("/")[0].split("?")[0].split("#")[0]
    assert (esquema.lower(), autoridad.lower().removesuffix(":443")) == ("https", SITIO)
    assert urlsplit(direccion).hostname == SITIO


def test_la_consulta_pasa_y_gana_la_del_destino() -> None:
    clic = "clic_1"
    assert con_consulta("https://a.b/x", "", "") == "https://a.b/x"
    assert con_consulta("https://a.b/x", "", clic) == f"https://a.b/x?alpes_clic={clic}"
    destino = "https://a.b/x?utm_source=suyo&alpes_clic=viejo#ancla"
    hecha = con_consulta(destino, "utm_source=mio&sub1=a%20b&destino=x&alpes_clic=falso&c", clic)
    assert hecha == f"https://a.b/x?utm_source=suyo&sub1=a%20b&c&alpes_clic={clic}#ancla"
    # A name is the same however it is written.
    assert con_consulta("https://a.b/?k=1", "%6b=2", "") == "https://a.b/?k=1"


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_ninguna_consulta_sale_de_la_suya(consulta: str) -> None:
    """Nothing that comes in a query moves the site, ends the line or forges the click."""
    hecha = con_consulta("https://tienda.example/x?a=1#fin", consulta, "clic_1")
    assert hecha.isascii()
    assert hecha.isprintable()
    partes = urlsplit(hecha)
    assert (partes.netloc, partes.path, partes.fragment) == (SITIO, "/x", "fin")
    pares = parse_qsl(partes.query, keep_blank_values=True)
    assert [v for k, v in pares if k == "alpes_clic"] == ["clic_1"]
    assert [v for k, v in pares if k == "a"] == ["1"]
