"""The sweeper of payments: what the queue lost or time brought."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from afiliados.afiliado.configuracion import minimos_en_vigor
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.cuentas.models import en_espera
from alpespartner.comun import cola, dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.rondas import Ronda
from comisiones.pagos.conciliacion.extractos import barrer_extractos
from comisiones.pagos.estados import PAGO_EN_CURSO, EstadoLote, EstadoPago
from comisiones.pagos.lotes.avance import barrer_a_medias
from comisiones.pagos.lotes.ciclo import barrer_lotes
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.armado import ajustes_pendientes, pagables
from comisiones.pagos.pago.envio import reanudar_pago
from comisiones.pagos.pago.minimo import alcanza_minimo
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import pasarela_configurada, pasarelas

log = logging.getLogger(__name__)

# A gateway that hangs must not keep the batches waiting, nor the sweep until it is killed.
SEGUNDOS_PREGUNTANDO = 30
# Commissions to schedule in one go, but for those of one affiliate, which go together: what is
# left over after a month's end follows in the next sweeps.
A_PROGRAMAR = 2_000
# Of each kind there may be some that nothing moves on: they wait their turn like the rest.
_LISTOS, _COLGADOS, _GRUPOS = Ronda(), Ronda(), Ronda()


def barrer_pagos(*, actor: Actor, limite: int = 500) -> dict[str, int]:
    """What the queue lost or time brought: matured commissions are scheduled, ready payments are
    queued and interrupted ones resumed. Returns how many of each."""
    ahora = timezone.now()
    espera = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_BARRIDO)
    programados = []
    if settings.PAGOS_AUTOMATICOS:
        programados = programar_pagos(comisiones_ids=_maduras(espera, limite), actor=actor)
    por_enviar = (
        Pago.objects.filter(
            Q(lote=None) | Q(lote__estado=EstadoLote.EN_EJECUCION),
            estado=EstadoPago.LISTO,
            actualizado_en__lt=espera,
        )
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        .exclude(en_espera("afiliado__cuenta__"))
    )
    listos = list(_LISTOS.siguientes(por_enviar, limite))
    cola.encolar_cada("pagos.ejecutar", listos)
    corte = ahora - timedelta(seconds=settings.PAGOS_SEGUNDOS_INCIERTO)
    colgados = (
        Pago.objects.filter(estado__in=PAGO_EN_CURSO, actualizado_en__lt=corte)
        # What went in a file is answered by a statement.
        .exclude(pasarela__in=[p.nombre for p in pasarelas() if p.por_fichero])
    )
    reanudados = 0
    hasta = time.monotonic() + SEGUNDOS_PREGUNTANDO
    for pk in _COLGADOS.siguientes(colgados, limite):
        reanudados += 1
        try:
            reanudar_pago(pago_pk=pk, actor=actor)
        except Exception:
            # One that the gateway cannot answer for must not stop those behind it.
            log.exception("pago %s: no se pudo reanudar", pk)
        if time.monotonic() > hasta:
            break
    return {
        "programados": len(programados),
        "encolados": len(listos),
        "reanudados": reanudados,
    }


def barrer_trabajos(*, actor: Actor) -> None:
    """Batches and statements without news, for whose next step somebody looks at a page: the
    embedded site cannot reach the worker's queue."""
    espera = timezone.now() - timedelta(seconds=settings.PAGOS_SEGUNDOS_TRABAJOS)
    barrer_a_medias(antes_de=espera)
    barrer_lotes(antes_de=espera, actor=actor)
    barrer_extractos(antes_de=espera)


def _maduras(espera: datetime, limite: int) -> list[str]:
    """Public ids of commissions to schedule, those of affiliates that reach their minimum."""
    candidatas = (
        pagables()
        .exclude(afiliado__estado=EstadoAfiliado.BLOQUEADO)
        .exclude(en_espera("afiliado__cuenta__"))
        # A person decides about one that failed for certain.
        .exclude(items_pago__pago__estado=EstadoPago.FALLIDO)
        # The event of a fresh approval is on its way.
        .filter(actualizado_en__lt=espera)
    )
    paga_a = pasarela_configurada().paga_a
    if paga_a:
        candidatas = candidatas.filter(afiliado__cuenta__tipo=paga_a)
    ajustes = {
        (f["afiliado"], f["moneda"]): f["suma"]
        for f in ajustes_pendientes()
        .values("afiliado", "moneda")
        .annotate(suma=Sum("monto"))
        .order_by()
    }
    sumas = {
        (f["afiliado"], f["moneda"]): f
        for f in candidatas.values(
            "afiliado", "moneda", "afiliado__moneda_comision", "afiliado__minimo_pago"
        )
        .annotate(suma=Sum("monto"), n=Count("pk"))
        .order_by()
        # Nobody can be paid in what is no currency.
        if dinero.es_moneda(f["moneda"])
    }
    minimos = minimos_en_vigor()
    # Who owes us, or waits for its minimum, must not stand in front of the rest; nor who cannot be
    # paid for what is only known with its rows locked.
    grupos: list[tuple[int, str]] = []
    cuantas = 0
    for quien in _GRUPOS.desde_la_ultima(list(sumas)):
        f = sumas[quien]
        bruto = dinero.cuantizar(f["suma"] + ajustes.get(quien, dinero.CERO), f["moneda"])
        if bruto > 0 and alcanza_minimo(
            bruto,
            f["moneda"],
            minimo=minimos.get(f["afiliado"], f["afiliado__minimo_pago"]),
            moneda_minimo=f["afiliado__moneda_comision"],
        ):
            grupos.append(quien)
            cuantas += f["n"]
        if len(grupos) == limite or cuantas >= A_PROGRAMAR:
            break
    if not grupos:
        return []
    cuales = Q()
    for moneda in {m for _a, m in grupos}:
        cuales |= Q(moneda=moneda, afiliado__in=[a for a, m in grupos if m == moneda])
    return list(
        candidatas.filter(cuales).order_by("madura_en").values_list("id_publico", flat=True)
    )
