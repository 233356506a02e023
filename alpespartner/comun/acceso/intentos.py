"""Counting wrong tries, in the database that every process shares.

A try is counted before it is made and taken back when it was right: so many at once do not slip
through together. Past a limit nothing is written any more, so that a flood costs one read each.
Rows come and go under those who wait for them, which on MySQL is a deadlock now and then: each
step, which is a transaction of its own, is tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from alpespartner.comun.acceso.errores import DemasiadosIntentos
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.models import Intentos

# Nothing is counted for longer.
_GUARDA = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limite:
    """At most ``tope`` wrong tries of ``quien`` in ``ventana``."""

    que: str
    quien: Sequence[str]
    tope: int
    ventana: timedelta

    @property
    def clave(self) -> str:
        """Its row: a digest, since names of any length and alphabet are tried."""
        texto = "\0".join((self.que, *self.quien))
        return hashlib.sha256(texto.encode("utf-8", "replace")).hexdigest()


def reservar(limites: Sequence[Limite]) -> list[Limite]:
    """Count one try; gives the limits that it has just reached.

    Raises :class:`DemasiadosIntentos`, counting nothing, when one was reached before.
    """
    en_orden = sorted(limites, key=lambda x: x.clave)
    if nuevos := [x for x in en_orden if x.clave not in _exigir(limites)]:
        # There before they are locked: of many first tries at once, each would find no row to wait
        # for, and begin to count anew.
        filas = [Intentos(clave=x.clave, cuantos=0) for x in nuevos]
        reintentar(lambda: Intentos.objects.bulk_create(filas, ignore_conflicts=True))
    llevan = reintentar(lambda: _contar(limites, en_orden))
    if nuevos:
        reintentar(Intentos.objects.filter(desde__lt=timezone.now() - _GUARDA).delete)
    return [limite for limite in limites if llevan.get(limite.clave, 0) + 1 == limite.tope]


def _contar(limites: Sequence[Limite], en_orden: Sequence[Limite]) -> dict[str, int]:
    with transaction.atomic():
        # Read again under their locks, in one order.
        llevan = _exigir(limites, con_candado=True)
        for limite in en_orden:
            if limite.clave in llevan:
                Intentos.objects.filter(pk=limite.clave).update(cuantos=F("cuantos") + 1)
            else:
                Intentos.objects.update_or_create(
                    clave=limite.clave, defaults={"cuantos": 1, "desde": timezone.now()}
                )
    return llevan


def devolver(limites: Sequence[Limite], *, olvidar: Limite) -> None:
    """Take back a try that was right, and forget the wrong ones of ``olvidar``."""
    reintentar(lambda: _devolver([limite.clave for limite in limites], olvidar.clave))


def _devolver(claves: list[str], olvidada: str) -> None:
    with transaction.atomic():
        # In the order in which they are counted.
        suyas = Intentos.objects.select_for_update().filter(pk__in=[*claves, olvidada])
        list(suyas.order_by("pk"))
        Intentos.objects.filter(pk=olvidada).delete()
        Intentos.objects.filter(pk__in=claves, cuantos__gt=0).update(cuantos=F("cuantos") - 1)


def recordar(quien: Limite) -> None:
    """Note that somebody entered, for :func:`conocido`."""
    Intentos.objects.update_or_create(
        clave=quien.clave, defaults={"cuantos": 0, "desde": timezone.now()}
    )


def conocido(quien: Limite) -> bool:
    """Whether somebody entered within the time of ``quien``."""
    desde = timezone.now() - quien.ventana
    return Intentos.objects.filter(pk=quien.clave, desde__gt=desde).exists()


def _exigir(limites: Sequence[Limite], *, con_candado: bool = False) -> dict[str, int]:
    """How many each has in its window."""
    ahora = timezone.now()
    consulta = Intentos.objects.filter(pk__in=[x.clave for x in limites]).order_by("pk")
    if con_candado:
        consulta = consulta.select_for_update()
    filas = {fila.clave: fila for fila in consulta}
    llevan = {}
    for limite in limites:
        fila = filas.get(limite.clave)
        if fila is None or fila.desde <= ahora - limite.ventana:
            continue
        if fila.cuantos >= limite.tope:
            falta = fila.desde + limite.ventana - ahora
            raise DemasiadosIntentos(max(1, int(falta.total_seconds()) + 1))
        llevan[limite.clave] = fila.cuantos
    return llevan
