"""Pages of conversions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from afiliados.afiliado.selectors import ids_de_afiliados
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    enlace,
    id_corto,
    importe,
    insignia,
    marca,
)
from alpespartner.comun.formato import VACIO, con_moneda, cuantas_y_cuanto, fecha_y_hora
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.propuestas.tipos import Linea
from conversiones.admin.a_mano import (
    ASIGNAR,
    DEVOLVER,
    VentasAMano,
    puede_asignarse,
    puede_devolverse,
    queda_visible,
)
from conversiones.admin.atribucion import (
    MOTIVOS,
    FiltroSinAtribuir,
    candidatos_visibles,
)
from conversiones.admin.reasignar import REASIGNAR_VENTA, ReasignarVenta, puede_reasignarse
from conversiones.campanas.selectors import ids_de_campanas
from conversiones.clientes.selectors import ids_de_clientes
from conversiones.ventas import services
from conversiones.ventas.a_mano import rechazar_validada
from conversiones.ventas.estados import CONVERSION, EstadoConversion
from conversiones.ventas.explicadas import por_su_cliente
from conversiones.ventas.informe import atribucion_de
from conversiones.ventas.models import Conversion, TipoMovimiento
from conversiones.ventas.motivos import MotivoDecision, motivo_de
from conversiones.ventas.propuestas import REASIGNAR
from conversiones.ventas.selectors import ids_de_ventas, venta_parecida

_V = EstadoConversion
_PERMISO_CONVERSION = "conversiones.validar_conversion"


@admin.register(Conversion)
class ConversionAdmin(ReasignarVenta, VentasAMano, ConAcciones):
    """Conversions arrive by the API; here they are looked at, validated and refused, and what no
    shop sent is registered and taken back by hand."""

    si_vacia = _(
        "Las ventas. Llegan por la API o en un fichero importado; «Añadir» registra una a mano."
    )

    entidad = "conversion"
    estados = dict(_V.choices)
    acciones = (
        Accion(
            nombre="validar",
            titulo=_("Validar"),
            permiso=_PERMISO_CONVERSION,
            visible=lambda c: CONVERSION.permite(c.estado, _V.VALIDADA),
            aplicar=lambda c, actor, _m: services.validar_conversion(conversion=c, actor=actor),
            exito=_("%(objeto)s quedó validada."),
            previa=lambda c: _previa(c),
            ayuda=_(
                "La venta es buena. Sus comisiones no cambian; desde entonces solo se rechaza "
                "devolviéndola entera."
            ),
            icono="check_circle",
            tono="principal",
        ),
        Accion(
            nombre="rechazar",
            titulo=_("Rechazar"),
            permiso=_PERMISO_CONVERSION,
            visible=lambda c: CONVERSION.permite(c.estado, _V.RECHAZADA),
            aplicar=lambda c, actor, nota, motivo_codigo: services.rechazar_conversion(
                conversion=c,
                actor=actor,
                motivo=motivo_de(motivo_codigo, nota),
                motivo_codigo=motivo_codigo,
            ),
            exito=_("%(objeto)s quedó rechazada: su comisión se anula."),
            previa=lambda c: _previa(c),
            codigos=MotivoDecision.choices,
            campos=("motivo_codigo",),
            motivo="opcional",
            ayuda=_("Su comisión se anula. Solo cuenta otra vez si su tienda la reenvía."),
            icono="cancel",
            tono="peligro",
        ),
        Accion(
            nombre="rechazar_validada",
            titulo=_("Rechazar"),
            permiso=_PERMISO_CONVERSION,
            visible=lambda c: c.estado == _V.VALIDADA,
            aplicar=lambda c, actor, nota, motivo_codigo: rechazar_validada(
                conversion=c,
                actor=actor,
                motivo=motivo_de(motivo_codigo, nota),
                motivo_codigo=motivo_codigo,
            ),
            exito=_("%(objeto)s quedó rechazada: se devuelve entera."),
            previa=lambda c: _previa(c),
            codigos=MotivoDecision.choices,
            campos=("motivo_codigo",),
            motivo="opcional",
            ayuda=_(
                "Está validada: se devuelve entera. Lo que se debía por ella deja de deberse y lo "
                "que se pagó se descuenta de los pagos siguientes. No se deshace."
            ),
            icono="cancel",
            tono="peligro",
        ),
    )
    list_display = ("col_id", "col_afiliado", "campana", "tipo_conversion", "col_valor",
                    "referencia_externa", "col_ocurrida", "col_estado")  # fmt: skip
    exporta = (
        "conversion_id=id_publico", "afiliado", "campana", "referencia_externa", "tipo_conversion",
        "canal_origen", "cupon", "enlace", "valor", "moneda", "estado", "ocurrida_en", "creada_en",
    )  # fmt: skip
    list_select_related = ("afiliado", "campana", "cliente")
    list_filter = (
        FiltroSinAtribuir,
        ("estado", ChoicesDropdownFilter),
        ("afiliado", FiltroDeFila),
        ("campana", FiltroDeFila),
    )
    search_fields = ("id_publico",)
    search_help_text = _("Parte de la referencia, identificador, o nombre o correo del afiliado")
    ordering = ("-id",)
    readonly_fields = ("col_afiliado", "col_campana", "col_valor", "col_estado", "col_productos",
                       "col_metadatos", "col_comisiones", "col_devoluciones",
                       "col_queda", "col_cliente", "col_motivo", "col_candidatos",
                       "col_parecida")  # fmt: skip
    _ficha = (
        (_("Venta"), {"fields": (
            ("id_publico", "col_estado"), ("col_afiliado", "col_campana"),
            ("col_valor", "tipo_conversion"), ("ocurrida_en", "creada_en"),
            ("referencia_externa", "canal_origen"), ("cupon", "enlace"),
            ("col_cliente", "col_parecida"),
            "col_comisiones", ("col_devoluciones", "col_queda"),
        )}),
        (_("Atribución"), {"fields": ("col_motivo", "col_candidatos")}),
        (_("Detalle"), {"fields": ("cliente_huella", "col_productos", "col_metadatos")}),
    )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The sales of nobody are called as in the menu."""
        de_nadie = request.GET.get(FiltroSinAtribuir.parameter_name) == "nadie"
        titulo = {"title": _("Ventas sin atribuir")} if de_nadie else {}
        return super().changelist_view(request, {**titulo, **(extra_context or {})})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A sale that is there shows what it is."""
        return self._ficha if obj is not None else ((None, {"fields": self.get_fields(request)}),)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those of the form."""
        return (*self.form.Meta.fields, "motivo")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing of a new one."""
        return () if obj is None else self.readonly_fields

    def nombre_de(self, objeto: Any) -> str:
        """As its shop calls it."""
        return objeto.referencia_externa or str(objeto)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The way to say whose it is, while it is nobody's, or that it is of another, and to take
        it back, while something is left."""
        enlaces = []
        if request.user.has_perm(ASIGNAR) and puede_asignarse(objeto):
            url = reverse(f"admin:{self.nombre_de_vista('asignar')}", args=[objeto.pk])
            enlaces.append((_("Decir de quién es"), url, "person"))
        if request.user.has_perm(REASIGNAR_VENTA) and puede_reasignarse(objeto):
            enlaces += self.a_reasignar(objeto, REASIGNAR)
        if request.user.has_perm(DEVOLVER) and puede_devolverse(objeto):
            url = reverse(f"admin:{self.nombre_de_vista('devolver')}", args=[objeto.pk])
            enlaces.append((_("Registrar una devolución"), url, "assignment_return"))
        return {"enlaces": enlaces} if enlaces else {}

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By our id of it, of its affiliate or campaign, by its reference or by its affiliate: all
        served by indexes."""
        if termino.startswith("camp_") and es_nuestro(termino):
            return consulta.filter(campana__in=ids_de_campanas(termino))
        if termino.startswith("cli_") and es_nuestro(termino):
            return consulta.filter(cliente__in=ids_de_clientes(termino))
        return consulta.filter(
            Q(pk__in=ids_de_ventas(termino)) | Q(afiliado__in=ids_de_afiliados(termino))
        )

    @display(description=_("Conversión"))
    def col_id(self, conversion: Conversion) -> SafeString:
        """Short public id."""
        return id_corto(conversion.id_publico)

    @display(description=_("Ocurrida"))
    def col_ocurrida(self, conversion: Conversion) -> str:
        """When, in short."""
        return fecha_y_hora(conversion.ocurrida_en)

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
        """Link to the affiliate, or that it is nobody's."""
        if conversion.afiliado is None:
            return marca("aviso", _("Sin atribuir"))
        return enlace(conversion.afiliado)

    @display(description=_("Cliente"))
    def col_cliente(self, conversion: Conversion) -> SafeString | str:
        """Link to the customer."""
        return enlace(conversion.cliente) if conversion.cliente else VACIO

    @display(description=_("Se parece a"))
    def col_parecida(self, conversion: Conversion) -> SafeString | str:
        """Link to the sale that it may be a copy of."""
        return enlace(venta_parecida(conversion))

    @display(description=_("Por qué"))
    def col_motivo(self, conversion: Conversion) -> Any:
        """By what it was credited."""
        return MOTIVOS.get(atribucion_de(conversion)["motivo"], VACIO)

    @display(description=_("Candidatos"))
    def col_candidatos(self, conversion: Conversion) -> SafeString | str:
        """Who could have been credited, and why each was or was not."""
        return candidatos_visibles(conversion)

    @display(description=_("Campaña"))
    def col_campana(self, conversion: Conversion) -> SafeString | str:
        """Link to the campaign."""
        return enlace(conversion.campana)

    @display(description=_("Comisiones"))
    def col_comisiones(self, conversion: Conversion) -> SafeString | str:
        """What it earned, a line each; of a renewal, why."""
        return (
            format_html_join(
                "",
                '<span class="ap-celda">{} {} <span class="ap-tenue">{}</span></span>',
                (
                    (enlace(c), importe(c.monto, c.moneda), " ".join(por_su_cliente(c)))
                    for c in conversion.comisiones.order_by("nivel")
                ),
            )
            or VACIO
        )

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
                    fecha_y_hora(m.ocurrido_en), m.id_externo,
                    m.motivo,
                )
                for m in movimientos[:200]
            ),
        ) or VACIO  # fmt: skip

    @display(description=_("Queda de la venta"))
    def col_queda(self, conversion: Conversion) -> SafeString | str:
        """What is left after what was taken back."""
        return queda_visible(conversion)

    @display(description=_("Productos"))
    def col_productos(self, conversion: Conversion) -> SafeString:
        """Products as sent."""
        return _json(conversion.productos)

    @display(description=_("Metadatos"))
    def col_metadatos(self, conversion: Conversion) -> SafeString:
        """Metadata as sent."""
        return _json(conversion.metadatos)


def _previa(conversion: Conversion) -> list[Linea]:
    """The sale, whose it is and what it earns."""
    comisiones = conversion.comisiones.filter(viva=True).values_list("moneda", "monto")
    return [
        (_("Afiliado"), conversion.afiliado),
        (_("Valor"), con_moneda(conversion.valor, conversion.moneda)),
        (_("Comisiones"), cuantas_y_cuanto(comisiones)),
    ]


def _json(valor: Any) -> SafeString:
    return format_html(
        '<pre class="ap-json">{}</pre>', json.dumps(valor, ensure_ascii=False, indent=2)
    )
