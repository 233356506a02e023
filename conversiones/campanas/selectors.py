"""Reads of campaigns."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.textos import normalizar
from conversiones.campanas.errores import CampanaDesconocida, SinCampanaPredeterminada
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana

_PREDETERMINADA = ConsultaFija(Campana.objects.filter(predeterminada=True))
_POR_ID = ConsultaFija(Campana.objects.filter(id_publico=""))
_POR_REFERENCIA = ConsultaFija(Campana.objects.filter(referencia_externa=""))


def campanas_visibles(clave: Credencial) -> QuerySet[Campana]:
    """Campaigns that a key may see: an affiliate does not see drafts."""
    if clave.afiliado_id:
        publicas = [e for e in EstadoCampana.values if e != EstadoCampana.BORRADOR]
        return Campana.objects.filter(estado__in=publicas)
    return Campana.objects.all()


def exigir_campana(referencia: str | None, campo: str = "campana_id") -> Campana:
    """Campaign by public id or external reference; the default one for None.

    Raises :class:`CampanaDesconocida` or :class:`SinCampanaPredeterminada`.
    """
    if referencia is None:
        campana = _PREDETERMINADA.primera()
        if campana is None:
            raise SinCampanaPredeterminada(campo=campo)
        return campana
    referencia = normalizar(referencia)
    campana = _POR_ID.primera(referencia) or _POR_REFERENCIA.primera(referencia)
    if campana is None:
        raise CampanaDesconocida(
            _("No hay una campaña «%(referencia)s».") % {"referencia": referencia[:64]}, campo=campo
        )
    return campana
