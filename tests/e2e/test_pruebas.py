"""Test keys on the whole product: two databases behind one address, and nothing goes across."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alpespartner.pruebas.puerta import _LEJOS
from tests.e2e.conftest import Producto, esperar

pytestmark = [pytest.mark.e2e, pytest.mark.lento, pytest.mark.xdist_group("pruebas")]
CON_PRUEBAS = True
ADEMAS = {"ALPES_WEBHOOKS_LOCALES": "1"}
VENTA = {
    "afiliado_id": "prueba-lucia", "valor_conversion": "100.00", "referencia_externa": "p-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def sitio(producto: Producto) -> Producto:
    """With its sandbox awake."""
    _despierto(producto)
    return producto


def _despierto(producto: Producto) -> None:
    """Each process of the site by itself leaves alone for a moment what kept it waiting: it is
    awake when that moment is over for all of them."""
    contesta = [0.0]

    def seguido() -> bool:
        if producto.pedir("GET", "/api/v1/afiliados", clave="prueba")[0] != 200:
            contesta[0] = 0.0
            return False
        contesta[0] = contesta[0] or time.monotonic()
        return time.monotonic() - contesta[0] > _LEJOS

    esperar(seguido, "el entorno de pruebas", 120)


def _filas(sitio: Producto, consulta: str, *, de: str = "") -> list[Any]:
    base = sitio.carpeta / de / "alpespartner.sqlite3"
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True)) as conexion:
        return conexion.execute(consulta).fetchall()


def _foto_real(sitio: Producto) -> dict[str, int]:
    """Rows of every live table in which something of a sale would be."""
    tablas = [
        t for (t,) in _filas(sitio, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if t.startswith(("conversiones_", "afiliados_", "outbox_webhook", "outbox_entregawebhook"))
        or t in ("comisiones_comision", "comisiones_asiento", "comisiones_apunte",
                 "comisiones_pago", "comun_peticionidempotente")
    ]  # fmt: skip
    return {t: _filas(sitio, f"SELECT count(*) FROM {t}")[0][0] for t in tablas}


def test_una_venta_de_prueba_no_toca_lo_real(sitio: Producto) -> None:
    """Sold, priced, approved and paid in the sandbox, with a webhook of its own that is told; and
    no table of the live site has a row more, nor any of its webhooks a delivery."""
    avisos: list[tuple[str, Any, dict[str, str]]] = []

    class Receptor(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            cuerpo = self.rfile.read(int(self.headers["Content-Length"]))
            avisos.append((self.path, cuerpo, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receptor) as receptor:
        Thread(target=receptor.serve_forever, daemon=True).start()
        _vender_de_prueba(sitio, f"http://127.0.0.1:{receptor.server_port}/", avisos)
        receptor.shutdown()


def _vender_de_prueba(
    sitio: Producto, url: str, avisos: list[tuple[str, Any, dict[str, str]]]
) -> None:
    secretos = {}
    for clave in ("integracion", "prueba"):
        estado, dicho = sitio.pedir(
            "POST", "/api/v1/webhooks",
            {"url": url + clave, "tipos": ["ConversionRegistrada", "ComisionPagada"]}, clave,
        )  # fmt: skip
        assert estado == 201, dicho
        secretos[clave] = dicho["secreto"]
    antes = _foto_real(sitio)
    estado, venta = sitio.pedir("POST", "/api/v1/conversiones", VENTA, "prueba")
    assert estado == 201

    def comision() -> Any:
        ruta = f"/api/v1/comisiones?conversion_id={venta['conversion_id']}"
        hechas = sitio.pedir("GET", ruta, clave="prueba")[1]["resultados"]
        return hechas[0] if hechas else None

    pendiente = esperar(comision, "la comisión de prueba")
    assert (pendiente["estado"], pendiente["monto"]) == ("pendiente", "15.00")
    ruta = f"/api/v1/comisiones/{pendiente['comision_id']}"
    assert sitio.pedir("POST", f"{ruta}/aprobar", {}, "prueba")[0] == 200
    esperar(
        lambda: sitio.pedir("GET", ruta, clave="prueba")[1]["estado"] == "pagada", "el pago", 60
    )
    assert _foto_real(sitio) == antes
    assert sitio.pedir("GET", ruta, clave="integracion")[0] == 404
    venta_ = f"/api/v1/conversiones/{venta['conversion_id']}"
    assert sitio.pedir("GET", venta_, clave="integracion")[0] == 404
    suyos = json.dumps(sitio.pedir("GET", "/api/v1/eventos?limite=200", clave="integracion")[1])
    assert venta["conversion_id"] not in suyos
    de_prueba = json.dumps(sitio.pedir("GET", "/api/v1/eventos?limite=200", clave="prueba")[1])
    assert venta["conversion_id"] in de_prueba
    assert venta["conversion_id"] not in (sitio.carpeta / "events.jsonl").read_text()
    assert not list((sitio.carpeta / "pruebas" / "pagos").rglob("*.csv"))
    # The sandbox's webhook, and no other, was told of both; signed with its own secret.
    esperar(lambda: len(avisos) >= 2, "los avisos")
    assert {ruta for ruta, _cuerpo, _c in avisos} == {"/prueba"}
    for _ruta, cuerpo, cabeceras in avisos:
        Webhook(secretos["prueba"]).verify(cuerpo, cabeceras)
        assert cabeceras["x-modo"] == "prueba"
        with pytest.raises(WebhookVerificationError):
            Webhook(secretos["integracion"]).verify(cuerpo, cabeceras)


def test_lo_real_no_entra_en_pruebas(sitio: Producto) -> None:
    """Nor is a key of one anything to the other, also when it comes to it itself."""
    estado, dicho = sitio.pedir("GET", "/api/v1/afiliados?limite=200", clave="prueba")
    assert estado == 200
    assert {a["referencia_externa"] for a in dicho["resultados"]} == {
        "prueba-lucia", "prueba-mateo",
    }  # fmt: skip
    puerto = _puerto(sitio)
    conexion = http.client.HTTPConnection("127.0.0.1", puerto, timeout=10)
    cabeceras = {"Authorization": f"Bearer {sitio.ids['claves']['integracion']}"}
    with closing(conexion):
        conexion.request("GET", "/api/v1/afiliados", headers=cabeceras)
        assert conexion.getresponse().status == 401


def test_la_hace_una_integracion_y_vacia(sitio: Producto) -> None:
    """By the live API; it is good at once, and what empties the sandbox leaves it good."""
    pedido = {"nombre": "CI", "alcances": ["pruebas:vaciar", "afiliados:leer"], "modo": "prueba"}
    estado, hecha = sitio.pedir("POST", "/api/v1/claves", pedido, "integracion")
    assert estado == 201
    cabeceras = {"Authorization": f"Bearer {hecha['clave']}"}
    for metodo, ruta, espera in (
        ("GET", "/api/v1/afiliados", 200), ("DELETE", "/api/v1/pruebas", 204),
        ("GET", "/api/v1/afiliados", 200),
    ):  # fmt: skip
        with closing(sitio.conectar()) as conexion:
            conexion.request(metodo, ruta, headers=cabeceras)
            respuesta = conexion.getresponse()
            respuesta.read()
            assert (respuesta.status, respuesta.headers["X-Modo"]) == (espera, "prueba")
    assert sitio.pedir("DELETE", "/api/v1/pruebas", clave="integracion")[0] == 409
    assert sitio.pedir("GET", "/api/v1/comisiones", clave="prueba")[1]["resultados"] == []
    assert sitio.pedir("GET", "/api/v1/comisiones", clave="integracion")[1]["resultados"]


def _nueva(sitio: Producto, clave: str, **datos: str) -> Any:
    """A key that another makes."""
    pedido = {"nombre": "filtrada", "alcances": ["claves:escribir", "afiliados:leer"], **datos}
    with closing(sitio.conectar()) as conexion:
        cabeceras = {"Authorization": f"Bearer {clave}", "Content-Type": "application/json"}
        conexion.request("POST", "/api/v1/claves", json.dumps(pedido), cabeceras)
        return json.loads(conexion.getresponse().read())


def _sirve(sitio: Producto, clave: str) -> int:
    with closing(sitio.conectar()) as conexion:
        cabeceras = {"Authorization": f"Bearer {clave}"}
        conexion.request("GET", "/api/v1/afiliados", headers=cabeceras)
        return conexion.getresponse().status


def _revocar(sitio: Producto, real: Any) -> None:
    """It says how many test keys go, and waits for nobody."""
    ruta = f"/api/v1/claves/{real['clave_id']}/revocar"
    empieza = time.monotonic()
    estado, dicha = sitio.pedir("POST", ruta, {}, "integracion")
    assert (estado, dicha["pruebas_por_revocar"]) == (200, 1)
    assert time.monotonic() - empieza < 5
    assert _sirve(sitio, real["clave"]) == 401


def test_se_va_con_la_que_la_hizo(sitio: Producto) -> None:
    """A live key that leaked made itself a test key: both end, and nobody had to know of it."""
    real = _nueva(sitio, sitio.ids["claves"]["integracion"])
    de_prueba = _nueva(sitio, real["clave"], modo="prueba")["clave"]
    suya = _nueva(sitio, de_prueba)["clave"]
    assert [_sirve(sitio, c) for c in (real["clave"], de_prueba, suya)] == [200, 200, 200]
    _revocar(sitio, real)
    esperar(
        lambda: _sirve(sitio, de_prueba) == _sirve(sitio, suya) == 401, "que se vayan con ella", 60
    )
    assert sitio.pedir("GET", "/api/v1/afiliados", clave="prueba")[0] == 200


def test_lo_que_va_detras_no_se_ve(sitio: Producto) -> None:
    """What orders the sandbox is no address of the site, with whatever key."""
    for clave in ("prueba", "integracion"):
        assert sitio.pedir("POST", "/interno/pruebas", {}, clave)[0] == 404
    for ruta in ("/api/../interno/pruebas", "/api/%2e%2e/interno/pruebas", "/api//interno/pruebas"):
        assert sitio.pedir("POST", ruta, {}, "prueba")[0] == 404


def test_si_muere_lo_real_sigue_y_vuelve_solo(sitio: Producto) -> None:
    """kill -9 of the sandbox: a 503 that says what to do, and the live site as it was. What is
    revoked meanwhile is told once it is back."""
    real = _nueva(sitio, sitio.ids["claves"]["integracion"])
    de_prueba = _nueva(sitio, real["clave"], modo="prueba")["clave"]
    muerto = _del_entorno(sitio)
    for pid in muerto:
        os.kill(pid, signal.SIGKILL)
    estado, dicho = esperar(
        lambda: (r := sitio.pedir("GET", "/api/v1/afiliados", clave="prueba"))[0] == 503 and r,
        "el 503",
    )
    assert (estado, dicho["codigo"]) == (503, "pruebas_no_contestan")
    assert sitio.pedir("GET", "/api/v1/afiliados", clave="integracion")[0] == 200
    _revocar(sitio, real)
    _despierto(sitio)
    esperar(lambda: _sirve(sitio, de_prueba) == 401, "que se le diga al volver", 90)
    assert not set(muerto) & set(_del_entorno(sitio))


def test_todo_para_a_la_vez(sitio: Producto) -> None:
    """The last: Ctrl-C leaves no process of it."""
    suyos = _del_entorno(sitio)
    assert suyos
    assert sitio.ctrl_c() == 0
    assert not [pid for pid in suyos if _vive(pid)]


def _orden(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as fichero:
            return fichero.read().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _del_entorno(sitio: Producto) -> list[int]:
    return [pid for pid in sitio.procesos() if "gunicorn_de_pruebas" in _orden(pid)]


def _puerto(sitio: Producto) -> int:
    return int(_orden(_del_entorno(sitio)[0]).split("--bind")[1].split()[0].rpartition(":")[2])


def _vive(pid: int) -> bool:
    return "gunicorn_de_pruebas" in _orden(pid)
