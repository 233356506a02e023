"""Where a request with a test key leaves the live site: it goes on to the sandbox as it came, and
its answer comes back as it is.

It stands before Django, and asks nothing of the database: what is tried touches nothing live.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.acceso.direccion import ip_en
from alpespartner.comun.api.problemas import TIPO, con_peticion, cuerpo_problema
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.peticion import peticion
from alpespartner.pruebas.ajustes import CABECERA, MODO, PREFIJO
from alpespartner.pruebas.canal import conectar
from alpespartner.pruebas.errores import PruebasNoContestan, PruebasOcupadas

log = logging.getLogger(__name__)
RUTAS = ("/api/", "/commissions/", "/debug/outbox")
Aplicacion = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Cabeceras = list[tuple[str, str]]

_TROZO = 64 * 1024
# Half of this process's threads may wait for the sandbox: the live site goes on meanwhile. Seconds
# that one more waits for its turn, that nobody asks again after waiting for nothing, and that an
# answer may take.
_A_LA_VEZ = max(1, int(os.environ.get("ALPES_WEB_HILOS", "2")) // 2)
_TURNO = 0.5
_LEJOS = 2.0
_ENTERA = 60.0
# Of one connection only (RFC 9110, 7.6.1), or written anew here.
_DE_LA_CONEXION = frozenset({
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
    "te", "trailer", "transfer-encoding", "upgrade", "expect", "content-length", "forwarded",
})  # fmt: skip
_DEL_SERVIDOR = frozenset({"date", "server"})


def lleva_clave_de_prueba(environ: dict[str, Any]) -> bool:
    """Whether a request is of the API and has a test key, read as the API reads keys."""
    if not environ.get("PATH_INFO", "").startswith(RUTAS):
        return False
    esquema, _espacio, texto = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return bool(esquema.lower() == "bearer" and texto.strip().startswith(PREFIJO))


class ConPruebas:
    """WSGI application that sends what has a test key to the sandbox and leaves the rest to the one
    behind it."""

    def __init__(self, siguiente: Aplicacion) -> None:
        self._siguiente = siguiente
        self._turnos = threading.BoundedSemaphore(_A_LA_VEZ)
        self._lejos_hasta = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """The answer."""
        if settings.PRUEBAS or not lleva_clave_de_prueba(environ):
            return self._siguiente(environ, start_response)
        try:
            cuerpo = _cuerpo_de(environ)
            return self._reenviar(environ, cuerpo, start_response)
        except _Rechazo as exc:
            return _negar(environ, start_response, *exc.args)
        except ErrorDominio as exc:
            return _negar(environ, start_response, exc.http, exc.codigo, exc.texto)

    def _reenviar(self, environ: dict[str, Any], cuerpo: bytes, start_response: Any) -> Any:
        conexion = conectar()
        if time.monotonic() < self._lejos_hasta:
            raise PruebasNoContestan()
        if not self._turnos.acquire(timeout=_TURNO):
            raise PruebasOcupadas()
        empieza = time.monotonic()
        try:
            respuesta = _pedir(conexion, environ, cuerpo)
        except (OSError, http.client.HTTPException) as exc:
            self._soltar(conexion)
            if isinstance(exc, http.client.InvalidURL):
                raise _Rechazo(400, "peticion_invalida", _MALA) from None
            log.warning("el entorno de pruebas no contesta: %s", exc)
            # One that is not there says so at once, and is asked again by the next.
            if time.monotonic() - empieza > _TURNO:
                self._lejos_hasta = time.monotonic() + _LEJOS
            raise PruebasNoContestan() from exc
        except ValueError:
            # What no header may have in it.
            self._soltar(conexion)
            raise _Rechazo(400, "peticion_invalida", _MALA) from None
        corriente = _Corriente(respuesta, lambda: self._soltar(conexion))
        try:
            start_response(f"{respuesta.status} {respuesta.reason}", _de_vuelta(respuesta))
        except BaseException:
            corriente.close()
            raise
        return corriente

    def _soltar(self, conexion: http.client.HTTPConnection) -> None:
        conexion.close()
        self._turnos.release()


class _Rechazo(Exception):
    """A request that goes no further: status, code and what to say."""


_MALA = _("La petición tiene un dato que no se entiende.")


class _Corriente:
    """The body of an answer as it comes; closing it gives the turn back, once."""

    def __init__(self, respuesta: http.client.HTTPResponse, al_cerrar: Callable[[], None]) -> None:
        self._respuesta = respuesta
        self._al_cerrar: Callable[[], None] | None = al_cerrar

    def __iter__(self) -> Iterator[bytes]:
        limite = time.monotonic() + _ENTERA
        while trozo := self._respuesta.read1(_TROZO):
            yield trozo
            if time.monotonic() > limite:
                raise TimeoutError
        if self._respuesta.length:
            # It was cut short, and must not look whole: the server closes the connection.
            raise http.client.IncompleteRead(b"", self._respuesta.length)

    def close(self) -> None:
        """Called by the server, whatever became of it."""
        al_cerrar, self._al_cerrar = self._al_cerrar, None
        if al_cerrar is not None:
            al_cerrar()


def _cuerpo_de(environ: dict[str, Any]) -> bytes:
    """What was sent, whole, before the sandbox hears of it: a slow client keeps no turn of it."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise _Rechazo(411, "falta_longitud", _("Envía la cabecera Content-Length."))
    try:
        longitud = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise _Rechazo(400, "peticion_invalida", _MALA) from None
    if longitud > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise _Rechazo(413, "peticion_demasiado_grande", _("El cuerpo admite hasta 1 MB."))
    cuerpo: bytes = environ["wsgi.input"].read(longitud) if longitud > 0 else b""
    if len(cuerpo) != longitud:
        raise _Rechazo(400, "peticion_invalida", _MALA)
    return cuerpo


