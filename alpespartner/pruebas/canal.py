"""How the live site speaks to the sandbox: connections, and orders of its own."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from alpespartner.pruebas.ajustes import HOST
from alpespartner.pruebas.errores import PruebasApagadas, PruebasNoAdmiten, PruebasNoContestan
from alpespartner.pruebas.mensajes import firmar

RUTA = "/interno/pruebas"
# Seconds that it may take to take a connection, and between two pieces of what it says.
_ESPERA = 10.0
_MAXIMO = 1_000_000


def hay_pruebas() -> bool:
    """Whether the installation has a sandbox."""
    return bool(settings.PRUEBAS_URL)


def conectar(espera: float = _ESPERA) -> http.client.HTTPConnection:
    """A connection that is yet to be opened; raises :class:`PruebasApagadas`."""
    if not hay_pruebas():
        raise PruebasApagadas()
    direccion = urlsplit(settings.PRUEBAS_URL)
    return http.client.HTTPConnection(
        direccion.hostname or "", direccion.port or 80, timeout=espera
    )


def contesta(espera: float) -> int | None:
    """In how many milliseconds the sandbox says that it is well; None when it does not."""
    empieza = time.monotonic()
    try:
        conexion = conectar(espera)
        try:
            cabeceras = {"Host": HOST, "X-Forwarded-Proto": "https"}
            conexion.request("GET", "/health/ready", headers=cabeceras)
            respuesta = conexion.getresponse()
            respuesta.read(_MAXIMO)
        finally:
            conexion.close()
    except (PruebasApagadas, OSError, http.client.HTTPException):
        return None
    return round((time.monotonic() - empieza) * 1000) if respuesta.status == 200 else None


def pedir(orden: str, *, espera: float = _ESPERA, **datos: Any) -> dict[str, Any]:
    """Have the sandbox do something; returns what it answers, for which it has ``espera`` seconds.

    Raises :class:`PruebasApagadas`, :class:`PruebasNoContestan` and :class:`PruebasNoAdmiten`.
    """
    conexion = conectar(espera)
    cabeceras = {
        "Host": HOST,
        "Content-Type": "text/plain",
        # What it refuses is told to whoever asked here.
        "Accept-Language": translation.get_language() or "es",
        "X-Forwarded-Proto": "https",
    }
    try:
        conexion.request("POST", RUTA, firmar(orden, datos).encode(), cabeceras)
        respuesta = conexion.getresponse()
        cuerpo = json.loads(respuesta.read(_MAXIMO))
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise PruebasNoContestan() from exc
    finally:
        conexion.close()
    if not isinstance(cuerpo, dict):
        raise PruebasNoContestan()
    if respuesta.status == 200:
        return cuerpo
    if 400 <= respuesta.status < 500 and cuerpo.get("detail"):
        raise PruebasNoAdmiten(cuerpo["detail"])
    raise PruebasNoContestan()
