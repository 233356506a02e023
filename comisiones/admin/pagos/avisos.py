"""Notices of gateways, and what each one did."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace, marca
from alpespartner.comun.vocabulario import Tono
from comisiones.pagos.models import AvisoPasarela, ResultadoAviso

_R = ResultadoAviso
_TONO: dict[str, Tono] = {
    _R.APLICADO: "bien", _R.YA_SABIDO: "info", _R.DESCONOCIDO: "aviso",
    _R.OTRA_COSA: "mal", _R.EN_PARTE: "mal", _R.CONTRADICE: "mal",
}  # fmt: skip


@admin.register(AvisoPasarela)
class AvisoPasarelaAdmin(AdminSoloLectura):
    """As they came; the reconciliation page leads to those that a person has to look at."""

    list_display = (
        "id_externo", "tipo", "col_resultado", "col_pago", "referencia", "detalle", "creado_en",
    )  # fmt: skip
    exporta = (
        "pasarela", "id_externo", "tipo", "referencia", "resultado", "pago", "detalle", "creado_en",
    )  # fmt: skip
    list_select_related = ("pago",)
    list_filter = (("resultado", ChoicesDropdownFilter),)
    ordering = ("-id",)
    fields = (
        "pasarela", "id_externo", "tipo", "referencia", "col_resultado", "col_pago", "detalle",
        "creado_en",
    )  # fmt: skip
    readonly_fields = ("col_resultado", "col_pago")

    @display(description=_("Resultado"))
    def col_resultado(self, aviso: AvisoPasarela) -> SafeString:
        """What it did, as a badge."""
        return marca(_TONO.get(aviso.resultado, "mal"), aviso.get_resultado_display())

    @display(description=_("Pago"))
    def col_pago(self, aviso: AvisoPasarela) -> SafeString | str:
        """Link to the payment that it is about."""
        return enlace(aviso.pago)
