"""One request to somebody else's server, which may answer anything, slowly, or for ever."""

from __future__ import annotations

import io
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException

from outbox.webhooks.destino import Destino, conectar
from outbox.webhooks.errores import DireccionRechazada

# For all of it: the connection, what is sent and what is answered.
SEGUNDOS = 15.0
# What is read of an answer, and what is kept of that.
_LEIDO = 4096
_GUARDADO = 500
# No receiver puts off a delivery for longer than the longest wait of the timetable.
ESPERA_MAXIMA = 86_400


@dataclass(frozen=True, slots=True)
class Respuesta:
    """What became of a try: ``error`` is "" when it was delivered. ``esperar`` are the seconds that
    the receiver asked for."""

    error: str
    codigo_http: int | None = None
    comienzo: str = ""
    duracion_ms: int = 0
    esperar: int = 0


class _Lector(io.RawIOBase):
    """Reads until a deadline, however little comes each time."""

    def __init__(self, enchufe: socket.socket, plazo: float) -> None:
        self._enchufe, self._plazo = enchufe, plazo

    def readable(self) -> bool:
        return True

    def readinto(self, donde: memoryview) -> int:  # type: ignore[override]
        resta = self._plazo - time.monotonic()
        if resta <= 0:
            raise TimeoutError
        self._enchufe.settimeout(resta)
        return self._enchufe.recv_into(donde)


class _Enchufe:
    """What ``http.client`` needs of a connection; whoever made it closes it."""

    def __init__(self, enchufe: socket.socket, plazo: float) -> None:
        self._enchufe, self._plazo = enchufe, plazo

    def sendall(self, datos: bytes) -> None:
        self._enchufe.settimeout(max(0.01, self._plazo - time.monotonic()))
        self._enchufe.sendall(datos)

    def makefile(self, *_modo: object) -> io.BufferedReader:
        return io.BufferedReader(_Lector(self._enchufe, self._plazo))

    def close(self) -> None:
        pass


def enviar(destino: Destino, cabeceras: dict[str, str], cuerpo: bytes | None) -> Respuesta:
    """POST a document once, or GET an address without one: redirects are not followed, and any
    answer but a 2xx is a failure.

    It raises nothing of what the other side may do; ``error`` says it with a word of ours, for
    the text of an error may hold the address.
    """
    empezo = time.monotonic()
    try:
        codigo, comienzo, esperar = _intercambio(destino, cabeceras, cuerpo, empezo + SEGUNDOS)
    except DireccionRechazada:
        return _fallo("direccion_rechazada", empezo)
    except TimeoutError:
        return _fallo("tiempo_agotado", empezo)
    except ssl.SSLError:
        return _fallo("tls", empezo)
    except socket.gaierror:
        return _fallo("servidor_desconocido", empezo)
    except OSError:
        return _fallo("sin_conexion", empezo)
    except (HTTPException, ValueError):
        return _fallo("respuesta_ilegible", empezo)
    error = "" if 200 <= codigo < 300 else f"http_{codigo}"
    return Respuesta(error, codigo, comienzo, _milis(empezo), esperar)


def _fallo(error: str, empezo: float) -> Respuesta:
    return Respuesta(error, duracion_ms=_milis(empezo))


def _milis(empezo: float) -> int:
    return int((time.monotonic() - empezo) * 1000)


def _intercambio(
    destino: Destino, cabeceras: dict[str, str], cuerpo: bytes | None, plazo: float
) -> tuple[int, str, int]:
    enchufe = conectar(destino, plazo)
    try:
        conexion = HTTPConnection(destino.anfitrion, destino.puerto)
        conexion.sock = _Enchufe(enchufe, plazo)
        propias = {"Host": destino.host, "Connection": "close"}
        metodo = "GET" if cuerpo is None else "POST"
        conexion.request(metodo, destino.ruta, cuerpo, {**propias, **cabeceras})
        respuesta = conexion.getresponse()
        esperar = _segundos(respuesta.headers.get("Retry-After", ""))
        return respuesta.status, _legible(respuesta.read(_LEIDO)), esperar
    finally:
        enchufe.close()


def _legible(datos: bytes) -> str:
    texto = datos.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in texto)[:_GUARDADO]


def _segundos(cabecera: str) -> int:
    """What ``Retry-After`` asks for, in seconds or as a date; 0 when it says nothing."""
    texto = cabecera.strip()
    if texto.isascii() and texto.isdigit():
        return min(int(texto[:9]), ESPERA_MAXIMA)
    try:
        fecha = parsedate_to_datetime(texto)
    except (ValueError, TypeError, OverflowError):
        return 0
    if fecha.tzinfo is None:
        fecha = fecha.replace(tzinfo=UTC)
    resta = (fecha - datetime.now(UTC)).total_seconds()
    return int(min(max(0.0, resta), ESPERA_MAXIMA))
