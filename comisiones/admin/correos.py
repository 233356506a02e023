"""Mail to the affiliates: what waits, what was sent and what could not be."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from afiliados.afiliado.selectors import ids_de_afiliados
from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace, insignia
from alpespartner.comun.formato import VACIO, fecha_y_hora
from comisiones.notificaciones import services
from comisiones.notificaciones.errores import ResumenNoQuerido
from comisiones.notificaciones.estados import ACABADAS, EN_ESPERA, EstadoNotificacion
from comisiones.notificaciones.models import Notificacion
from comisiones.notificaciones.resumen import no_lo_quiere


def _no_quiere(notificacion: Notificacion, actor: Actor) -> str:
    return str(ResumenNoQuerido.texto) if no_lo_quiere(notificacion) else ""


@admin.register(Notificacion)
class NotificacionAdmin(AdminSoloLectura, ConAcciones):
    """Written by events and by the clock; a person only has one sent again."""

    si_vacia = _("Lo que se escribió a los afiliados. Salen solos cuando pasa algo que les toca.")

    entidad = "correo"
    estados = dict(EstadoNotificacion.choices)
    acciones = (
        Accion(
            nombre="reenviar",
            titulo=_("Enviar otra vez"),
            permiso="comisiones.reenviar_notificacion",
            visible=lambda n: n.estado in ACABADAS,
            impedimento=_no_quiere,
            aplicar=lambda n, actor, motivo: services.reenviar(
                notificacion=n, actor=actor, motivo=motivo
            ),
            exito=_("«%(objeto)s» sale otra vez."),
            motivo="opcional",
            ayuda=_("Tal como se escribió, al correo que tiene ahora el afiliado."),
            icono="schedule_send",
        ),
    )
    list_display = ("asunto", "col_afiliado", "clase", "col_estado", "col_cuando")
    list_select_related = ("afiliado",)
    list_filter = (
        ("estado", ChoicesDropdownFilter),
        ("clase", ChoicesDropdownFilter),
        ("afiliado", AutocompleteSelectFilter),
    )
    search_fields = ("afiliado",)
    search_help_text = _("Identificador, referencia, correo o comienzo del nombre del afiliado")
    ordering = ("-id",)
    fields = (
        ("col_afiliado", "clase"), ("col_estado", "col_cuando"), ("intentos", "vez"), "dia",
        "liquidacion", "asunto", "col_texto",
    )  # fmt: skip
    readonly_fields = ("col_afiliado", "col_estado", "col_cuando", "col_texto")

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        """Only what a mail of its kind has."""
        sin = {campo for campo in ("dia", "liquidacion") if not getattr(obj, campo, None)}
        return [campo for campo in self.fields if campo not in sin]

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        """Without the HTML, which no page shows; the list does without the texts, too."""
        return super().get_queryset(request).defer("html")

    def id_historial(self, objeto: Any) -> str:
        return str(objeto.pk)

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Of the affiliates that the term names."""
        return consulta.filter(afiliado__in=ids_de_afiliados(termino))

    @display(description=_("Afiliado"))
    def col_afiliado(self, notificacion: Notificacion) -> SafeString | str:
        """Link to the affiliate."""
        return enlace(notificacion.afiliado)

    @display(description=_("Estado"))
    def col_estado(self, notificacion: Notificacion) -> SafeString:
        """State as a badge, and why it did not go out."""
        marca = insignia(notificacion.estado, notificacion.get_estado_display())
        if not notificacion.detalle:
            return marca
        return format_html('{} <span class="ap-tenue">{}</span>', marca, _now(notificacion.detalle))

    @display(description=_("Cuándo"))
    def col_cuando(self, notificacion: Notificacion) -> str:
        """When it went out, or when it is tried; of one set aside, when it was written."""
        if notificacion.enviada_en is not None:
            return fecha_y_hora(notificacion.enviada_en)
        if notificacion.estado in EN_ESPERA:
            return _now("Próximo intento: %(cuando)s") % {
                "cuando": fecha_y_hora(notificacion.toca_en)
            }
        return fecha_y_hora(notificacion.creada_en)

    @display(description=_("Texto"))
    def col_texto(self, notificacion: Notificacion) -> SafeString | str:
        """As it was sent."""
        if not notificacion.cuerpo:
            return VACIO
        return format_html('<pre class="ap-json">{}</pre>', notificacion.cuerpo)
