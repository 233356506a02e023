"""Reads of campaigns and conversions."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from afiliados.models import Afiliado
from afiliados.selectors import buscar_afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.errores import ReferenciaDesconocida
from conversiones.estados import EstadoCampana
from conversiones.models import Campana, Conversion


def conversiones_visibles(clave: Credencial) -> QuerySet[Conversion]:
    """Conversions that a key may see, with what their representation needs."""
    conversiones = Conversion.objects.select_related("afiliado", "campana")
    return conversiones.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else conversiones


def campanas_visibles(clave: Credencial) -> QuerySet[Campana]:
    """Campaigns that a key may see: an affiliate does not see drafts."""
    if clave.afiliado_id:
        return Campana.objects.exclude(estado=EstadoCampana.BORRADOR)
    return Campana.objects.all()


def exigir_afiliado(referencia: str, clave: Credencial, campo: str = "afiliado_id") -> Afiliado:
    """Affiliate named by a request, as far as the key sees it.

    Raises :class:`ReferenciaDesconocida` (``afiliado_desconocido``).
    """
    afiliado = buscar_afiliado(referencia)
    if afiliado is None or clave.afiliado_id not in (None, afiliado.pk):
        raise ReferenciaDesconocida(
            _("No hay un afiliado «%(referencia)s»: regístralo primero.")
            % {"referencia": referencia[:64]},
            campo=campo,
            codigo="afiliado_desconocido",
        )
    return afiliado


def exigir_campana(referencia: str | None, campo: str = "campana_id") -> Campana:
    """Campaign by public id or external reference; the default one for None.

    Raises :class:`ReferenciaDesconocida` (``campana_desconocida``, ``sin_campana_predeterminada``).
    """
    if referencia is None:
        campana = Campana.objects.filter(predeterminada=True).first()
        if campana is None:
            raise ReferenciaDesconocida(
                _("El programa no tiene campaña predeterminada: indica una."),
                campo=campo,
                codigo="sin_campana_predeterminada",
            )
        return campana
    campana = (
        Campana.objects.filter(id_publico=referencia).first()
        or Campana.objects.filter(referencia_externa=referencia).first()
    )
    if campana is None:
        raise ReferenciaDesconocida(
            _("No hay una campaña «%(referencia)s».") % {"referencia": referencia[:64]},
            campo=campo,
            codigo="campana_desconocida",
        )
    return campana
