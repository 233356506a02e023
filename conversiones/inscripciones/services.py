"""All writes of enrolments and terms."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import FUERA
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import exigir_largo, exigir_motivo
from conversiones import eventos
from conversiones.campanas.errores import CampanaTerminada
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.inscripciones.errores import (
    AfiliadoSinInscripcion,
    CampanaAbierta,
    TerminosSinAceptar,
)
from conversiones.inscripciones.estados import INSCRIPCION, EstadoInscripcion
from conversiones.inscripciones.models import MAX_TERMINOS, Inscripcion, TerminosCampana
from conversiones.inscripciones.selectors import terminos_vigentes
from outbox.publicacion import publicar

_I = EstadoInscripcion


def publicar_terminos(*, campana: Campana, texto: str, actor: Actor) -> TerminosCampana:
    """Publish a version of what affiliates accept from now on. Those who are in stay, with the
    version that they accepted. Raises :class:`DatoInvalido`."""
    texto = exigir_largo(texto.strip(), MAX_TERMINOS, "texto")
    if not texto:
        raise DatoInvalido(_("No puede estar vacío."), campo="texto")
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        antes = terminos_vigentes(actual)
        terminos = TerminosCampana(
            campana=actual, numero=antes.numero + 1 if antes else 1, texto=texto,
            publicado_por=str(actor),
        )  # fmt: skip
        terminos.save()
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(update_fields=["version", "actualizado_en"])
        paso(
            entidad="campana", entidad_id=actual.id_publico, accion="publicar_terminos",
            actor=actor, datos={"numero": terminos.numero},
        ).save()  # fmt: skip
        publicar(
            eventos.TerminosPublicados(campana_id=actual.id_publico, numero=terminos.numero),
            version=actual.version,
        )
    return terminos


def invitar(*, campana: Campana, afiliado: Afiliado, actor: Actor) -> Inscripcion:
    """Ask an affiliate into a campaign: it is in once it accepts, or somebody enrols it.

    Raises :class:`CampanaAbierta`, :class:`CampanaTerminada`, :class:`AfiliadoSinInscripcion` and
    :class:`TransicionInvalida` for one that is in, or has asked.
    """
    with transaction.atomic():
        suya = _bloquear(campana, afiliado)
        return _pasar(suya, _I.INVITADO, "invitar", actor, evento=eventos.AfiliadoInvitado)


def solicitar(*, campana: Campana, afiliado: Afiliado, terminos: int, actor: Actor) -> Inscripcion:
    """An affiliate asks to be in a campaign, or accepts its invitation, on the terms in force.
    Asked again it accepts the terms, if there are newer ones.

    ``terminos`` is their version, 0 when there are none. Raises :class:`TerminosSinAceptar` for
    another one, and what :func:`invitar` raises.
    """
    with transaction.atomic():
        suya = _bloquear(campana, afiliado)
        antes = suya.terminos
        _aceptar(suya, terminos)
        if suya.estado in (_I.SOLICITADO, _I.INSCRITO):
            return _aceptar_solo(suya, antes, actor)
        if suya.estado == _I.INVITADO:
            return _pasar(suya, _I.INSCRITO, "inscribir", actor, evento=eventos.AfiliadoInscrito)
        return _pasar(suya, _I.SOLICITADO, "solicitar", actor, evento=eventos.InscripcionSolicitada)


def aprobar_inscripcion(*, inscripcion: Inscripcion, actor: Actor, motivo: str = "") -> Inscripcion:
    """Enrol an affiliate that asked, or was invited: it earns from now on."""
    with transaction.atomic():
        suya = _releer(inscripcion)
        _exigir_que_pueda(suya.campana, suya.afiliado)
        return _pasar(
            suya, _I.INSCRITO, "inscribir", actor, motivo.strip(), evento=eventos.AfiliadoInscrito
        )


def rechazar_inscripcion(*, inscripcion: Inscripcion, actor: Actor, motivo: str) -> Inscripcion:
    """Turn down an affiliate that asked, or take an invitation back. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        return _pasar(
            _releer(inscripcion), _I.RECHAZADO, "rechazar", actor, motivo,
            evento=eventos.InscripcionRechazada,
        )  # fmt: skip


