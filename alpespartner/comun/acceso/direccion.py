"""Where a request comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def direccion_de(request: HttpRequest | None) -> str:
    """Address of the caller; "" when there is none.

    Behind our proxy it is the last one of ``X-Forwarded-For``: those before it are the caller's
    word. Of IPv6 the network, since whoever has one address has all of it.
    """
    if request is None:
        return ""
    texto = request.META.get("REMOTE_ADDR", "")
    if settings.DETRAS_DE_PROXY:
        texto = request.META.get("HTTP_X_FORWARDED_FOR", texto).rpartition(",")[2].strip()
    try:
        ip = ipaddress.ip_address(texto)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