def _pedir(
    conexion: http.client.HTTPConnection, environ: dict[str, Any], cuerpo: bytes
) -> http.client.HTTPResponse:
    metodo = environ.get("REQUEST_METHOD", "GET")
    # Bytes as they came: what a server decodes of this is what ours decoded.
    ruta = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/")
    if consulta := environ.get("QUERY_STRING", ""):
        ruta += "?" + quote(consulta.encode("latin-1"), safe="!$%&'()*+,-./:;=?@[]_~\"<>\\^`{|}#")
    conexion.putrequest(metodo, ruta, skip_host=True, skip_accept_encoding=True)
    for nombre, valor in _de_ida(environ):
        conexion.putheader(nombre, valor.encode("latin-1"))
    if cuerpo or "CONTENT_LENGTH" in environ:
        conexion.putheader("Content-Length", str(len(cuerpo)))
    conexion.endheaders(cuerpo or None)
    return conexion.getresponse()


def _de_ida(environ: dict[str, Any]) -> Cabeceras:
    de_la_conexion = _DE_LA_CONEXION | _nombradas(environ.get("HTTP_CONNECTION", ""))
    cabeceras = []
    for clave, valor in environ.items():
        if not clave.startswith("HTTP_"):
            continue
        nombre = clave[5:].replace("_", "-").lower()
        if nombre not in de_la_conexion and not nombre.startswith("x-forwarded-"):
            cabeceras.append((nombre.title(), valor))
    if tipo := environ.get("CONTENT_TYPE"):
        cabeceras.append(("Content-Type", tipo))
    # Who asked, and how: our word, never theirs.
    if ip := ip_en(environ):
        cabeceras.append(("X-Forwarded-For", str(ip)))
    cabeceras.append(("X-Forwarded-Proto", "https" if _es_https(environ) else "http"))
    return [*cabeceras, ("Connection", "close")]


def _es_https(environ: dict[str, Any]) -> bool:
    if settings.DETRAS_DE_PROXY and "HTTP_X_FORWARDED_PROTO" in environ:
        return bool(environ["HTTP_X_FORWARDED_PROTO"].split(",")[0].strip() == "https")
    return bool(environ.get("wsgi.url_scheme") == "https")


def _de_vuelta(respuesta: http.client.HTTPResponse) -> Cabeceras:
    fuera = (_DE_LA_CONEXION - {"content-length"}) | _DEL_SERVIDOR
    fuera |= _nombradas(respuesta.headers.get("Connection", ""))
    return [
        *(
            (nombre, valor)
            for nombre, valor in respuesta.getheaders()
            if nombre.lower() not in fuera
        ),
        (CABECERA, MODO),
    ]


def _nombradas(conexion: str) -> frozenset[str]:
    """Headers that a ``Connection`` says are of it alone; never whose key it is."""
    dichas = {nombre.strip().lower() for nombre in conexion.split(",")}
    return frozenset(dichas - {"authorization", "host", "content-type"})


def _negar(
    environ: dict[str, Any], start_response: Any, estado: int, codigo: str, detalle: Any
) -> list[bytes]:
    lengua = translation.get_language_from_request(WSGIRequest(environ))
    with peticion(environ.get("HTTP_X_REQUEST_ID", "")) as una, translation.override(lengua):
        dicho = con_peticion(cuerpo_problema(estado, codigo, str(detalle)))
    cuerpo = json.dumps(dicho, ensure_ascii=False).encode()
    cabeceras = [
        ("Content-Type", TIPO), ("Content-Length", str(len(cuerpo))),
        ("X-Request-Id", una), (CABECERA, MODO),
    ]  # fmt: skip
    if estado == 503:
        cabeceras.append(("Retry-After", "5"))
    start_response(f"{estado} {http.client.responses[estado]}", cabeceras)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [cuerpo]
