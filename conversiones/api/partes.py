"""Whose something is and in which campaign, as a request names them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from conversiones.campanas.errores import CampanaDesconocida
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import campanas_visibles
from conversiones.ventas.selectors import exigir_partes


def partes_de(datos: dict[str, Any], clave: Credencial) -> tuple[Afiliado, Campana]:
    """Affiliate and campaign of what a request says, which is left without them; raises as
    :func:`exigir_partes`, also for a campaign that the key does not see."""
    nombre = datos.pop("campana_id", None)
    afiliado, campana = exigir_partes(
        afiliado=datos.pop("afiliado_id"), campana=nombre, clave=clave
    )
    if not campanas_visibles(clave).filter(pk=campana.pk).exists():
        raise CampanaDesconocida(
            _("No hay una campaña «%(referencia)s».") % {"referencia": nombre or campana.nombre},
            campo="campana_id",
        )
    return afiliado, campana
