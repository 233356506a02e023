"""Admin pages of campaigns and conversions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from afiliados.selectors import ids_de_afiliados
from alpespartner.comun.admin_acciones import Accion, ConAcciones
from alpespartner.comun.admin_base import AdminPorServicio, AdminSoloLectura, actor_de
from alpespartner.comun.admin_formato import (
    VACIO,
    dos_lineas,
    enlace,
    id_corto,
    importe,
    insignia,
    nombres_de_actores,
)
from conversiones import campanas, services
from conversiones.admin_forms import CampanaForm
from conversiones.estados import CAMPANA, CONVERSION, EstadoCampana, EstadoConversion
from conversiones.models import Campana, Conversion, DevolucionPendiente, TipoMovimiento
from conversiones.selectors import esperan_venta, no_cupieron

_C = EstadoCampana
_V = EstadoConversion
_PERMISO_CAMPANA = "conversiones.cambiar_estado_campana"
_PERMISO_CONVERSION = "conversiones.validar_conversion"


@admin.register(Campana)
class CampanaAdmin(AdminPorServicio, ConAcciones):
    """Campaigns: data through services, states by buttons."""

    form = CampanaForm
    entidad = "campana"
    estados = dict(_C.choices)
    acciones = (
        Accion(
            nombre="activar",
            titulo=_("Activar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.ACTIVA),
            aplicar=lambda c, actor, _m: campanas.activar_campana(campana=c, actor=actor),
            hecho=_("%(objeto)s está activa."),
            ayuda=_("Empieza a admitir conversiones."),
            icono="play_circle",
            tono="principal",
        ),
        Accion(
            nombre="pausar",
            titulo=_("Pausar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.PAUSADA),
            aplicar=lambda c, actor, motivo: campanas.pausar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            hecho=_("%(objeto)s está en pausa."),
            motivo="obligatorio",
            ayuda=_("No admite conversiones hasta que se active de nuevo."),
            icono="pause_circle",
        ),
        Accion(
            nombre="finalizar",
            titulo=_("Finalizar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.FINALIZADA),
            aplicar=lambda c, actor, motivo: campanas.finalizar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            hecho=_("%(objeto)s terminó."),
            motivo="obligatorio",
            ayuda=_("Es definitivo."),
            icono="stop_circle",
            tono="peligro",
        ),
        Accion(
            nombre="predeterminar",
            titulo=_("Hacer predeterminada"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: not c.predeterminada,
            aplicar=lambda c, actor, _m: campanas.predeterminar_campana(campana=c, actor=actor),
            hecho=_("%(objeto)s es ahora la campaña predeterminada."),
            ayuda=_("Recibe las conversiones que no indican campaña; sustituye a la actual."),
            icono="star",
        ),
    )
    list_display = ("nombre", "col_id", "moneda", "col_estado", "col_predeterminada", "inicia_en",
                    "termina_en")  # fmt: skip
    list_filter = (("estado", ChoicesDropdownFilter),)
    search_fields = ("nombre__istartswith", "=id_publico", "=referencia_externa")
    search_help_text = _("Identificador, referencia o comienzo del nombre")
    ordering = ("-id",)
    readonly_fields = ("id_publico", "col_estado", "creada_en", "actualizado_en")
    fieldsets = (
        (_("Qué es"), {"fields": (("nombre", "referencia_externa"), "descripcion", "canales")}),
        (_("Dinero y fechas"), {"fields": (
            ("moneda", "presupuesto"), "inicia_en", "termina_en", "dias_retencion",
        )}),
        (_("Atribución"), {"fields": (("modelo_atribucion", "ventana_atribucion_dias"),)}),
    )  # fmt: skip
    _ficha = (
        _("Registro"),
        {"fields": (("id_publico", "col_estado"), ("creada_en", "actualizado_en"))},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved campaign also shows its id and dates."""
        return self.fieldsets if obj is None else (*self.fieldsets, self._ficha)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Campana:
        return campanas.crear_campana(datos=datos, actor=actor_de(request))

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Campana:
        return campanas.actualizar_campana(campana=objeto, cambios=cambios, actor=actor_de(request))

    @display(description=_("Identificador"))
    def col_id(self, campana: Campana) -> SafeString:
        """Short public id."""
        return id_corto(campana.id_publico)

    @display(description=_("Estado"))
    def col_estado(self, campana: Campana) -> SafeString:
        """State as a badge."""
        return insignia(campana.estado, campana.get_estado_display())

    @display(description=_("Predeterminada"), boolean=True)
    def col_predeterminada(self, campana: Campana) -> bool:
        """Whether it takes the conversions that name none."""
        return bool(campana.predeterminada)


