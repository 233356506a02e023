"""``/health``: whether the site can serve, and whether events are moving."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from alpespartner.comun import frecuencia
from alpespartner.comun.db.escritura import estado_del_disco
from conversiones.rastreo.cuaderno import atrasadas
from outbox.models import EntregaPendiente, EventoAparcado

# An event that waits for longer means that nobody delivers.
ATRASO_MAXIMO = timedelta(seconds=60)


@require_safe
def vivo(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"estado": "ok"})


@require_safe
def listo(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and the disk takes what is written.

    ``eventos`` says whether deliveries keep up, ``clics`` whether those that were noted down are
    taken into the database, and ``limites`` whether keys are held to theirs.
    """
    try:
        mas_antigua = (
            EntregaPendiente.objects.filter(intentos=0)
            .order_by("id")
            .values_list("evento__created_at", flat=True)
            .first()
        )
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
