"""Somebody who follows links, without a server between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conversiones.rastreo.models import Clic
from conversiones.rastreo.puerta import ConRedirecciones
from conversiones.rastreo.recogida import recoger

NAVEGADOR = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)


@dataclass
class Respuesta:
    """What came back."""

    estado: int
    cabeceras: dict[str, str]
    cuerpo: bytes

    @property
    def destino(self) -> str:
        return self.cabeceras.get("Location", "")

    @property
    def clic(self) -> str:
        """The click in the address."""
        return parse_qs(urlsplit(self.destino).query).get("alpes_clic", [""])[0]

    @property
    def galleta(self) -> str:
        """The cookie that was set, whole."""
        return self.cabeceras.get("Set-Cookie", "")


class Visitante:
    """A browser with its address and its cookie; nothing runs behind unless it is told to."""

    def __init__(self, ip: str = "203.0.113.7", agente: str = NAVEGADOR) -> None:
        self.app = ConRedirecciones(_nadie)
        self.app._despertar = lambda: None  # type: ignore[method-assign]
        self.ip, self.agente, self.cookie = ip, agente, ""

    def ir(self, ruta: str, metodo: str = "GET", **cabeceras: str) -> Respuesta:
        """Follow ``/r/<ruta>``, keeping the cookie as a browser does."""
        camino, _signo, consulta = ruta.partition("?")
        environ = {
            "REQUEST_METHOD": metodo, "PATH_INFO": f"/r/{camino}", "QUERY_STRING": consulta,
            "REMOTE_ADDR": self.ip, "HTTP_USER_AGENT": self.agente, "HTTP_COOKIE": self.cookie,
            **cabeceras,
        }  # fmt: skip
        dicho: list[Any] = []
        cuerpo = b"".join(self.app(environ, lambda *partes: dicho.extend(partes)))
        respuesta = Respuesta(int(dicho[0][:3]), dict(dicho[1]), cuerpo)
        if respuesta.galleta:
            self.cookie = respuesta.galleta.partition(";")[0]
        return respuesta

    def recoger(self) -> int:
        """Have what was noted down taken in."""
        self.app.cuaderno.entregar(ya=True)
        return recoger()


def _nadie(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("204 No Content", [])
    return []


def clics() -> list[Clic]:
    """All of them, as they came."""
    return list(Clic.objects.order_by("momento", "pk"))
