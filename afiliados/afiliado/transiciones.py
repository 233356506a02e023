"""The steps of an affiliate's life: who may earn, and who does not any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados import eventos
from afiliados.afiliado.condiciones import es_grande
from afiliados.afiliado.estados import AFILIADO, EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import CONDICIONES, autores_de
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.errores import CuatroOjos, DatoInvalido, TransicionInvalida
from alpespartner.comun.historial import historial_de
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.separacion import son_las_mismas
from alpespartner.comun.textos import exigir_motivo
from outbox.publicacion import publicar

log = logging.getLogger(__name__)
ACTOR = sistema("suspensiones")
_POR_VUELTA = 200
_CUMPLIDAS = Ronda()
_al_cerrar: list[Callable[[Afiliado, Actor, str], object]] = []


def registrar_cierre(funcion: Callable[[Afiliado, Actor, str], object]) -> None:
    """Say what else ends when an affiliate is closed, in the transaction of that: its keys, its
    coupons. Only who has them knows."""
    if funcion not in _al_cerrar:
        _al_cerrar.append(funcion)


def _cambiar_estado(
    afiliado: Afiliado,
    destino: str,
    *,
    accion: str,
    evento: Any,
    actor: Actor,
    motivo: str,
    desde: str | None = None,
    hasta: datetime | None = None,
) -> Afiliado:
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        if desde is not None and actual.estado != desde:
            raise TransicionInvalida(
                _("%(id)s está «%(origen)s», no «%(desde)s».")
                % {"id": actual.id_publico, "origen": actual.estado, "desde": desde},
                estado=actual.estado,
            )
        actual.suspendido_hasta = hasta
        AFILIADO.transitar(
            actual,
            destino,
            accion=accion,
            actor=actor,
            motivo=motivo,
            datos={"hasta": hasta} if hasta is not None else None,
            campos=["suspendido_hasta"],
        )
        publicar(evento, version=actual.version)
        if destino == EstadoAfiliado.CERRADO:
            for cerrar in _al_cerrar:
                cerrar(actual, actor, motivo)
    return actual


def activar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str = "") -> Afiliado:
    """Let a pending affiliate earn. Its held commissions go on by event.

    Raises :class:`CuatroOjos` for whoever gave it terms that nobody changes alone.
    """
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        if actual.estado == EstadoAfiliado.PENDIENTE and es_grande(Afiliado(), actual):
            autores = autores_de(actual, (*CONDICIONES, "referente"))
            if any(son_las_mismas(autor, actor) for autor in autores):
                raise CuatroOjos(
                    _("Fijaste lo que gana, o quién lo refirió: lo activa otra persona.")
                )
        return _cambiar_estado(
            actual,
            EstadoAfiliado.ACTIVO,
            accion="activar",
            evento=eventos.AfiliadoActivado(afiliado_id=actual.id_publico),
            actor=actor,
            motivo=motivo.strip(),
            desde=EstadoAfiliado.PENDIENTE,
        )


def reactivar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Let a suspended affiliate earn again. Its held commissions go on by event. A reason is
    required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.ACTIVO,
        accion="reactivar",
        evento=eventos.AfiliadoActivado(afiliado_id=afiliado.id_publico),
        actor=actor,
        motivo=motivo,
        desde=EstadoAfiliado.SUSPENDIDO,
    )


def rechazar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Turn down a pending affiliate. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.RECHAZADO,
        accion="rechazar",
        evento=eventos.AfiliadoRechazado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def suspender_afiliado(
    *, afiliado: Afiliado, actor: Actor, motivo: str, hasta: datetime | None = None
) -> Afiliado:
    """Stop accepting an affiliate's conversions, until a moment or until somebody brings it back. A
    reason is required. Raises :class:`DatoInvalido` for a moment that is not to come."""
    motivo = exigir_motivo(motivo)
    if hasta is not None and hasta <= timezone.now():
        raise DatoInvalido(_("Elige un momento que esté por venir."), campo="hasta")
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.SUSPENDIDO,
        accion="suspender",
        evento=eventos.AfiliadoSuspendido(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
        # From a block there is another way to this state, and it takes two persons.
        desde=EstadoAfiliado.ACTIVO,
        hasta=hasta,
    )


def reactivar_cumplidas() -> int:
    """Bring back those that were suspended until a moment that came; returns how many."""
    cumplidas = Afiliado.objects.filter(
        estado=EstadoAfiliado.SUSPENDIDO, suspendido_hasta__lte=timezone.now()
    )
    hechos = 0
    for clave in _CUMPLIDAS.siguientes(cumplidas, _POR_VUELTA):
        try:
            hechos += _reactivar_si_cumple(clave)
        except DatabaseError:
            raise
        except Exception:
            # One that cannot be brought back must not stop those behind it.
            log.exception("afiliado %s: no se pudo reactivar", clave)
    return hechos


def _reactivar_si_cumple(clave: int) -> bool:
    with transaction.atomic():
        # Somebody may have brought it back, or blocked it, since it was looked for.
        actual = Afiliado.objects.select_for_update().get(pk=clave)
        hasta = actual.suspendido_hasta
        if actual.estado != EstadoAfiliado.SUSPENDIDO or hasta is None or hasta > timezone.now():
            return False
        reactivar_afiliado(
            afiliado=actual, actor=ACTOR, motivo=_("Se cumplió el plazo de su suspensión.")
        )
    return True


def bloquear_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Stop an affiliate's conversions and payments. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.BLOQUEADO,
        accion="bloquear",
        evento=eventos.AfiliadoBloqueado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def desbloquear_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Lift a block: a second person leaves the affiliate suspended.

    Raises :class:`CuatroOjos` for the person who blocked it.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        # Locked before its history is read: meanwhile it may be lifted, and blocked by another.
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        bloqueo = historial_de("afiliado", actual.id_publico).filter(accion="bloquear").last()
        if bloqueo is not None and son_las_mismas(bloqueo.actor, actor):
            raise CuatroOjos(
                _("Quien bloqueó al afiliado no puede desbloquearlo: pídeselo a otra persona.")
            )
        return _cambiar_estado(
            actual,
            EstadoAfiliado.SUSPENDIDO,
            accion="desbloquear",
            evento=eventos.AfiliadoDesbloqueado(afiliado_id=actual.id_publico, motivo=motivo),
            actor=actor,
            motivo=motivo,
            desde=EstadoAfiliado.BLOQUEADO,
        )


def cerrar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Close a suspended affiliate for good, with its keys and coupons. What it is owed is still
    paid. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.CERRADO,
        accion="cerrar",
        evento=eventos.AfiliadoCerrado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )
