"""``/health``: whether the site can serve, and whether events are moving; ``/metrics``: how much it
does, for Prometheus."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis import RedisError

from alpespartner.comun import cola, frecuencia
from alpespartner.comun.acceso.direccion import ip_de
from alpespartner.comun.db.escritura import estado_del_disco
from alpespartner.comun.models import Intentos
from alpespartner.operacion.monitor.prometheus import metricas
from conversiones.rastreo.cuaderno import atrasadas
from outbox.models import EventoAparcado
from outbox.selectors import espera_desde

# An event that waits for longer means that nobody delivers.
ATRASO_MAXIMO = timedelta(seconds=60)
# Longer than this, in seconds, nobody waits for the stream; and for this long what was found holds,
# so that strangers who ask often cost no writes.
_PLAZO = 0.5
_VALE = 1.0


@require_safe
def vivo(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"estado": "ok"})


@require_safe
def sano(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and the disk takes what is written.

    ``eventos`` says whether deliveries keep up, ``clics`` whether those that were noted down are
    taken into the database, and ``limites`` whether keys are held to theirs.
    """
    try:
        mas_antigua = espera_desde()
        aparcados = EventoAparcado.objects.filter(reencolado_en=None)[:1].count()
    except DatabaseError:
        return JsonResponse(
            {"estado": "error", "base_de_datos": "no responde"},
            status=503,
            headers={"Retry-After": "5"},
        )
    disco = estado_del_disco()
    if disco != "ok":
        return JsonResponse(
            {"estado": "error", "base_de_datos": "ok", "disco": disco},
            status=503,
            headers={"Retry-After": "30"},
        )
    atraso = timezone.now() - mas_antigua if mas_antigua else timedelta(0)
    eventos = "ok"
    if atraso > ATRASO_MAXIMO:
        eventos = "atrasados"
    elif aparcados:
        eventos = "aparcados"
    return JsonResponse(
        {
            "estado": "ok",
            "base_de_datos": "ok",
            "disco": "ok",
            "eventos": eventos,
            "clics": "atrasados" if any(atrasadas(settings.CLICS_DIR)) else "ok",
            "limites": "ok" if frecuencia.contador().responde() else "sin_redis",
        }
    )


class _Preparado:
    """What each part that the site needs answered moments ago."""

    def __init__(self) -> None:
        self._candado = threading.Lock()
        self._hasta = 0.0
        self._partes: dict[str, str] = {}

    def dar(self) -> dict[str, str]:
        with self._candado:
            if time.monotonic() > self._hasta:
                self._partes = {parte: mirar() for parte, mirar in _PARTES.items()}
                self._hasta = time.monotonic() + _VALE
            return self._partes


@require_safe
def listo(request: HttpRequest) -> JsonResponse:
    """200 when the database takes a write and the disk has room. The broker and the stream are told
    and refuse nothing: what they would carry waits in the database."""
    partes = _preparado.dar()
    bien = all(partes[parte] == "ok" for parte in ("base_de_datos", "disco"))
    return JsonResponse(
        {"estado": "ok" if bien else "error", **partes},
        status=200 if bien else 503,
        headers={} if bien else {"Retry-After": "5"},
    )


def _base_de_datos() -> str:
    """A row is written and taken back."""
    try:
        with transaction.atomic():
            Intentos.objects.create(clave=f"salud:{secrets.token_hex(16)}")
            transaction.set_rollback(True)
    except DatabaseError:
        return "no_escribe"
    return "ok"


def _cola() -> str:
    try:
        cola.en_espera()
    except RedisError:
        return "no_responde"
    return "ok"


def _flujo() -> str:
    """Whether somebody listens where events go; in the embedded mode they go nowhere."""
    if settings.EVENTOS_TRANSPORTE == "embebido":
        return "ok"
    destino = urlsplit(settings.PULSAR_URL)
    try:
        socket.create_connection((destino.hostname, destino.port or 6650), _PLAZO).close()
    except OSError:
        return "no_responde"
    return "ok"


_PARTES: dict[str, Callable[[], str]] = {
    "base_de_datos": _base_de_datos,
    "disco": estado_del_disco,
    "cola": _cola,
    "flujo": _flujo,
}
_preparado = _Preparado()


@require_safe
def para_prometheus(request: HttpRequest) -> HttpResponse:
    """The metrics, for who has ``ALPES_METRICAS_CLAVE`` or, without one, asks from this machine;
    for anybody else there is no such page."""
    if not _puede_medir(request):
        raise Http404
    return HttpResponse(metricas(), content_type=CONTENT_TYPE_LATEST)


def _puede_medir(request: HttpRequest) -> bool:
    clave = settings.METRICAS_CLAVE
    if clave:
        dada = request.headers.get("Authorization", "")
        return secrets.compare_digest(dada.encode(), f"Bearer {clave}".encode())
    ip = ip_de(request)
    return ip is not None and ip.is_loopback
