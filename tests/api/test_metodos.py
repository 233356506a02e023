"""Methods that nobody declares: HEAD is GET without its body, OPTIONS and 405 say what there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from django.urls import resolve

from alpespartner.comun.web.cabeza import CabezaSinCuerpo
from tests import fabricas
from tests.api.test_permisos import IDS, PUNTOS, ids  # noqa: F401 - a fixture
from tests.fabricas import TODOS_LOS_ALCANCES, problema

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]

LECTURAS = [punto[1] for punto in PUNTOS if punto[0] == "GET"]
SITIO = (
    "/", "/docs", "/openapi.json", "/health", "/health/live", "/health/ready", "/admin/",
    "/admin/login/", "/nada", "/api/v1/nada",
)  # fmt: skip


def responder(metodo: str, ruta: str, clave: str | None = None) -> Any:
    """As the web server gets it: the tests' client would take the body of HEAD away itself."""
    cabeceras = {"HTTP_X_REQUEST_ID": "una"}
    if clave:
        cabeceras["HTTP_AUTHORIZATION"] = f"Bearer {clave}"
    return WSGIHandler().get_response(RequestFactory().generic(metodo, ruta, **cabeceras))


def es_get_sin_cuerpo(ruta: str, clave: str | None = None) -> None:
    """Same status and headers, and nothing else."""
    con, sin = responder("GET", ruta, clave), responder("HEAD", ruta, clave)
    assert (sin.status_code, sin.content) == (con.status_code, b"")
    # Each of the two is counted, and the identifier of a PDF is another each time it is made.
    varian = {"RateLimit"}
    if con.headers["Content-Type"] == "application/pdf":
        varian.add("Content-Length")
    assert set(sin.headers) == set(con.headers)
    for nombre in con.headers.keys() - varian:
        assert sin.headers[nombre] == con.headers[nombre], nombre
    assert int(sin.headers["Content-Length"]) > 0 or con.status_code == 302


@pytest.mark.parametrize("ruta", LECTURAS)
def test_head_de_la_api(ruta: str, ids: dict[str, str]) -> None:  # noqa: F811
    """What GET answers: also without a key, and with a parameter that it does not read."""
    ruta, clave = ruta.format_map(ids), fabricas.clave()
    es_get_sin_cuerpo(ruta, clave)
    es_get_sin_cuerpo(ruta)
    es_get_sin_cuerpo(f"{ruta}{'&' if '?' in ruta else '?'}foo=1", clave)
    assert responder("HEAD", ruta, clave).status_code == 200


def test_head_de_lo_que_no_esta() -> None:
    es_get_sin_cuerpo("/api/v1/comisiones/com_no", fabricas.clave())


@pytest.mark.lento
@pytest.mark.parametrize("ruta", SITIO)
def test_head_del_sitio(ruta: str) -> None:
    es_get_sin_cuerpo(ruta)


def test_head_de_lo_que_llega_a_trozos() -> None:
    """Of the rest of a long answer nothing is made."""

    def trozos() -> Any:
        yield b"uno"
        raise AssertionError("nobody asked for it")

    def contestar(metodo: str) -> Any:
        medio = CabezaSinCuerpo(lambda _peticion: StreamingHttpResponse(trozos()))
        return medio(RequestFactory().generic(metodo, "/"))

    assert list(contestar("HEAD")) == []
    assert next(iter(contestar("GET"))) == b"uno"


@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_options_dice_los_metodos(punto: Any, ids: dict[str, str]) -> None:  # noqa: F811
    """To any key, whatever its scopes, and nothing of what the address gives."""
    metodo, ruta, _alcance, _cuerpo = punto
    otro = next(a for a in TODOS_LOS_ALCANCES if a.startswith("outbox"))
    dicho = responder("OPTIONS", ruta.format_map(ids).partition("?")[0], fabricas.clave([otro]))
    assert (dicho.status_code, dicho.content) == (200, b'{"documento":"/openapi.json"}')
    assert {metodo, "OPTIONS"} <= set(dicho.headers["Allow"].split(", "))
    problema(fabricas.ClienteAPI().options(ruta.format_map(ids)), 401, "sin_clave")


def _vista(ruta: str) -> Any:
    return resolve(ruta.partition("?")[0]).func


@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_un_metodo_que_no_hay(punto: Any, ids: dict[str, str]) -> None:  # noqa: F811
    """405 that says which there are, also with a parameter that nobody reads; nothing is done."""
    ruta = punto[1].format_map(ids).partition("?")[0]
    api, antes = fabricas.api(), fabricas.foto()
    vista = _vista(ruta)
    suyos = {m for m, otra, _a, _c in PUNTOS if _vista(otra.format_map(ids)) is vista}
    for metodo in {"PUT", "PATCH", "DELETE", "TRACE", "QUERY", "INVENTADO"} - suyos:
        for una in (ruta, f"{ruta}?foo=1"):
            respuesta = api.generic(metodo, una)
            problema(respuesta, 405, "metodo_no_admitido")
            assert punto[0] in respuesta.headers["Allow"].split(", ")
    assert fabricas.foto() == antes


@pytest.mark.parametrize("ruta", ["/docs", "/openapi.json"])
def test_el_documento_solo_se_lee(ruta: str) -> None:
    """Its page cannot show a refusal: it is a problem, as everywhere."""
    for metodo in ("POST", "PUT", "OPTIONS"):
        respuesta = fabricas.ClienteAPI().generic(metodo, ruta)
        problema(respuesta, 405, "metodo_no_admitido")
        assert respuesta.headers["Allow"] == "GET, HEAD"
