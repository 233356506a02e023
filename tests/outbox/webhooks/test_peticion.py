"""One request: which machines it reaches, and whatever they answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks import Webhook as Lector

from outbox.webhooks import destino, peticion
from outbox.webhooks.errores import DireccionRechazada, UrlInvalida
from outbox.webhooks.firma import firmar, nuevo_secreto
from tests.outbox.webhooks.receptor import Receptor, contestar, receptor

pytestmark = pytest.mark.una_base


@pytest.fixture(scope="module")
def _servidor() -> Iterator[Receptor]:
    with receptor() as uno:
        yield uno


@pytest.fixture
def suyo(_servidor: Receptor, settings: Any) -> Receptor:
    """The receiver, without what it got before."""
    settings.WEBHOOKS_LOCALES = True
    _servidor.recibido.clear()
    _servidor.responder = lambda manejador, _n: contestar(manejador, 204)
    return _servidor


def pedir(uno: Receptor, cuerpo: bytes = b"{}", **cabeceras: str) -> peticion.Respuesta:
    return peticion.enviar(destino.leer(uno.url), cabeceras, cuerpo)


def test_la_firma_la_lee_otra_biblioteca() -> None:
    viejo, nuevo = nuevo_secreto(), nuevo_secreto()
    ahora = int(time.time())
    cuerpo = '{"type":"ComisionAprobada","monto":"1.10 €"}'
    firma = firmar([nuevo, viejo], "evt-1", ahora, cuerpo.encode())
    cabeceras = {
        "webhook-id": "evt-1", "webhook-timestamp": str(ahora), "webhook-signature": firma,
    }  # fmt: skip
    for secreto in (viejo, nuevo):
        assert Lector(secreto).verify(cuerpo, cabeceras)["monto"] == "1.10 €"
    for cambio in ({"webhook-id": "evt-2"}, {"webhook-timestamp": str(ahora - 1)}):
        with pytest.raises(Exception, match="signature"):
            Lector(nuevo).verify(cuerpo, {**cabeceras, **cambio})
    with pytest.raises(Exception, match="signature"):
        Lector(nuevo_secreto()).verify(cuerpo, cabeceras)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "100.100.100.200", "169.254.169.254", "168.63.129.16", "192.0.0.192", "192.0.2.1",
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "::", "::1",
        "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1",
        "::7f00:1", "4000::1", "2606:4700::1%eth0",
    ],
)  # fmt: skip
def test_a_estas_maquinas_no_se_envia(ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destino, "resolver", lambda *_a: ["93.184.216.34", ip])
    with pytest.raises(DireccionRechazada):
        destino.direcciones(destino.leer("https://ejemplo.com/x"))
    literal = f"[{ip}]" if ":" in ip else ip
    with pytest.raises(UrlInvalida):
        destino.leer(f"https://{literal}/")


def test_sin_tls_solo_si_todas_son_esta_maquina(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads here and elsewhere is refused, whatever a setting allows."""
    monkeypatch.setattr(destino, "permitida", lambda _ip: True)
    suyo = replace(destino.leer("https://ejemplo.com/x"), tls=False)
    for ips, si in ((["127.0.0.1", "::1"], True), (["127.0.0.1", "93.184.216.34"], False)):
        monkeypatch.setattr(destino, "resolver", lambda *_a, ips=ips: ips)
        if si:
            assert len(destino.direcciones(suyo)) == 2
        else:
            with pytest.raises(DireccionRechazada):
                destino.direcciones(suyo)


def test_a_las_publicas_si(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destino, "resolver", lambda *_a: ["93.184.216.34", "2606:4700::1111"])
    ips = destino.direcciones(destino.leer("https://ejemplo.com/x"))
    assert [str(ip) for ip in ips] == ["93.184.216.34", "2606:4700::1111"]


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//ejemplo.com", "ftp://ejemplo.com", "http://ejemplo.com", "http://127.0.0.1/",
        "https://", "https://u:c@ejemplo.com", "https://u@ejemplo.com", "https://@ejemplo.com",
        "https://ejemplo.com/#a", "https://ejemplo.com/#", "https://ejemplo.com:0/",
        "https://ejemplo.com:99999/", "https://ejemplo.com:x/", "https://ejemplo.com/a b",
        "https://ejemplo.com\\@127.0.0.1/", "https://ñ.com/", "https://ejemplo.com/\r\nX: 1",
        "https://[::1/", "https://-a.com/", "https://a..com/", "https://ejemplo.com/" + "a" * 500,
    ],
)  # fmt: skip
def test_estas_direcciones_no_se_admiten(url: str) -> None:
    with pytest.raises(UrlInvalida):
        destino.leer(url)


def test_las_partes_de_una_direccion() -> None:
    assert destino.leer("https://Ejemplo.com").host == "ejemplo.com"
    con_puerto = destino.leer("https://ejemplo.com:8443/a/b?c=d")
    assert (con_puerto.host, con_puerto.ruta) == ("ejemplo.com:8443", "/a/b?c=d")


