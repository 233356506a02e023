"""Why a sale is whose it is, for people; and those that are nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.formato import enlace, marca
from alpespartner.comun.formato import VACIO
from conversiones.atribucion import Motivo, Razon
from conversiones.ventas.informe import atribucion_de
from conversiones.ventas.models import Conversion

MOTIVOS = {
    str(Motivo.EXPLICITO): _("Se dijo de quién es"),
    str(Motivo.VINCULO): _("El cliente ya era suyo"),
    str(Motivo.CUPON): _("Un cupón suyo"),
    str(Motivo.CLIC): _("Un clic en su enlace"),
    str(Motivo.NINGUNO): _("Nadie la trajo, que se sepa"),
    str(Motivo.REASIGNADA): _("Se reasignó entre dos personas"),
}
_POR = {
    str(Motivo.EXPLICITO): _("nombrado"),
    str(Motivo.VINCULO): _("vínculo del cliente"),
    str(Motivo.CUPON): _("cupón"),
    str(Motivo.CLIC): _("clic"),
    str(Motivo.REASIGNADA): _("reasignación"),
}
RAZONES = {
    str(Razon.ELEGIDO): _("Es suya"),
    str(Razon.REASIGNADA): _("Era suya y se reasignó"),
    str(Razon.VA_DESPUES): _("Otro va antes"),
    str(Razon.OTRO_CLIC): _("La campaña cuenta otro clic"),
    str(Razon.NO_ACTIVO): _("No estaba activo entonces"),
    str(Razon.NO_INSCRITO): _("No estaba inscrito en la campaña"),
    str(Razon.DESCONOCIDO): _("No existe"),
    str(Razon.OTRA_CAMPANA): _("Es de otra campaña"),
    str(Razon.CLIC_DESCARTADO): _("No fue una persona"),
    str(Razon.CLIC_POSTERIOR): _("Es posterior a la venta"),
    str(Razon.FUERA_DE_VENTANA): _("Fue demasiado antes"),
}


class FiltroSinAtribuir(admin.SimpleListFilter):
    """Sales that are nobody's, which wait for somebody to say whose they are."""

    title = _("de quién")
    parameter_name = "de"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("nadie", _("Sin atribuir"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(afiliado__isnull=True) if self.value() == "nadie" else queryset


def candidatos_visibles(conversion: Conversion) -> SafeString | str:
    """Every candidate, a line each: who, by what, and why it was or was not."""
    candidatos = atribucion_de(conversion)["candidatos"]
    ids = {c["afiliado_id"] for c in candidatos} - {None}
    quienes = {a.id_publico: a for a in Afiliado.objects.filter(id_publico__in=ids)}
    return format_html_join("", "{}", ((_linea(c, quienes),) for c in candidatos)) or VACIO


def _linea(candidato: dict[str, Any], quienes: dict[str, Afiliado]) -> SafeString:
    quien = quienes.get(candidato["afiliado_id"] or "")
    return format_html(
        '<span class="ap-celda">{} {} <span class="ap-tenue">{} {}</span></span>',
        marca(
            "bien" if candidato["resultado"] == "gana" else "neutro",
            RAZONES.get(candidato["razon"], candidato["razon"]),
        ),
        enlace(quien) if quien is not None else VACIO,
        _POR.get(candidato["por"], candidato["por"]),
        candidato["dato"],
    )
