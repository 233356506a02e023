"""From which addresses a key may be used: networks, as a text with a blank between them."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TypeAlias

from django.utils.translation import gettext as _

from alpespartner.comun.errores import DatoInvalido

_IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Red: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
MAX_REDES = 20
_ENTRE = re.compile(r"[\s,;]+")


def exigir_redes(texto: str) -> str:
    """Networks in their one form, none of them twice; raises :class:`DatoInvalido`, naming what is
    none. An address is a network of one."""
    redes = {_red(parte) for parte in _ENTRE.split(texto.strip()) if parte}
    if len(redes) > MAX_REDES:
        raise DatoInvalido(_("Admite hasta %(n)s redes.") % {"n": MAX_REDES}, campo="direcciones")
    return " ".join(map(str, sorted(redes, key=lambda red: (red.version, red))))


def _red(texto: str) -> _Red:
    try:
        red = ipaddress.ip_network(texto, strict=False)
    except ValueError:
        raise DatoInvalido(
            _("«%(texto)s» no es una dirección ni una red, como 203.0.113.0/24.")
            % {"texto": texto[:50]},
            campo="direcciones",
        ) from None
    mapeada = red.network_address
    if isinstance(mapeada, ipaddress.IPv6Address) and mapeada.ipv4_mapped and red.prefixlen >= 96:
        # Callers are looked at as what they are.
        return ipaddress.ip_network((mapeada.ipv4_mapped, red.prefixlen - 96))
    return red


@lru_cache(maxsize=1_000)
def redes_de(texto: str) -> tuple[_Red, ...]:
    """Networks of a stored text; raises ValueError for one that no service wrote."""
    return tuple(ipaddress.ip_network(parte) for parte in texto.split())


def admite(texto: str, ip: _IP | None) -> bool:
    """Whether a caller is in one of the networks; with none, whoever it is. One without an address
    is in none, and nobody is in what cannot be read."""
    if not texto:
        return True
    try:
        return ip is not None and any(ip in red for red in redes_de(texto))
    except ValueError:
        return False


def caben(dentro: str, fuera: str) -> bool:
    """Whether all of some networks is in others, which without any are all there are."""
    if not fuera:
        return True
    try:
        return bool(dentro) and all(
            any(_contiene(otra, red) for otra in redes_de(fuera)) for red in redes_de(dentro)
        )
    except ValueError:
        # No service wrote it.
        return False


def _contiene(fuera: _Red, dentro: _Red) -> bool:
    return fuera.version == dentro.version and dentro.subnet_of(fuera)  # type: ignore[arg-type]
