"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.conf import settings
from django.http import HttpRequest

_IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def ip_de(request: HttpRequest | None) -> _IP | None:
    """Address of the caller; None when there is none."""
    return None if request is None else ip_en(request.META)


def ip_en(meta: Mapping[str, Any]) -> _IP | None:
    """Address of the caller, in what the server tells of a request.

    Behind our proxy it is the last one of ``X-Forwarded-For``: those before it are the caller's
    word.
    """
    texto = meta.get("REMOTE_ADDR", "")
    if settings.DETRAS_DE_PROXY:
        texto = meta.get("HTTP_X_FORWARDED_FOR", texto).rpartition(",")[2].strip()
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
    return "" if request is None else direccion_en(request.META)


def direccion_en(meta: Mapping[str, Any]) -> str:
    """As :func:`direccion_de`, in what the server tells of a request."""
    ip = ip_en(meta)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return "" if ip is None else str(ip)
