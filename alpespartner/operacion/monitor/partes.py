"""What each part of the monitor reads: by index, so many rows at most, and without waiting long.

A count stops at ``TOPE``, which then means «that many or more».
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.db.escritura import estado_del_disco
from alpespartner.comun.models import CorreoAlPersonal
from alpespartner.operacion.models import Alerta
from alpespartner.operacion.monitor.entorno import pruebas
from comisiones.notificaciones.estados import EstadoNotificacion
from comisiones.notificaciones.models import Notificacion
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago
from conversiones.rastreo.cuaderno import esperan
from outbox.canario import canario_perdido, ultimo_retraso_ms
from outbox.consumo import CONSUMIDORES
from outbox.models import (
    CausaWebhook,
    EntregaConfirmada,
    EntregaPendiente,
    EstadoWebhook,
    EventoAparcado,
    EventoProcesado,
    OutboxEvent,
    Webhook,
)
from outbox.publicacion import PUBLICADOR
from outbox.registro import CONTEXTOS
from outbox.selectors import espera_desde

TOPE = 1_000
# The newest events that are looked at, and in how many seconds they are counted.
_MIRADOS = 300
_VENTANA = 60
# A canary that takes longer is late, and a mail or a webhook that waits longer does not go out.
CANARIO_TARDE = timedelta(seconds=5)
_PARADO = timedelta(minutes=10)

Datos = dict[str, Any]


def hasta_tope(consulta: QuerySet[Any]) -> int:
    """How many rows, counted by index up to ``TOPE``."""
    n: int = consulta.order_by()[:TOPE].count()
    return n


def _segundos(desde: Any) -> int:
    return max(0, int((timezone.now() - desde).total_seconds())) if desde else 0


def eventos() -> Datos:
    """Events a second of each topic in the last minute; of the newest ones, when they are more."""
    ahora = timezone.now()
    filas = OutboxEvent.objects.order_by("-posicion").values_list("aggregatetype", "created_at")
    nuevos = list(filas[:_MIRADOS])
    del_minuto = [(c, en) for c, en in nuevos if ahora - en <= timedelta(seconds=_VENTANA)]
    segundos = _VENTANA
    if len(del_minuto) == _MIRADOS:
        segundos = max(1, _segundos(del_minuto[-1][1]))
    por_contexto = Counter(contexto for contexto, _en in del_minuto)
    return {
        "por_segundo": {c: round(por_contexto[c] / segundos, 2) for c in CONTEXTOS},
        "total_por_segundo": round(len(del_minuto) / segundos, 2),
        "ultimo_hace_s": _segundos(nuevos[0][1]) if nuevos else None,
    }


def suscripciones() -> Datos:
    """How far behind each one is; those of Pulsar also by how many processes read them."""
    nombres = sorted(CONSUMIDORES)
    if settings.EVENTOS_TRANSPORTE == "manual":
        nombres.append(PUBLICADOR)
    esperan = {
        nombre: hasta_tope(EntregaPendiente.objects.filter(suscripcion=nombre))
        for nombre in nombres
    }
    if settings.EVENTOS_TRANSPORTE == "embebido":
        return {nombre: {"atraso": n, "lectores": None} for nombre, n in esperan.items()}
    # Only here: the embedded mode does without Pulsar.
    from outbox.transportes.pulsar.atrasos import atrasos

    en_pulsar = atrasos()
    suyas: Datos = {}
    for nombre, n in esperan.items():
        atraso = en_pulsar.get(nombre)
        suyas[nombre] = {
            "atraso": n + (atraso.mensajes if atraso else 0),
            "lectores": atraso.lectores if atraso else 0,
        }
    return suyas


def outbox() -> Datos:
    """Since when the oldest event waits to be delivered; on Pulsar, of the newest ones, or of those
    after the last one that came back when none of these did."""
    if settings.EVENTOS_TRANSPORTE != "pulsar":
        return {"edad_s": _segundos(espera_desde())}
    filas = OutboxEvent.objects.order_by("-posicion").values_list("evento_id", "created_at")
    nuevos = list(filas[:_MIRADOS])
    vueltos = set(
        EntregaConfirmada.objects.filter(evento_id__in=[e for e, _en in nuevos]).values_list(
            "evento_id", flat=True
        )
    )
    if len(nuevos) == _MIRADOS and not vueltos:
        return {"edad_s": _segundos(_tras_el_ultimo_que_volvio())}
    return {"edad_s": _segundos(min((en for e, en in nuevos if e not in vueltos), default=None))}


def _tras_el_ultimo_que_volvio() -> datetime | None:
    """When the event was written that is next to the last one that came back."""
    ultimo = EntregaConfirmada.objects.order_by("-pk").values("evento_id")[:1]
    tras = OutboxEvent.objects.filter(evento_id=Subquery(ultimo)).values_list("posicion", flat=True)
    filas = OutboxEvent.objects.filter(posicion__gt=tras.first() or 0).order_by("posicion")
    return filas.values_list("created_at", flat=True).first()


def canario() -> Datos:
    """How late the last one was, or, in the embedded mode, the last event that was delivered."""
    if settings.EVENTOS_TRANSPORTE != "embebido":
        return {
            "retraso_ms": ultimo_retraso_ms(),
            "perdido": canario_perdido(CANARIO_TARDE) is not None,
        }
    ultimo = (
        EventoProcesado.objects.order_by("-id").values_list("evento_id", "procesado_en").first()
    )
    escrito = (
        OutboxEvent.objects.filter(evento_id=ultimo[0]).values_list("created_at", flat=True).first()
        if ultimo
        else None
    )
    retraso = None
    if ultimo is not None and escrito is not None:
        retraso = max(0, int((ultimo[1] - escrito).total_seconds() * 1000))
    return {"retraso_ms": retraso, "perdido": False}


def aparcados() -> Datos:
    """Events that a subscription gave up on."""
    suyos = EventoAparcado.objects.filter(reencolado_en=None).order_by("-id")
    return dict(Counter(suyos.values_list("suscripcion", flat=True)[:TOPE]))


def tareas() -> Datos:
    """Tasks that wait in each queue; in the embedded mode only who does them knows."""
    return {"colas": cola.en_espera()}


def pagos() -> Datos:
    """Payments that somebody or something has still to deal with, by state."""
    abiertos = (EstadoPago.LISTO, EstadoPago.ENVIANDO, EstadoPago.INCIERTO, EstadoPago.FALLIDO)
    return {e.value: hasta_tope(Pago.objects.filter(estado=e)) for e in abiertos}


def webhooks() -> Datos:
    """Those that fail, those that were turned off for it, and those that nobody sends to."""
    activos = Webhook.objects.filter(estado=EstadoWebhook.ACTIVO)
    return {
        "fallando": hasta_tope(activos.exclude(fallando_desde=None)),
        "desactivados": hasta_tope(
            Webhook.objects.filter(estado=EstadoWebhook.DESACTIVADO, causa=CausaWebhook.FALLOS)
        ),
        "parados": hasta_tope(activos.filter(toca_en__lt=timezone.now() - _PARADO)),
    }


def disco() -> Datos:
    """What is left where the data is, and whether it takes any."""
    total, _usado, libre = shutil.disk_usage(settings.DATOS_DIR)
    return {
        "libre_mb": libre // 1_000_000,
        "total_mb": total // 1_000_000,
        "escribe": estado_del_disco(),
    }


def clics() -> Datos:
    """Since when the oldest clicks wait to be taken in, and in how many files."""
    escritas = [escrita for _ruta, escrita in esperan(settings.CLICS_DIR)]
    edad = int(time.time() - min(escritas)) if escritas else 0
    return {"ficheros": len(escritas), "edad_s": max(0, edad)}


def correo() -> Datos:
    """Mail that failed or that nobody sends, and since when the oldest of it waits."""
    limite = timezone.now() - _PARADO
    pendientes = (
        Notificacion.objects.filter(estado=EstadoNotificacion.PENDIENTE)
        .order_by("toca_en")
        .values_list("intentos", "toca_en", "creada_en")[:TOPE]
    )
    atascadas = [hecha for n, toca, hecha in pendientes if n or toca < limite]
    del_personal = list(
        CorreoAlPersonal.objects.filter(creado_en__lt=limite)
        .order_by("pk")
        .values_list("creado_en", flat=True)[:TOPE]
    )
    todas = atascadas + del_personal
    return {"atascados": len(todas), "edad_s": _segundos(min(todas, default=None))}


def alertas() -> Datos:
    """Those that are open."""
    return {"abiertas": Alerta.objects.filter(viva=True, abierta_en__isnull=False).count()}


PARTES: dict[str, Callable[[], Datos]] = {
    parte.__name__: parte
    for parte in (
        eventos, suscripciones, outbox, canario, aparcados, tareas, pagos, webhooks, disco, clics,
        correo, pruebas, alertas,
    )
}  # fmt: skip
