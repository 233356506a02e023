"""The way of a request with a test key through the live site: as it came, and nothing else."""

from __future__ import annotations

import io
import json
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from alpespartner.pruebas import puerta
from alpespartner.pruebas.puerta import ConPruebas, lleva_clave_de_prueba
from tests.pruebas.conftest import Falso, Recibida, decir

CLAVE = "ap_test_0123456789ab_" + "s" * 43
VIVA = "ap_0123456789ab_" + "s" * 43


def detras(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The live site."""
    start_response("299 Lo real", [])
    return [b"real"]


def pedir(
    ruta: str = "/api/v1/afiliados", metodo: str = "GET", cuerpo: bytes = b"", clave: str = CLAVE,
    app: Any = None, **cabeceras: str,
) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
    """Status, headers and body of a request to the live site."""
    camino, _duda, consulta = ruta.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": metodo, "PATH_INFO": camino, "QUERY_STRING": consulta,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "203.0.113.9",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(cuerpo),
        "HTTP_HOST": "api.ejemplo.test", "HTTP_AUTHORIZATION": f"Bearer {clave}",
        **({"CONTENT_LENGTH": str(len(cuerpo)), "CONTENT_TYPE": "application/json"}
           if cuerpo else {}),
        **cabeceras,
    }  # fmt: skip
    dicho: list[Any] = []
    trozos = (app or ConPruebas(detras))(environ, lambda *a: dicho.extend(a))
    try:
        entero = b"".join(trozos)
    finally:
        getattr(trozos, "close", lambda: None)()
    return int(dicho[0].split()[0]), dict(dicho[1]), entero


def test_llega_como_vino(falso: Falso) -> None:
    """Method, path, query, headers and body; and the answer's own status, headers and body."""
    falso.responder = lambda h, _r: decir(h, 201, "ñ".encode(), ETag='"7"', Set_Cookie="a=1")
    estado, cabeceras, cuerpo = pedir(
        "/api/v1/afiliados/ñ a%2F?q=%C3%B1&x=á b&y=[1]".encode().decode("latin-1"), "POST",
        b'{"a": 1}', HTTP_IDEMPOTENCY_KEY="k", HTTP_IF_MATCH='"6"', HTTP_ACCEPT_LANGUAGE="en",
    )  # fmt: skip
    assert (estado, cuerpo) == (201, "ñ".encode())
    assert cabeceras["ETag"] == '"7"'
    assert cabeceras["X-Modo"] == "prueba"
    [una] = falso.recibidas
    assert (una.metodo, una.cuerpo) == ("POST", b'{"a": 1}')
    assert una.ruta == "/api/v1/afiliados/%C3%B1%20a%252F?q=%C3%B1&x=%C3%A1%20b&y=[1]"
    for nombre, valor in {
        "Authorization": f"Bearer {CLAVE}", "Idempotency-Key": "k", "If-Match": '"6"',
        "Accept-Language": "en", "Host": "api.ejemplo.test", "Content-Type": "application/json",
        "Content-Length": "8",
    }.items():  # fmt: skip
        assert una.de(nombre) == [valor], nombre


@pytest.mark.parametrize("estado", [204, 301, 304, 404, 409, 500])
def test_la_respuesta_es_la_suya(falso: Falso, estado: int) -> None:
    """A redirect is not followed, and an error is not another."""

    def responder(h: BaseHTTPRequestHandler, _r: Recibida) -> None:
        h.send_response(estado)
        h.send_header("Location", "http://127.0.0.1:1/otra")
        if estado not in (204, 304):
            h.send_header("Content-Length", "0")
        h.end_headers()

    falso.responder = responder
    dicho, cabeceras, cuerpo = pedir()
    assert (dicho, cabeceras["Location"], cuerpo) == (estado, "http://127.0.0.1:1/otra", b"")
    assert len(falso.recibidas) == 1


@pytest.mark.parametrize("autorizacion", [
    f"Bearer {CLAVE}", f"bearer {CLAVE}", f"BEARER   {CLAVE} ", "Bearer ap_test_",
    "Bearer ap_test_x y",
    f"Bearer {CLAVE},Bearer {VIVA}",
])  # fmt: skip
def test_va_a_pruebas(falso: Falso, autorizacion: str) -> None:
    """Also what is no key: no text that begins as a test key is looked up in what is live."""
    assert pedir(HTTP_AUTHORIZATION=autorizacion)[0] == 200
    assert len(falso.recibidas) == 1


@pytest.mark.parametrize("autorizacion", [
    f"Bearer {VIVA}", f"Basic {CLAVE}", CLAVE, f"Bearer{CLAVE}", "Bearer AP_TEST_x", "Bearer", "",
    f"Bearer {VIVA},Bearer {CLAVE}", f"Bearer x{CLAVE}",
])  # fmt: skip
def test_no_va_a_pruebas(falso: Falso, autorizacion: str) -> None:
    assert pedir(HTTP_AUTHORIZATION=autorizacion)[0] == 299
    assert falso.recibidas == []


@pytest.mark.parametrize(("ruta", "va"), [
    ("/api/v1/x", True), ("/commissions/calculate", True), ("/debug/outbox", True),
    ("/admin/", False), ("/interno/pruebas", False), ("/", False), ("/openapi.json", False),
    ("/apis/", False), ("/metrics", False), ("//api/v1/x", False), ("/r/api/", False),
])  # fmt: skip
def test_solo_la_api(falso: Falso, ruta: str, va: bool) -> None:
    """Nothing of the admin, nor by what the sandbox is ordered things."""
    assert pedir(ruta)[0] == (200 if va else 299)
    assert lleva_clave_de_prueba({
        "PATH_INFO": ruta, "HTTP_AUTHORIZATION": f"Bearer {CLAVE}"
    }) is va  # fmt: skip


def test_con_puntos_no_se_sale(falso: Falso) -> None:
    """The sandbox has no such address: its server does not resolve dots, and neither do we."""
    pedir("/api/../interno/pruebas", "POST", b"x")
    assert falso.recibidas[0].ruta == "/api/../interno/pruebas"


def test_lo_de_la_conexion_se_queda(falso: Falso) -> None:
    """Hop-by-hop headers in both directions, and those that a ``Connection`` names; but nobody
    makes a request another's by naming what says whose it is."""
    falso.responder = lambda h, _r: decir(
        h, 200, Connection="close, X-De-Salto", X_De_Salto="1", Keep_Alive="timeout=5",
        Proxy_Authenticate="x", X_Fin="1",
    )  # fmt: skip
    _estado, cabeceras, _cuerpo = pedir(
        HTTP_CONNECTION="keep-alive, X-Mia, Authorization, Host", HTTP_X_MIA="1",
        HTTP_TE="trailers",
        HTTP_UPGRADE="h2c", HTTP_PROXY_AUTHORIZATION="x", HTTP_EXPECT="100-continue",
        HTTP_KEEP_ALIVE="5", HTTP_X_OTRA="1", HTTP_TRAILER="X",
    )  # fmt: skip
    [una] = falso.recibidas
    for nombre in ("X-Mia", "TE", "Upgrade", "Proxy-Authorization", "Expect", "Keep-Alive",
                   "Trailer", "Transfer-Encoding"):  # fmt: skip
        assert una.de(nombre) == [], nombre
    assert una.de("Authorization") == [f"Bearer {CLAVE}"]
    assert una.de("Host") == ["api.ejemplo.test"]
    assert una.de("X-Otra") == ["1"]
    assert una.de("Connection") == ["close"]
    assert cabeceras["X-Fin"] == "1"
    fuera = {"connection", "x-de-salto", "keep-alive", "proxy-authenticate", "date", "server"}
    assert not fuera & {nombre.lower() for nombre in cabeceras}


@pytest.mark.parametrize(("proxy", "proto", "desde", "como"), [
    (False, "", "203.0.113.9", "http"),
    # What a caller says of itself is nothing.
    (False, "https", "203.0.113.9", "http"),
    (True, "https", "198.51.100.7", "https"),
    (True, "http", "198.51.100.7", "http"),
])  # fmt: skip
def test_quien_pide_lo_dice_el_sitio(
    falso: Falso, settings: Any, proxy: bool, proto: str, desde: str, como: str
) -> None:
    settings.DETRAS_DE_PROXY = proxy
    pedir(
        HTTP_X_FORWARDED_FOR="10.0.0.1, 198.51.100.7", HTTP_X_FORWARDED_HOST="malo",
        HTTP_FORWARDED="for=10.0.0.1", **({"HTTP_X_FORWARDED_PROTO": proto} if proto else {}),
    )  # fmt: skip
    [una] = falso.recibidas
    assert una.de("X-Forwarded-For") == [desde]
    assert una.de("X-Forwarded-Proto") == [como]
    assert una.de("X-Forwarded-Host") == una.de("Forwarded") == []


@pytest.mark.parametrize(("cabecera", "valor"), [
    ("HTTP_X_MALA", "a\r\nX-Forwarded-For: 1.1.1.1"), ("HTTP_X_MALA", "a\nb"),
    ("HTTP_HOST", "x\r\n\r\nGET /otra HTTP/1.1"), ("CONTENT_TYPE", "a\r\nb: c"),
    ("REQUEST_METHOD", "GET /otra HTTP/1.1\r\nX: "),
])  # fmt: skip
def test_nadie_mete_otra_cabecera(falso: Falso, cabecera: str, valor: str) -> None:
    """No server of ours lets these through; neither does this. The turn is given back."""
    app = ConPruebas(detras)
    assert pedir(app=app, **{cabecera: valor})[0] == 400
    assert falso.recibidas == []
    assert pedir(app=app)[0] == 200


@pytest.mark.parametrize(("cabeceras", "estado", "codigo"), [
    ({"CONTENT_LENGTH": "1000001"}, 413, "peticion_demasiado_grande"),
    ({"CONTENT_LENGTH": "9" * 4000}, 413, "peticion_demasiado_grande"),
    ({"CONTENT_LENGTH": "-1"}, 400, "peticion_invalida"),
    ({"CONTENT_LENGTH": "x"}, 400, "peticion_invalida"),
    ({"CONTENT_LENGTH": "9"}, 400, "peticion_invalida"),
    ({"HTTP_TRANSFER_ENCODING": "Chunked"}, 411, "falta_longitud"),
])  # fmt: skip
def test_lo_que_no_cabe(falso: Falso, cabeceras: dict[str, str], estado: int, codigo: str) -> None:
    """It is refused here, before any of it goes further."""
    dicho, suyas, cuerpo = pedir(metodo="POST", cuerpo=b"12", **cabeceras)
    assert (dicho, json.loads(cuerpo)["codigo"]) == (estado, codigo)
    assert suyas["Content-Type"] == "application/problem+json"
    assert falso.recibidas == []


def test_sin_entorno(settings: Any) -> None:
    """Not set up: a problem that says what to do, in the caller's language; never the live site."""
    settings.PRUEBAS_URL = ""
    for lengua, dicho in (("es", "no tiene entorno de pruebas"), ("en-GB", "has no sandbox")):
        estado, cabeceras, cuerpo = pedir(HTTP_ACCEPT_LANGUAGE=lengua, HTTP_X_REQUEST_ID="mia")
        problema = json.loads(cuerpo)
        assert (estado, problema["codigo"]) == (503, "pruebas_apagadas")
        assert dicho in problema["detail"]
        assert cabeceras["X-Request-Id"] == problema["peticion_id"] == "mia"
        assert cabeceras["Retry-After"]


def test_no_contesta(falso: Falso, settings: Any) -> None:
    """Nobody listens: at once; and it is asked again by the next, for it may be there by then."""
    with socket.socket() as nadie:
        nadie.bind(("127.0.0.1", 0))
        settings.PRUEBAS_URL = f"http://127.0.0.1:{nadie.getsockname()[1]}"
        app = ConPruebas(detras)
        for _vez in range(3):
            estado, _c, cuerpo = pedir(app=app)
            assert (estado, json.loads(cuerpo)["codigo"]) == (503, "pruebas_no_contestan")
    assert pedir(app=app, metodo="HEAD")[2] == b""
    assert pedir(app=app, clave=VIVA)[0] == 299
    settings.PRUEBAS_URL = f"http://127.0.0.1:{falso.puerto}"
    assert pedir(app=app)[0] == 200


def test_tarda_demasiado(falso: Falso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long, and for a moment nobody asks again."""
    monkeypatch.setattr("alpespartner.pruebas.canal._ESPERA", 0.05)
    monkeypatch.setattr(puerta, "_TURNO", 0.01)
    monkeypatch.setattr(puerta, "_LEJOS", 60)
    falso.responder = lambda h, _r: time.sleep(0.3)
    app = ConPruebas(detras)
    assert [pedir(app=app)[0] for _vez in range(3)] == [503] * 3
    assert len(falso.recibidas) == 1
    falso.responder = lambda h, _r: decir(h, 200)
    app._lejos_hasta = 0
    assert pedir(app=app)[0] == 200


def test_muchas_a_la_vez_dejan_sitio(falso: Falso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the sandbox takes no more of the live site than its share; once it answers,
    the turn is free."""
    monkeypatch.setattr(puerta, "_A_LA_VEZ", 1)
    monkeypatch.setattr(puerta, "_TURNO", 0.01)
    app = ConPruebas(detras)
    environ = {
        "PATH_INFO": "/api/v1/x", "HTTP_AUTHORIZATION": f"Bearer {CLAVE}", "REQUEST_METHOD": "GET",
        "wsgi.input": io.BytesIO(),
    }  # fmt: skip
    sin_leer = app(environ, lambda *_a: None)
    estado, _c, cuerpo = pedir(app=app)
    assert (estado, json.loads(cuerpo)["codigo"]) == (503, "pruebas_ocupadas")
    assert pedir(app=app, clave=VIVA)[0] == 299
    sin_leer.close()
    sin_leer.close()
    assert pedir(app=app)[0] == 200
    assert app._turnos._value == 1


def test_lo_cortado_no_parece_entero(falso: Falso) -> None:
    def cortar(h: BaseHTTPRequestHandler, _r: Recibida) -> None:
        h.send_response(200)
        h.send_header("Content-Length", "100")
        h.end_headers()
        h.wfile.write(b"la mitad")
        h.close_connection = True

    falso.responder = cortar
    app = ConPruebas(detras)
    with pytest.raises(Exception, match="IncompleteRead"):
        pedir(app=app)
    falso.responder = lambda h, _r: decir(h, 200)
    assert pedir(app=app)[0] == 200


def test_en_pruebas_no_se_reenvia(falso: Falso, settings: Any) -> None:
    """The sandbox answers by itself."""
    settings.PRUEBAS = True
    assert pedir()[0] == 299
    assert falso.recibidas == []