def retirar_inscripcion(*, inscripcion: Inscripcion, actor: Actor, motivo: str) -> Inscripcion:
    """Take an affiliate out of a campaign: what its links bring from now on is not its own. What it
    earned stays. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        return _pasar(
            _releer(inscripcion), _I.RETIRADO, "retirar", actor, motivo,
            evento=eventos.InscripcionRetirada,
        )  # fmt: skip


def _aceptar_solo(suya: Inscripcion, antes: int, actor: Actor) -> Inscripcion:
    """Of one that is in, or has asked: it may have accepted newer terms."""
    if suya.terminos == antes:
        return suya
    suya.version += 1
    suya.actualizado_en = timezone.now()
    suya.save(update_fields=["terminos", "aceptados_en", "version", "actualizado_en"])
    _anotar(suya, "aceptar_terminos", actor, suya.estado)
    publicar(eventos.TerminosAceptados(**_de(suya)), version=suya.version)
    return suya


def _bloquear(campana: Campana, afiliado: Afiliado) -> Inscripcion:
    """The enrolment of an affiliate, as it is or to be made. Its affiliate is locked, so that two
    that are to be made come one after another."""
    quien = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
    actual = Campana.objects.get(pk=campana.pk)
    _exigir_que_pueda(actual, quien)
    filas = Inscripcion.objects.select_for_update().filter(campana=actual, afiliado=quien)
    suya = filas.first()
    if suya is None:
        return Inscripcion(id_publico=nuevo_id("insc"), campana=actual, afiliado=quien)
    suya.campana, suya.afiliado = actual, quien
    return suya


def _releer(inscripcion: Inscripcion) -> Inscripcion:
    filas = Inscripcion.objects.select_related("campana", "afiliado")
    return filas.select_for_update(of=("self",)).get(pk=inscripcion.pk)


def _exigir_que_pueda(campana: Campana, afiliado: Afiliado) -> None:
    if campana.inscripcion_desde is None:
        raise CampanaAbierta()
    if campana.estado == EstadoCampana.FINALIZADA:
        raise CampanaTerminada(campo="campana_id")
    if afiliado.estado in FUERA:
        raise AfiliadoSinInscripcion(campo="afiliado_id")


def _aceptar(suya: Inscripcion, numero: int) -> None:
    vigentes = terminos_vigentes(suya.campana)
    if vigentes is None:
        return
    if numero != vigentes.numero:
        raise TerminosSinAceptar(terminos=vigentes.numero)
    if suya.terminos != numero:
        suya.terminos, suya.aceptados_en = numero, timezone.now()


def _pasar(
    suya: Inscripcion, destino: str, accion: str, actor: Actor, motivo: str = "", *, evento: Any
) -> Inscripcion:
    """Move an enrolment, or make it, with its history and its event."""
    if suya.pk is None:
        suya = Inscripcion(
            id_publico=suya.id_publico, campana=suya.campana, afiliado=suya.afiliado,
            terminos=suya.terminos, aceptados_en=suya.aceptados_en, estado=destino,
        )  # fmt: skip
        suya.save(force_insert=True)
        _anotar(suya, accion, actor, destino)
    else:
        INSCRIPCION.transitar(
            suya, destino, accion=accion, actor=actor, motivo=motivo, datos=_terminos(suya),
            campos=("terminos", "aceptados_en"),
        )  # fmt: skip
    con_motivo = {"motivo": motivo} if destino in (_I.RECHAZADO, _I.RETIRADO) else {}
    publicar(evento(**_de(suya), **con_motivo), version=suya.version)
    return suya


def _anotar(suya: Inscripcion, accion: str, actor: Actor, estado: str) -> None:
    paso(
        entidad="inscripcion", entidad_id=suya.id_publico, accion=accion, actor=actor,
        estado_nuevo=estado, datos=_terminos(suya),
    ).save()  # fmt: skip


def _terminos(suya: Inscripcion) -> dict[str, Any]:
    return {"terminos": suya.terminos} if suya.terminos else {}


def _de(suya: Inscripcion) -> dict[str, Any]:
    return {
        "inscripcion_id": suya.id_publico,
        "campana_id": suya.campana.id_publico,
        "afiliado_id": suya.afiliado.id_publico,
        "terminos": suya.terminos,
    }
