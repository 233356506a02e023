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
        estado, _cuerpo = _preguntar(espera, "GET", "/health/ready")
    except (PruebasApagadas, PruebasNoContestan):
        return None
    return round((time.monotonic() - empieza) * 1000) if estado == 200 else None


def pedir(orden: str, *, espera: float = _ESPERA, **datos: Any) -> dict[str, Any]:
    """Have the sandbox do something; returns what it answers, for which it has ``espera`` seconds.

    Raises :class:`PruebasApagadas`, :class:`PruebasNoContestan` and :class:`PruebasNoAdmiten`.
    """
    estado, dicho = _preguntar(espera, "POST", RUTA, firmar(orden, datos).encode())
    try:
        cuerpo = json.loads(dicho)
    except ValueError as exc:
        raise PruebasNoContestan() from exc
    if not isinstance(cuerpo, dict):
        raise PruebasNoContestan()
    if estado == 200:
        return cuerpo
    if 400 <= estado < 500 and cuerpo.get("detail"):
        raise PruebasNoAdmiten(cuerpo["detail"])
    raise PruebasNoContestan()


def _preguntar(
    espera: float, metodo: str, ruta: str, cuerpo: bytes | None = None
) -> tuple[int, bytes]:
    """Status and body of what the site itself asks, as if it came by https."""
    conexion = conectar(espera)
    cabeceras = {
        "Host": HOST,
        "Content-Type": "text/plain",
        # What it refuses is told to whoever asked here.
        "Accept-Language": translation.get_language() or "es",
        "X-Forwarded-Proto": "https",
    }
    try:
        conexion.request(metodo, ruta, cuerpo, cabeceras)
        respuesta = conexion.getresponse()
        return respuesta.status, respuesta.read(_MAXIMO)
    except (OSError, http.client.HTTPException) as exc:
        raise PruebasNoContestan() from exc
    finally:
        conexion.close()