@admin.register(Conversion)
class ConversionAdmin(AdminSoloLectura, ConAcciones):
    """Conversions arrive by the API; here they are looked at, validated and refused."""

    entidad = "conversion"
    estados = dict(_V.choices)
    acciones = (
        Accion(
            nombre="validar",
            titulo=_("Validar"),
            permiso=_PERMISO_CONVERSION,
            visible=lambda c: CONVERSION.permite(c.estado, _V.VALIDADA),
            aplicar=lambda c, actor, _m: services.validar_conversion(conversion=c, actor=actor),
            hecho=_("%(objeto)s quedó validada."),
            ayuda=_("La venta es buena."),
            icono="check_circle",
            tono="principal",
        ),
        Accion(
            nombre="rechazar",
            titulo=_("Rechazar"),
            permiso=_PERMISO_CONVERSION,
            visible=lambda c: CONVERSION.permite(c.estado, _V.RECHAZADA),
            aplicar=lambda c, actor, motivo: services.rechazar_conversion(
                conversion=c, actor=actor, motivo=motivo
            ),
            hecho=_("%(objeto)s quedó rechazada: su comisión se anula."),
            motivo="obligatorio",
            ayuda=_("Su comisión se anula. Es definitivo."),
            icono="cancel",
            tono="peligro",
        ),
    )
    list_display = ("col_id", "afiliado", "campana", "tipo_conversion", "col_valor",
                    "referencia_externa", "col_ocurrida", "col_estado")  # fmt: skip
    list_select_related = ("afiliado", "campana")
    list_filter = (
        ("estado", ChoicesDropdownFilter),
        ("afiliado", AutocompleteSelectFilter),
        ("campana", AutocompleteSelectFilter),
    )
    search_fields = ("id_publico",)
    search_help_text = _("Identificador, referencia o afiliado")
    ordering = ("-id",)
    readonly_fields = ("col_afiliado", "col_campana", "col_valor", "col_estado", "col_productos",
                       "col_metadatos", "col_comisiones", "col_devoluciones")  # fmt: skip
    fieldsets = (
        (_("Venta"), {"fields": (
            ("id_publico", "col_estado"), ("col_afiliado", "col_campana"),
            ("col_valor", "tipo_conversion"), ("ocurrida_en", "creada_en"),
            ("referencia_externa", "canal_origen"), ("cupon", "enlace"),
            "col_comisiones", "col_devoluciones",
        )}),
        (_("Detalle"), {"fields": ("cliente_huella", "col_productos", "col_metadatos")}),
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversion], search_term: str
    ) -> tuple[QuerySet[Conversion], bool]:
        """Exact id or reference, or those of an affiliate: all served by indexes."""
        termino = search_term.strip()
        if not termino:
            return queryset, False
        return queryset.filter(
            Q(id_publico=termino)
            | Q(referencia_externa=termino)
            | Q(afiliado_id__in=ids_de_afiliados(termino))
        ), False

    @display(description=_("Conversión"))
    def col_id(self, conversion: Conversion) -> SafeString:
        """Short public id."""
        return id_corto(conversion.id_publico)

    @display(description=_("Ocurrida"))
    def col_ocurrida(self, conversion: Conversion) -> str:
        """When, in short."""
        return date_format(localtime(conversion.ocurrida_en), "SHORT_DATETIME_FORMAT")

    @display(description=_("Valor"))
    def col_valor(self, conversion: Conversion) -> SafeString | str:
        """Amount of the sale."""
        return importe(conversion.valor, conversion.moneda)

    @display(description=_("Estado"))
    def col_estado(self, conversion: Conversion) -> SafeString:
        """State as a badge."""
        return insignia(conversion.estado, conversion.get_estado_display())

    @display(description=_("Afiliado"))
    def col_afiliado(self, conversion: Conversion) -> SafeString | str:
        """Link to the affiliate."""
        return enlace(conversion.afiliado)

    @display(description=_("Campaña"))
    def col_campana(self, conversion: Conversion) -> SafeString | str:
        """Link to the campaign."""
        return enlace(conversion.campana)

    @display(description=_("Comisiones"))
    def col_comisiones(self, conversion: Conversion) -> SafeString | str:
        """Links to what it earned."""
        comisiones = conversion.comisiones.all()
        return format_html_join(" · ", "{}", ((enlace(c),) for c in comisiones)) or VACIO

    @display(description=_("Devoluciones"))
    def col_devoluciones(self, conversion: Conversion) -> SafeString | str:
        """What was taken back, a line each."""
        movimientos = conversion.movimientos.exclude(tipo=TipoMovimiento.VENTA).order_by("id")
        return format_html_join(
            "",
            '<span class="ap-celda">{} {}, {} <span class="ap-tenue">{} {}</span></span>',
            (
                (
                    importe(m.monto, m.moneda), m.get_tipo_display(),
                    date_format(localtime(m.ocurrido_en), "SHORT_DATETIME_FORMAT"), m.id_externo,
                    m.motivo,
                )
                for m in movimientos[:200]
            ),
        ) or VACIO  # fmt: skip

    @display(description=_("Productos"))
    def col_productos(self, conversion: Conversion) -> SafeString:
        """Products as sent."""
        return _json(conversion.productos)

    @display(description=_("Metadatos"))
    def col_metadatos(self, conversion: Conversion) -> SafeString:
        """Metadata as sent."""
        return _json(conversion.metadatos)


