"""Notices of gateways, and what each one did."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.bandejas import TOPE, Bandeja, Filas, filtro_de, que_esperan
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace, marca
from alpespartner.comun.vocabulario import Tono
from comisiones.admin.pagos.palabras import nombre_de_pasarela
from comisiones.pagos.conciliacion.avisos import PARA_UNA_PERSONA
from comisiones.pagos.models import AvisoPasarela, ResultadoAviso

_R = ResultadoAviso
# The days for which what a gateway said is still news.
DIAS_DE_NOTICIA = 7
_TONO: dict[str, Tono] = {
    _R.APLICADO: "bien", _R.YA_SABIDO: "info", _R.DESCONOCIDO: "aviso",
    _R.OTRA_COSA: "mal", _R.EN_PARTE: "mal", _R.CONTRADICE: "mal",
}  # fmt: skip


def _por_mirar(_request: HttpRequest) -> Filas:
    """Notices of these days that nothing else will settle."""
    desde = timezone.now() - timedelta(days=DIAS_DE_NOTICIA)
    avisos = AvisoPasarela.objects.filter(resultado__in=PARA_UNA_PERSONA).order_by("-id")
    filas, hay_mas = que_esperan(avisos, lambda aviso: (aviso.creado_en or desde) >= desde)
    return filas[::-1], hay_mas and len(filas) == TOPE


AVISOS_POR_MIRAR = Bandeja(
    "por_mirar", _("Por mirar, de los últimos 7 días"), AvisoPasarela, _por_mirar
)


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
    list_filter = (filtro_de(AVISOS_POR_MIRAR), ("resultado", ChoicesDropdownFilter))
    ordering = ("-id",)
    fields = (
        "col_pasarela", "id_externo", "tipo", "referencia", "col_resultado", "col_pago", "detalle",
        "creado_en",
    )  # fmt: skip
    readonly_fields = ("col_pasarela", "col_resultado", "col_pago")

    @display(description=_("Pasarela"))
    def col_pasarela(self, aviso: AvisoPasarela) -> str:
        """Who said it, in words."""
        return nombre_de_pasarela(aviso.pasarela)

    @display(description=_("Resultado"))
    def col_resultado(self, aviso: AvisoPasarela) -> SafeString:
        """What it did, as a badge."""
        return marca(_TONO.get(aviso.resultado, "mal"), aviso.get_resultado_display())

    @display(description=_("Pago"))
    def col_pago(self, aviso: AvisoPasarela) -> SafeString | str:
        """Link to the payment that it is about."""
        return enlace(aviso.pago)
