"""All writes of proposals: one person proposes, another confirms, and only then it is done."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor, de_texto, sistema
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import EstadoPropuesta, Propuesta
from alpespartner.comun.propuestas import correos
from alpespartner.comun.propuestas.errores import ObjetoCambiado, PropuestaCaducada, YaPropuesto
from alpespartner.comun.propuestas.estados import PROPUESTA
from alpespartner.comun.propuestas.tipos import Tipo, tipo_de
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.separacion import son_las_mismas
from alpespartner.comun.textos import exigir_motivo

log = logging.getLogger(__name__)
ACTOR = sistema("propuestas")
_POR_VUELTA = 500
_VENCIDAS = Ronda()


def proponer(
    *,
    tipo: Tipo,
    entidad_id: str,
    actor: Actor,
    motivo: str,
    datos: Mapping[str, Any] | None = None,
) -> Propuesta:
    """Ask for something that another person has to confirm. A reason is required.

    Raises :class:`YaPropuesto` when the same waits already of the same object.
    """
    motivo = exigir_motivo(motivo)
    ahora = timezone.now()
    propuesta = Propuesta(
        id_publico=nuevo_id("prop"),
        tipo=tipo.nombre,
        entidad=tipo.entidad,
        entidad_id=entidad_id,
        datos=_plano(datos or {}),
        motivo=motivo,
        propuesta_por=str(actor),
        viva=True,
        creada_en=ahora,
        caduca_en=None if tipo.dura is None else ahora + tipo.dura,
    )
    with transaction.atomic():
        # Locks the object before any proposal of it, here and wherever one is decided.
        propuesta.visto = _plano(tipo.foto(propuesta))
        _caducar_la_anterior(propuesta)
        try:
            with transaction.atomic():
                propuesta.save(force_insert=True)
        except IntegrityError:
            raise YaPropuesto() from None
        paso(
            entidad="propuesta", entidad_id=propuesta.id_publico, accion="proponer", actor=actor,
            estado_nuevo=propuesta.estado, motivo=motivo,
        ).save()  # fmt: skip
        _anotar_en_el_objeto(propuesta, "proponer", actor, motivo)
        correos.dejar(propuesta)
    return propuesta


def confirmar_propuesta(*, propuesta: Propuesta, actor: Actor) -> Propuesta:
    """Do what somebody else proposed, in their name, if its object is still as they saw it.

    Raises TransicionInvalida for one that was decided, :class:`CuatroOjos` for whoever proposed it
    or the same hands, :class:`PropuestaCaducada`, :class:`ObjetoCambiado`, and whatever what it
    does refuses: then nothing is done and it goes on waiting. Asks for presence.
    """
    presencia.exigir(actor)
    tipo = tipo_de(propuesta.tipo)
    if impedimento := por_que_no_confirma(propuesta, actor):
        raise CuatroOjos(impedimento)
    sabido = tipo.antes(propuesta)
    with transaction.atomic():
        como_esta = _plano(tipo.foto(propuesta))
        actual = _bloquear(propuesta)
        PROPUESTA.exigir(actual, EstadoPropuesta.CONFIRMADA)
        if actual.caduca_en is not None and actual.caduca_en <= timezone.now():
            raise PropuestaCaducada()
        if como_esta != actual.visto:
            raise ObjetoCambiado()
        _cerrar(actual, EstadoPropuesta.CONFIRMADA, "confirmar", actor)
        _anotar_en_el_objeto(actual, "confirmar_propuesta", actor)
        tipo.aplicar(actual, sabido)
    return actual


def por_que_no_confirma(propuesta: Propuesta, actor: Actor) -> str:
    """Why somebody may not confirm a proposal that others may; "" when they may."""
    if son_las_mismas(propuesta.propuesta_por, actor):
        return _("Lo propusiste tú, o las mismas manos: lo confirma otra persona.")
    return ""


def descartar_propuesta(*, propuesta: Propuesta, actor: Actor, motivo: str) -> Propuesta:
    """Drop a proposal, one's own too. A reason is required. Raises TransicionInvalida."""
    motivo = exigir_motivo(motivo)
    tipo = tipo_de(propuesta.tipo)
    with transaction.atomic():
        tipo.foto(propuesta)
        actual = _bloquear(propuesta)
        _cerrar(actual, EstadoPropuesta.DESCARTADA, "descartar", actor, motivo)
        _anotar_en_el_objeto(actual, "descartar_propuesta", actor, motivo)
        tipo.deshacer(actual)
    return actual


def caducar_propuestas() -> int:
    """Close those that nobody confirmed in time; returns how many."""
    vencidas = Propuesta.objects.filter(
        estado=EstadoPropuesta.POR_CONFIRMAR, caduca_en__lte=timezone.now()
    )
    claves = list(_VENCIDAS.siguientes(vencidas, _POR_VUELTA))
    return sum(_intentar(propuesta) for propuesta in vencidas.filter(pk__in=claves).order_by("pk"))


def _intentar(propuesta: Propuesta) -> bool:
    """One that cannot be closed does not keep the others; ``verificar`` names it in a day."""
    try:
        return _caducar(propuesta)
    except DatabaseError:
        raise
    except Exception:
        log.exception("propuesta %s: no caduca", propuesta.pk)
        return False


def _caducar(propuesta: Propuesta) -> bool:
    with transaction.atomic():
        tipo_de(propuesta.tipo).foto(propuesta)
        actual = _bloquear(propuesta)
        if actual.estado != EstadoPropuesta.POR_CONFIRMAR:
            return False
        _cerrar(actual, EstadoPropuesta.CADUCADA, "caducar", ACTOR)
    return True


def _caducar_la_anterior(nueva: Propuesta) -> None:
    """One that lapsed does not keep anybody from proposing again until the sweep comes."""
    anterior = Propuesta.objects.filter(
        tipo=nueva.tipo, entidad_id=nueva.entidad_id, viva=True, caduca_en__lte=nueva.creada_en
    ).first()
    if anterior is not None:
        _caducar(anterior)


def _bloquear(propuesta: Propuesta) -> Propuesta:
    return Propuesta.objects.select_for_update().get(pk=propuesta.pk)


def _cerrar(
    propuesta: Propuesta, destino: str, accion: str, actor: Actor, motivo: str = ""
) -> None:
    propuesta.viva = None
    propuesta.decidida_por, propuesta.decidida_en = str(actor), timezone.now()
    PROPUESTA.transitar(
        propuesta,
        destino,
        accion=accion,
        actor=actor,
        motivo=motivo,
        campos=("viva", "decidida_por", "decidida_en"),
    )


def _anotar_en_el_objeto(propuesta: Propuesta, accion: str, actor: Actor, motivo: str = "") -> None:
    paso(
        entidad=propuesta.entidad,
        entidad_id=propuesta.entidad_id,
        accion=accion,
        actor=actor,
        motivo=motivo,
        datos={"propuesta": propuesta.id_publico, "que": propuesta.tipo},
    ).save()


def quien_la_hizo(propuesta: Propuesta) -> Actor:
    """Whoever proposed it: what is confirmed is done in that name."""
    return de_texto(propuesta.propuesta_por)


def _plano(valor: Any) -> Any:
    """A value as the database gives it back."""
    return json.loads(json.dumps(valor, cls=DjangoJSONEncoder))
