"""What an affiliate earns by, since when: dated rows, of which the one of a sale's moment holds.

An affiliate whose terms never changed has no rows: its own columns say it. With the first change
come two, what it had from the beginning and what it has since then. The columns are those in force
now, for lists and for whoever has no moment to ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import CONDICIONES
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.formato import fecha_y_hora

# What rows say. The least that is paid at once is not of a sale.
CON_FECHA = (*CONDICIONES, "referente")
SIEMPRE = datetime(1970, 1, 1, tzinfo=UTC)
Filas = Mapping[int, list[CondicionesAfiliado]]
_calculado: Callable[[Afiliado, datetime], bool] = lambda _afiliado, _desde: False  # noqa: E731


def registrar_calculado(funcion: Callable[[Afiliado, datetime], bool]) -> None:
    """Say what tells whether something that an affiliate's terms decide was calculated for a sale
    since a moment: only the app that calculates knows."""
    global _calculado
    _calculado = funcion


def leer(afiliados: Iterable[Afiliado]) -> Filas:
    """The rows of some affiliates, by their key, in order: no query when none has any."""
    claves = {a.pk for a in afiliados if a.con_condiciones}
    filas: dict[int, list[CondicionesAfiliado]] = {}
    if claves:
        for fila in CondicionesAfiliado.objects.filter(afiliado__in=claves).order_by("desde", "pk"):
            filas.setdefault(fila.afiliado_id, []).append(fila)
    return filas


def como_era(afiliado: Afiliado, momento: datetime, filas: Filas | None = None) -> Afiliado:
    """An affiliate with the terms that were in force at a moment; to be read, never saved."""
    if not afiliado.con_condiciones:
        return afiliado
    suyas = (leer([afiliado]) if filas is None else filas).get(afiliado.pk, ())
    vigente = None
    for fila in suyas:
        if fila.desde <= momento:
            vigente = fila
    if vigente is None:
        return afiliado
    entonces = copy(afiliado)
    # Django keeps what it read of other rows beside the columns.
    entonces._state = copy(afiliado._state)
    entonces._state.fields_cache = {}
    for campo in CONDICIONES:
        setattr(entonces, campo, getattr(vigente, campo))
    entonces.referente_id = vigente.referente_id
    return entonces


def por_venir(afiliado: Afiliado) -> QuerySet[CondicionesAfiliado]:
    """The rows of an affiliate whose day is to come."""
    return afiliado.condiciones.filter(aplicada_en=None).order_by("desde", "pk")


def ultima(afiliado: Afiliado) -> CondicionesAfiliado | None:
    """The row that holds in the end."""
    return afiliado.condiciones.order_by("desde", "pk").last() if afiliado.con_condiciones else None


def exigir_desde(afiliado: Afiliado, desde: datetime | None, campos: Iterable[str]) -> datetime:
    """When new terms of a locked affiliate begin: then, or now for None.

    Raises :class:`DatoInvalido` when they cannot: before others that were said, or before a sale
    that was calculated. Who referred it is changed now: what is above it decides for many.
    """
    if desde is not None and "referente" in campos:
        raise DatoInvalido(_("El referente se cambia desde ahora: deja la fecha vacía."),
                           campo="desde")  # fmt: skip
    ahora = timezone.now()
    anterior = ultima(afiliado)
    if anterior is not None and (desde or ahora) < anterior.desde:
        raise DatoInvalido(
            _("Hay otras condiciones desde el %(dia)s: elige una fecha posterior.")
            % {"dia": fecha_y_hora(anterior.desde)},
            campo="desde",
        )
    if desde is not None and desde < ahora and _calculado(afiliado, desde):
        raise DatoInvalido(
            _("Ya se calcularon ventas suyas desde entonces: elige una fecha posterior."),
            campo="desde",
        )
    return desde or ahora


def guardar(
    afiliado: Afiliado,
    nuevas: Mapping[str, Any],
    *,
    desde: datetime,
    actor: Actor,
    motivo: str,
    confirmada_por: str,
    aplicada: bool,
) -> None:
    """Write the row of new terms of a locked affiliate whose columns still have the old ones."""
    antes = ultima(afiliado)
    if antes is None:
        antes = CondicionesAfiliado(
            afiliado=afiliado, desde=SIEMPRE, campos=[], aplicada_en=timezone.now(),
            **{campo: getattr(afiliado, campo) for campo in CON_FECHA},
        )  # fmt: skip
        antes.save()
        afiliado.con_condiciones = True
        afiliado.save(update_fields=["con_condiciones"])
    valores = {campo: getattr(antes, campo) for campo in CON_FECHA}
    CondicionesAfiliado.objects.create(
        afiliado=afiliado,
        desde=desde,
        campos=sorted(nuevas),
        publicada_por=str(actor),
        confirmada_por=confirmada_por,
        motivo=motivo,
        aplicada_en=timezone.now() if aplicada else None,
        **{**valores, **nuevas},
    )


def es_grande(antes: Any, despues: Any) -> bool:
    """Whether a change of terms takes a second person: percent points, an amount, or any other
    referrer. ``CAMBIO_GRANDE`` says how much may be changed alone; None, anything."""
    solo: Mapping[str, Decimal] | None = settings.CAMBIO_GRANDE
    if solo is None:
        return False
    if antes.referente_id != despues.referente_id:
        return True
    puntos = max(
        abs((getattr(despues, campo) or CERO) - (getattr(antes, campo) or CERO))
        for campo in ("comision_base", "comision_premium", "tasa_propia")
    )
    if puntos > solo.get("%", CERO):
        return True
    fija, moneda = despues.comision_fija or CERO, despues.moneda_comision
    # An amount of another currency says nothing of this one.
    era = (antes.comision_fija or CERO) if antes.moneda_comision == moneda else CERO
    if abs(fija - era) > solo.get(moneda, CERO):
        return True
    perdida = CERO if antes.moneda_comision == moneda else antes.comision_fija or CERO
    return perdida > solo.get(antes.moneda_comision, CERO)