def test_el_nombre_que_cambia_a_mitad_no_gana_nada(
    suyo: Receptor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of names that says something public first, and then this machine."""
    settings.WEBHOOKS_LOCALES = False
    vistas = iter([["93.184.216.34"], ["127.0.0.1"]])
    conectadas: list[Any] = []

    def conectar(donde: Any, timeout: float) -> socket.socket:
        conectadas.append(donde)
        raise ConnectionRefusedError

    monkeypatch.setattr(destino, "resolver", lambda *_a: next(vistas))
    monkeypatch.setattr(socket, "create_connection", conectar)
    a = destino.leer("https://ejemplo.com:8443/")
    assert peticion.enviar(a, {}, b"").error == "sin_conexion"
    # To the very number that was checked: the name is not looked up again.
    assert conectadas == [("93.184.216.34", 8443)]
    assert peticion.enviar(a, {}, b"").error == "direccion_rechazada"
    assert len(conectadas) == 1


def test_llega_entera(suyo: Receptor) -> None:
    respuesta = pedir(suyo, b'{"a":1}', **{"webhook-id": "1"})
    assert (respuesta.error, respuesta.codigo_http) == ("", 204)
    cabeceras, cuerpo = suyo.recibido[0]
    assert cuerpo == b'{"a":1}'
    assert cabeceras["Host"] == f"127.0.0.1:{suyo.puerto}"
    assert cabeceras["webhook-id"] == "1"


@pytest.mark.parametrize("codigo", [301, 302, 307, 308, 400, 410, 500])
def test_lo_que_no_es_un_2xx_es_un_fallo(suyo: Receptor, codigo: int) -> None:
    suyo.responder = lambda m, _n: contestar(m, codigo, b"no", Location=suyo.url)
    respuesta = pedir(suyo)
    assert (respuesta.error, respuesta.comienzo) == (f"http_{codigo}", "no")
    # A redirect is not followed.
    assert len(suyo.recibido) == 1


def test_lo_que_pide_esperar(suyo: Receptor) -> None:
    dichos = {
        "30": 30, "99999999999": 86_400, "-1": 0, "x": 0, "": 0, "٣": 0,
        "Fri, 01 Jan 2100 00:00:00 GMT": 86_400, "Fri, 01 Jan 1999 00:00:00 GMT": 0,
    }  # fmt: skip
    assert {texto: peticion._segundos(texto) for texto in dichos} == dichos
    suyo.responder = lambda m, _n: contestar(m, 503, Retry_After="30")
    assert pedir(suyo).esperar == 30


def _sin_fin(manejador: Any, _n: int) -> None:
    manejador.send_response(200)
    manejador.end_headers()
    for _ in range(1000):
        manejador.wfile.write(b"x" * 65_536)


def test_de_una_respuesta_sin_fin_se_lee_el_comienzo(suyo: Receptor) -> None:
    suyo.responder = _sin_fin
    respuesta = pedir(suyo)
    assert (respuesta.error, respuesta.comienzo) == ("", "x" * 500)


def _gota_a_gota(que: str) -> Any:
    def responder(manejador: Any, _n: int) -> None:
        manejador.wfile.write(b"HTTP/1.1 ")
        if que == "cuerpo":
            manejador.wfile.write(b"200 OK\r\nContent-Length: 5000\r\n\r\n")
        if que == "cien":
            for _ in range(200):
                manejador.wfile.write(b"100 Continue\r\n\r\nHTTP/1.1 ")
                time.sleep(0.02)
        for _ in range(200):
            manejador.wfile.write(b"2")
            time.sleep(0.02)

    return responder


@pytest.mark.parametrize("que", ["cuerpo", "cabecera", "cien"])
def test_lo_que_llega_gota_a_gota_tiene_un_plazo(
    suyo: Receptor, que: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peticion, "SEGUNDOS", 0.3)
    suyo.responder = _gota_a_gota(que)
    empezo = time.monotonic()
    assert pedir(suyo).error == "tiempo_agotado"
    assert time.monotonic() - empezo < 2


def _que_dice(datos: bytes) -> tuple[int, threading.Thread]:
    """A port where whoever connects is told something, whatever they say."""
    enchufe = socket.create_server(("127.0.0.1", 0))

    def atender() -> None:
        otro, _de = enchufe.accept()
        with otro, enchufe:
            otro.settimeout(2)
            otro.recv(65_536)
            # What it did not read when it closed would take with it what it said.
            with suppress(OSError):
                otro.sendall(datos)
                otro.shutdown(socket.SHUT_WR)
                while otro.recv(65_536):
                    pass

    hilo = threading.Thread(target=atender)
    hilo.start()
    return enchufe.getsockname()[1], hilo


@pytest.mark.parametrize(
    ("esquema", "dice", "error"),
    [
        ("http", b"220 smtp ESMTP\r\n", "respuesta_ilegible"),
        ("http", b"\x00\xff" * 100, "respuesta_ilegible"),
        ("http", b"", "sin_conexion"),
        ("http", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000, "respuesta_ilegible"),
        ("https", b"HTTP/1.1 200 OK\r\n\r\n", "tls"),
        ("https", b"\x16\x03\x01\x00\x05basura", "tls"),
    ],
)
def test_lo_que_no_es_una_respuesta(settings: Any, esquema: str, dice: bytes, error: str) -> None:
    settings.WEBHOOKS_LOCALES = True
    puerto, hilo = _que_dice(dice)
    a = destino.leer(f"{esquema}://127.0.0.1:{puerto}/")
    assert peticion.enviar(a, {}, b"{}").error == error
    hilo.join()
