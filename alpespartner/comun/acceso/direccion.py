"""Where a request comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def ip_de(request: HttpRequest | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Address of the caller; None when there is none.

    Behind our proxy it is the last one of ``X-Forwarded-For``: those before it are the caller's
    word.
    """
    if request is None:
        return None
    texto = request.META.get("REMOTE_ADDR", "")
    if settings.DETRAS_DE_PROXY:
        texto = request.META.get("HTTP_X_FORWARDED_FOR", texto).rpartition(",")[2].strip()
    try:
        ip = ipaddress.ip_address(texto)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip


def direccion_de(request: HttpRequest | None) -> str:
    """What tries are counted by, "" when the caller has no address. Of IPv6 the network, since
    whoever has one address has all of it."""
    ip = ip_de(request)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return "" if ip is None else str(ip)
