"""Alerts open when something was wrong in two looks in a row, are mailed once, and close by
themselves when it was well in two: what comes and goes opens none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from alpespartner.comun.actores import sistema
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.turnos import tomar
from alpespartner.operacion import correo
from alpespartner.operacion.models import Alerta
from alpespartner.operacion.monitor.lectura import Lectura, leer
from alpespartner.operacion.monitor.problemas import Problema, problemas, se_pudo_mirar

log = logging.getLogger(__name__)

ACTOR = sistema("monitor")
MIRADAS = 2


def abiertas() -> QuerySet[Alerta]:
    """Those that are open, the newest first."""
    return Alerta.objects.filter(viva=True, abierta_en__isnull=False).order_by("-id")


def vigilar(lectura: Lectura | None = None) -> int:
    """Look once; gives how many alerts opened or closed."""
    vista = leer() if lectura is None else lectura
    return anotar(vistos=list(problemas(vista)), juzga=lambda clave: se_pudo_mirar(vista, clave))


def anotar(
    *, vistos: Sequence[Problema], juzga: Callable[[str], bool], miradas: int = MIRADAS
) -> int:
    """Note what a look saw; gives how many alerts opened or closed.

    ``juzga`` says of a key whether this look would have seen it: only then is what it did not see
    over. ``miradas``: how many in a row it takes.
    """
    if not vistos and not Alerta.objects.filter(viva=True).exists():
        return 0
    with transaction.atomic():
        tomar(["alertas"])
        ahora = timezone.now()
        vivas = {a.clave: a for a in Alerta.objects.select_for_update().filter(viva=True)}
        nuevas = sum(
            _cada(partial(_mal, vivas.pop(p.clave, None), p, miradas, ahora)) for p in vistos
        )
        cerradas = sum(
            _cada(partial(_bien, alerta, miradas, ahora))
            for alerta in vivas.values()
            if juzga(alerta.clave)
        )
        if nuevas:
            correo.dejar(ahora)
    return nuevas + cerradas


def _cada(anota: Callable[[], bool]) -> bool:
    """One that cannot be written must not stop the others."""
    try:
        with transaction.atomic():
            return anota()
    except Exception:
        log.exception("alerta: no se pudo anotar")
        return False


def _mal(alerta: Alerta | None, problema: Problema, miradas: int, ahora: datetime) -> bool:
    """Something is wrong; whether that opens its alert."""
    if alerta is None:
        alerta = Alerta(id_publico=nuevo_id("alerta"), clave=problema.clave, miradas=0)
    alerta.datos, alerta.vista_en = dict(problema.datos), ahora
    abre = alerta.abierta_en is None and alerta.miradas + 1 >= miradas
    # Of an open one the looks that count are those that do not see it.
    alerta.miradas = 0 if abre or alerta.abierta_en else min(alerta.miradas + 1, miradas)
    if abre:
        alerta.abierta_en = alerta.avisada_en = ahora
        _al_historial(alerta, "abrir")
    alerta.save()
    return abre


def _bien(alerta: Alerta, miradas: int, ahora: datetime) -> bool:
    """What was wrong was not seen; whether that closes its alert."""
    if alerta.abierta_en is None:
        alerta.delete()
        return False
    alerta.miradas = min(alerta.miradas + 1, miradas)
    if alerta.miradas >= miradas:
        alerta.cerrada_en, alerta.viva = ahora, None
        _al_historial(alerta, "cerrar")
    alerta.save(update_fields=["miradas", "cerrada_en", "viva"])
    return alerta.viva is None


def _al_historial(alerta: Alerta, accion: str) -> None:
    paso(
        entidad="alerta", entidad_id=alerta.id_publico, accion=accion, actor=ACTOR,
        datos={"clave": alerta.clave, **alerta.datos},
    ).save()  # fmt: skip
