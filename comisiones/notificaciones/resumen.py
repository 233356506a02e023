"""The digest: one mail a day, or a week, with what happened to what an affiliate earns.

Writing it takes what waits and makes the mail in one transaction, so each thing is told once; what
comes later waits for the next one. Sending it is as for any mail (``envio.py``).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from afiliados.afiliado.models import Afiliado, FrecuenciaResumen
from alpespartner.comun import cola, turnos
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.porciones import por_porciones
from comisiones.notificaciones.estados import ClaseNotificacion
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.notificaciones.redaccion import para
from comisiones.notificaciones.reloj import hora_de, proxima_hora, ultimo_dia
from comisiones.notificaciones.texto import contenidos_de, escribir, fila_de

log = logging.getLogger(__name__)
# Affiliates of a transaction, and for how long a task writes.
PORCION = 100
SEGUNDOS = 2.0
# What cannot be written now is tried again after this.
ESPERA = timedelta(hours=1)
# And what cannot even be read, after this.
APARTADA = timedelta(days=30)
_F = FrecuenciaResumen


def no_lo_quiere(notificacion: Notificacion) -> bool:
    """Whether it is a digest of who asked for none."""
    es_resumen = notificacion.clase == ClaseNotificacion.RESUMEN
    return es_resumen and notificacion.afiliado.resumen == _F.NUNCA


def resumir(segundos: float = SEGUNDOS) -> None:
    """Write the digests that are due, a portion of affiliates in each transaction, and queue the
    rest."""
    por_porciones(
        _porcion, segundos=segundos, seguir=lambda: cola.encolar("notificaciones.resumir")
    )


def _porcion() -> bool:
    ahora = timezone.now()
    afiliados = list(_debidas(ahora).values_list("afiliado", flat=True).distinct()[:PORCION])
    if not afiliados:
        return False
    try:
        _escribir_de(afiliados, ahora)
    except OperationalError:
        raise
    except Exception:
        for uno in afiliados:
            _escribir_de_uno(uno, ahora)
    return True


def _escribir_de_uno(afiliado: int, ahora: datetime) -> None:
    """One that cannot be written must not stop the others, nor one row the rest of its own."""
    for _vez in range(2):
        try:
            _escribir_de([afiliado], ahora)
            return
        except OperationalError:
            raise
        except Exception as exc:
            log.error("resumen del afiliado %s: %s", afiliado, type(exc).__name__)
        if not _apartar(afiliado, ahora):
            break
    _de([afiliado], ahora).update(toca_en=ahora + ESPERA)


def _apartar(afiliado: int, ahora: datetime) -> bool:
    """Set aside the rows of nobody's service, which cannot be read; whether there was any."""
    malas = []
    for pk in list(_de([afiliado], ahora).values_list("pk", flat=True)):
        try:
            fila_de(Novedad.objects.get(pk=pk))
        except OperationalError:
            raise
        except Exception as exc:
            log.error("novedad %s: %s", pk, type(exc).__name__)
            malas.append(pk)
    Novedad.objects.filter(pk__in=malas).update(toca_en=ahora + APARTADA)
    return bool(malas)


def _debidas(ahora: datetime) -> QuerySet[Novedad]:
    return Novedad.objects.filter(notificacion=None, toca_en__lte=ahora)


def _de(afiliados: Collection[int], ahora: datetime) -> QuerySet[Novedad]:
    return _debidas(ahora).filter(afiliado__in=afiliados)


def _escribir_de(claves: Sequence[int], ahora: datetime) -> None:
    """The digests of some affiliates, in a number of statements that does not grow with them."""
    with transaction.atomic():
        # One at a time: who waited finds what the other left.
        turnos.tomar(["resumenes"])
        desde = dict(
            _de(claves, ahora).values_list("afiliado").annotate(desde=Min("toca_en")).order_by()
        )
        afiliados = Afiliado.objects.in_bulk(list(desde))
        dias = {
            pk: ultimo_dia(ahora, afiliado.resumen)
            for pk, afiliado in afiliados.items()
            if afiliado.resumen != _F.NUNCA
        }
        if sin_resumen := afiliados.keys() - dias.keys():
            _de(sin_resumen, ahora).delete()
        hechos = set(
            Notificacion.objects.filter(afiliado__in=dias, dia__in=set(dias.values())).values_list(
                "afiliado", "dia"
            )
        )
        hoy = [
            pk
            for pk, dia in dias.items()
            # Who changed to once a week waits for the day.
            if (pk, dia) not in hechos
            and (afiliados[pk].resumen != _F.SEMANAL or desde[pk] <= hora_de(dia))
        ]
        _aplazar([afiliados[pk] for pk in dias.keys() - set(hoy)], ahora)
        if hoy:
            _escribir([(afiliados[pk], dias[pk]) for pk in hoy], ahora)
            cola.encolar("notificaciones.enviar", caduca=60)


def _aplazar(afiliados: Sequence[Afiliado], ahora: datetime) -> None:
    """What came too late for a digest waits for the next one."""
    for frecuencia in (_F.DIARIO, _F.SEMANAL):
        suyos = [a.pk for a in afiliados if (a.resumen == _F.SEMANAL) == (frecuencia == _F.SEMANAL)]
        if suyos:
            _de(suyos, ahora).update(toca_en=proxima_hora(ahora, frecuencia))


def _escribir(quienes: Sequence[tuple[Afiliado, Any]], ahora: datetime) -> None:
    resumenes = [
        Notificacion(
            evento_id=nuevo_uuid7(), afiliado=afiliado, dia=dia, creada_en=ahora, toca_en=ahora,
            clase=ClaseNotificacion.RESUMEN,
        )
        for afiliado, dia in quienes
    ]  # fmt: skip
    Notificacion.objects.bulk_create(resumenes)
    poner_claves(resumenes, unico="evento_id")
    # Taken before it is read: what somebody adds meanwhile is told next time.
    suyo = Notificacion.objects.filter(
        pk__in=[r.pk for r in resumenes], afiliado=OuterRef("afiliado")
    )
    _de([afiliado.pk for afiliado, _dia in quienes], ahora).update(
        notificacion=Subquery(suyo.values("pk")[:1])
    )
    contenidos = contenidos_de(resumenes)
    for resumen in resumenes:
        with para(resumen.afiliado):
            escribir(resumen, contenidos[resumen.pk])
    Notificacion.objects.bulk_update(resumenes, ["asunto", "cuerpo", "html"], batch_size=PORCION)
