"""``X-Request-Id``: one name of a request for its caller, its answer, its errors and the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from afiliados.api.views import AfiliadosView
from alpespartner.comun.peticion import id_de_peticion
from tests import fabricas
from tests.fabricas import ClienteAPI, problema

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ruta", ["/api/v1/afiliados", "/health/live", "/nada", "/admin/login/"])
def test_toda_respuesta_dice_el_suyo(ruta: str) -> None:
    dos = {Client().get(ruta)["X-Request-Id"] for _vez in range(2)}
    assert len(dos) == 2
    assert all(len(uno) == 36 for uno in dos)
    assert Client().head(ruta, headers={"X-Request-Id": "mio-1"})["X-Request-Id"] == "mio-1"


@pytest.mark.parametrize("sano", ["a", "x" * 128, "01J9.Z_~:-", "0af7651916cd43dd8448eb211c80319c"])
def test_el_de_quien_pide(sano: str) -> None:
    respuesta = ClienteAPI().get("/api/v1/afiliados", headers={"X-Request-Id": sano})
    assert respuesta["X-Request-Id"] == sano
    assert problema(respuesta, 401)["peticion_id"] == sano


@pytest.mark.parametrize("malo", ["", " ", "a b", "x" * 129, "á", "a\tb", "a,b", "[x]", "a\x85b"])
def test_uno_que_no_es_sano_se_cambia(malo: str) -> None:
    """In a log it could say anything, or be a line of its own."""
    respuesta = ClienteAPI().get("/api/v1/afiliados", headers={"X-Request-Id": malo})
    assert len(respuesta["X-Request-Id"]) == 36


def test_en_los_errores_y_en_el_registro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of what nobody foresaw, and outside of the API; between requests there is none."""
    lineas: list[str] = []

    class Guardar(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lineas.append(self.format(record))

    guardar = Guardar()
    formato = settings.LOGGING["formatters"]["linea"]
    guardar.setFormatter(logging.Formatter(formato["format"], style=formato["style"]))
    for nombre in settings.LOGGING["handlers"]["stderr"]["filters"]:
        guardar.addFilter(_filtro(settings.LOGGING["filters"][nombre]["()"]))

    def falla(*_partes: Any) -> None:
        raise RuntimeError("imprevisto")

    monkeypatch.setattr(AfiliadosView, "get_queryset", falla)
    cliente = fabricas.api()
    cliente.raise_request_exception = False
    registro = logging.getLogger("django.request")
    registro.addHandler(guardar)
    try:
        respuesta = cliente.get("/api/v1/afiliados", headers={"X-Request-Id": "mio-2"})
    finally:
        registro.removeHandler(guardar)
    assert problema(respuesta, 500, "error_interno")["peticion_id"] == "mio-2"
    assert "[mio-2]" in lineas[0]
    respuesta = Client().get("/api/v1/nada", headers={"X-Request-Id": "mio-3"})
    assert problema(respuesta, 404)["peticion_id"] == "mio-3"
    assert id_de_peticion() == ""
    logging.getLogger("otro").addHandler(guardar)
    logging.getLogger("otro").error("fuera")
    logging.getLogger("otro").removeHandler(guardar)
    assert "[-] fuera" in lineas[-1]


def _filtro(nombre: str) -> logging.Filter:
    from django.utils.module_loading import import_string

    uno: logging.Filter = import_string(nombre)()
    return uno