class FiltroSituacion(admin.SimpleListFilter):
    """Waiting, applied, or left because it did not fit its sale."""

    title = _("situación")
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("espera", _("Esperan su venta")),
            ("aplicada", _("Aplicadas")),
            ("problema", _("No cupieron")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "espera":
                return queryset.filter(pk__in=esperan_venta())
            case "problema":
                return queryset.filter(pk__in=no_cupieron())
            case "aplicada":
                return queryset.filter(resuelta_en__isnull=False, problema="")
        return queryset


@admin.register(DevolucionPendiente)
class DevolucionPendienteAdmin(AdminSoloLectura):
    """Refunds that came before their sale, and what became of each."""

    list_display = ("id_externo", "referencia_externa", "campana", "col_monto", "col_situacion",
                    "creado_en")  # fmt: skip
    list_select_related = ("campana",)
    list_filter = (FiltroSituacion, ("campana", AutocompleteSelectFilter))
    search_fields = ("=id_externo", "=referencia_externa")
    search_help_text = _("Identificador externo o referencia de la venta")
    ordering = ("-id",)
    fields = (
        ("id_externo", "tipo"), ("referencia_externa", "campana"), ("col_monto", "col_situacion"),
        ("ocurrido_en", "creado_en"), ("resuelta_en", "col_venta"), "motivo", "problema",
        "col_autor",
    )  # fmt: skip
    readonly_fields = ("col_monto", "col_situacion", "col_venta", "col_autor")

    @display(description=_("Monto"))
    def col_monto(self, devolucion: DevolucionPendiente) -> SafeString | str:
        """Amount in the campaign's currency, or that it is all of the sale."""
        if devolucion.monto is None:
            return gettext("Toda la venta")
        return importe(devolucion.monto, devolucion.campana.moneda)

    @display(description=_("Situación"))
    def col_situacion(self, devolucion: DevolucionPendiente) -> SafeString:
        """What became of it."""
        if devolucion.resuelta_en is None:
            return insignia("pendiente", _("Espera su venta"))
        if devolucion.problema:
            return dos_lineas(insignia("fallida", _("No cupo")), devolucion.problema[:60])
        return insignia("terminada", _("Aplicada"))

    @display(description=_("Venta"))
    def col_venta(self, devolucion: DevolucionPendiente) -> SafeString | str:
        """Link to the sale that came."""
        return enlace(
            Conversion.objects.filter(
                campana_id=devolucion.campana_id, referencia_externa=devolucion.referencia_externa
            ).first()
        )

    @display(description=_("Autor"))
    def col_autor(self, devolucion: DevolucionPendiente) -> str:
        """Who reported it."""
        return nombres_de_actores([devolucion.actor])[devolucion.actor]


def _json(valor: Any) -> SafeString:
    return format_html(
        '<pre class="ap-json">{}</pre>', json.dumps(valor, ensure_ascii=False, indent=2)
    )
