"""Where a webhook leads: what an address may look like, and which machines it may reach.

A name is looked up for each connection, every address that it gives is checked, and one of those
very addresses is connected to: a name that says something else the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from outbox.webhooks.errores import DireccionRechazada, UrlInvalida

LARGO = 500
_VISIBLE = re.compile(r"[!-~]+")
_PARTE = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NOMBRE = re.compile(rf"(?=.{{1,253}}\Z){_PARTE}(?:\.{_PARTE})*")
_CONECTAR = 5.0
IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# Besides what the registries say is of nobody in the open: ways to write an IPv4 address as another
# one (NAT64, 6to4, Teredo, compatible), and a cloud's own service behind a public number.
_NUNCA = tuple(
    ipaddress.ip_network(red)
    for red in (
        "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96",
        "64:ff9b:1::/48", "2002::/16", "2001::/23", "::/96", "::ffff:0:0/96",
    )
)  # fmt: skip
_EN_USO = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Destino:
    """An address in its parts. ``ruta`` is the path with its query."""

    anfitrion: str
    puerto: int
    ruta: str
    tls: bool

    @property
    def host(self) -> str:
        """What the header ``Host`` says."""
        nombre = f"[{self.anfitrion}]" if ":" in self.anfitrion else self.anfitrion
        habitual = 443 if self.tls else 80
        return nombre if self.puerto == habitual else f"{nombre}:{self.puerto}"


def leer(url: str, largo: int = LARGO) -> Destino:
    """The parts of an address that events may be sent to; raises :class:`UrlInvalida`.

    It asks no server of names: that is done when something is sent.
    """
    if len(url) > largo or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise UrlInvalida(
            _("Escribe una dirección https de hasta %(largo)s caracteres, sin espacios.")
            % {"largo": largo}
        )
    try:
        partes = urlsplit(url)
        puerto = partes.port
        anfitrion = partes.hostname or ""
    except ValueError:
        raise UrlInvalida(_("No es una dirección: revisa el servidor y el puerto.")) from None
    if "@" in partes.netloc:
        raise UrlInvalida(_("Quita el usuario y la contraseña de la dirección: la firma basta."))
    if partes.fragment or url.endswith("#"):
        raise UrlInvalida(_("Quita lo que sigue a «#»: no se envía."))
    literal = _literal(anfitrion)
    if literal is None and not _NOMBRE.fullmatch(anfitrion):
        raise UrlInvalida(_("El servidor se escribe en ASCII, como «ejemplo.com» o «xn--…»."))
    if partes.scheme != "https" and not (partes.scheme == "http" and _es_local(anfitrion)):
        raise UrlInvalida(_("Empieza por https://."))
    if puerto == 0 or (literal is not None and not permitida(literal)):
        raise UrlInvalida(_("A esa dirección no se envía nada: usa una pública."))
    tls = partes.scheme == "https"
    ruta = (partes.path or "/") + (f"?{partes.query}" if partes.query else "")
    return Destino(anfitrion, puerto or (443 if tls else 80), ruta, tls)


def _literal(anfitrion: str) -> IP | None:
    try:
        return ipaddress.ip_address(anfitrion)
    except ValueError:
        return None


def _es_local(anfitrion: str) -> bool:
    """Whether a server is this machine, and that is allowed."""
    literal = _literal(anfitrion)
    aqui = anfitrion == "localhost" if literal is None else literal.is_loopback
    return aqui and bool(settings.WEBHOOKS_LOCALES)


def permitida(ip: IP) -> bool:
    """Whether events may be sent to a machine: a public one, or for development our own."""
    if settings.WEBHOOKS_LOCALES and ip.is_loopback:
        return True
    if any(ip.version == red.version and ip in red for red in _NUNCA):
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _EN_USO or ip.scope_id):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolver(anfitrion: str, puerto: int) -> list[str]:
    """The numbers of a name, as the system knows them."""
    vistas = socket.getaddrinfo(anfitrion, puerto, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(vista[4][0]) for vista in vistas))


def direcciones(destino: Destino) -> list[IP]:
    """Where a name leads now; raises :class:`DireccionRechazada` if any of it is not allowed, and
    OSError when it is not known."""
    ips = [ipaddress.ip_address(texto) for texto in resolver(destino.anfitrion, destino.puerto)]
    if not ips or not all(permitida(ip) for ip in ips):
        raise DireccionRechazada(destino.anfitrion)
    if not destino.tls and not all(ip.is_loopback for ip in ips):
        # Without TLS only our own machine is spoken to.
        raise DireccionRechazada(destino.anfitrion)
    return ips


@cache
def contexto_tls() -> ssl.SSLContext:
    """Certificates and names are checked."""
    return ssl.create_default_context()


def conectar(destino: Destino, plazo: float) -> socket.socket:
    """A connection to one of the checked addresses, before ``plazo`` (of the monotonic clock).

    Raises :class:`DireccionRechazada` and OSError.
    """
    error: OSError = TimeoutError()
    for ip in direcciones(destino)[:3]:
        resta = plazo - time.monotonic()
        if resta <= 0:
            break
        try:
            enchufe = socket.create_connection(
                (str(ip), destino.puerto), timeout=min(resta, _CONECTAR)
            )
        except OSError as exc:
            error = exc
            continue
        if not destino.tls:
            return enchufe
        try:
            enchufe.settimeout(max(0.01, plazo - time.monotonic()))
            # The name goes in the handshake and is what the certificate has to say.
            return contexto_tls().wrap_socket(enchufe, server_hostname=destino.anfitrion)
        except BaseException:
            enchufe.close()
            raise
    raise error
