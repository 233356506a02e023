"""Reads of enrolments."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.historial import estado_entonces
from conversiones.campanas.models import Campana
from conversiones.inscripciones.estados import EstadoInscripcion
from conversiones.inscripciones.models import Inscripcion, TerminosCampana


def esta_inscrito(campana: Campana, afiliado: Afiliado, en: datetime) -> bool:
    """Whether an affiliate could earn in a campaign at an instant: anybody, while it was open."""
    desde = campana.inscripcion_desde
    if desde is None or en < desde:
        return True
    suya = Inscripcion.objects.filter(campana=campana, afiliado=afiliado).first()
    if suya is None:
        return False
    if suya.actualizado_en <= en:
        return suya.estado == EstadoInscripcion.INSCRITO
    entonces = estado_entonces("inscripcion", suya.id_publico, en)
    return entonces == EstadoInscripcion.INSCRITO


def terminos_vigentes(campana: Campana) -> TerminosCampana | None:
    """The last version of the terms of a campaign; None when it has none."""
    return TerminosCampana.objects.filter(campana=campana).order_by("-numero").first()


def inscripciones_visibles(clave: Credencial) -> QuerySet[Inscripcion]:
    """Enrolments that a key may see, with what their representation needs."""
    todas = Inscripcion.objects.select_related("afiliado", "campana")
    return todas.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todas
