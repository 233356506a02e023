"""Where links may lead: https, a site that is listed letter by letter, and nothing that two readers
of an address could take for two sites. It knows no Django: the redirect asks it at each click."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote, unquote_plus, urlsplit

MAX_LARGO = 2000
# The click in an address and in the cookie.
PARAMETRO_CLIC = "alpes_clic"
# What is asked of the redirect, and of nobody behind it.
_DE_LA_REDIRECCION = {PARAMETRO_CLIC, "destino"}
# Visible ASCII without the backslash, which browsers read as a slash.
_LLANA = re.compile(r"[!-\[\]-~]+")
_SITIO = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")
_LOCALES = ("localhost", "127.0.0.1")
# Of a query, what may stand there as it is.
_EN_CONSULTA = "%=+!$'()*,;:@/?-._~"


def es_sitio(texto: str) -> bool:
    """Whether it is a host as the lists have them: small letters, a port if it is not 443."""
    return (
        _SITIO.fullmatch(texto) is not None
        and ".." not in texto
        and not texto.endswith(":443")
        and ("." in texto or texto.partition(":")[0] in _LOCALES)
    )


def sitio_de(direccion: str, *, http_local: bool = False) -> str | None:
    """The host that an address leads to beyond doubt; None for any other text.

    ``http_local`` also takes plain HTTP of this machine, for whoever tries things out there.
    """
    if len(direccion) > MAX_LARGO or not _LLANA.fullmatch(direccion):
        return None
    esquema, separador, resto = direccion.partition("://")
    # An authority ends at the first of these; with a slash more it is what browsers skip.
    sitio = re.split(r"[/?#]", resto, maxsplit=1)[0].lower()
    try:
        leido = urlsplit(direccion)
        if not separador or leido.netloc.lower() != sitio or leido.port == 0:
            return None
    except ValueError:
        return None
    esquema = esquema.lower()
    sitio = sitio.removesuffix(":443")
    if not es_sitio(sitio):
        return None
    local = http_local and esquema == "http" and sitio.partition(":")[0] in _LOCALES
    return sitio if esquema == "https" or local else None


def admite(direccion: str, sitios: Collection[str], *, http_local: bool = False) -> bool:
    """Whether an address leads to one of the listed hosts."""
    sitio = sitio_de(direccion, http_local=http_local)
    return sitio is not None and sitio in sitios


def con_consulta(direccion: str, consulta: str, clic: str) -> str:
    """A destination with what the query of the link says and, unless it is empty, with its click.

    The destination's own keys win, except that of the click. ``consulta`` is a query as it came,
    in Latin-1, as servers hand it over.
    """
    base, almohadilla, ancla = direccion.partition("#")
    camino, _signo, propia = base.partition("?")
    partes = [p for p in propia.split("&") if p and _clave(p) != PARAMETRO_CLIC]
    suyas = {_clave(parte) for parte in partes}
    for parte in consulta.split("&"):
        nombre = _clave(parte)
        if parte and nombre not in suyas and nombre.lower() not in _DE_LA_REDIRECCION:
            partes.append(quote(parte.encode("latin-1", "replace"), safe=_EN_CONSULTA))
    if clic:
        partes.append(f"{PARAMETRO_CLIC}={clic}")
    return f"{camino}?{'&'.join(partes)}{almohadilla}{ancla}" if partes else direccion


def _clave(parte: str) -> str:
    return unquote_plus(parte.partition("=")[0])
