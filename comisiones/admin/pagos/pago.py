"""Payments: looked at, and tried again when they failed for certain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.bandejas import TOPE, Bandeja, Filas, filtro_de, que_esperan
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    cuanto_y_quien,
    dos_lineas,
    enlace,
    id_corto,
    importe,
    insignia,
)
from alpespartner.comun.documentos.pdf import respuesta_pdf
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.formato import VACIO, hace
from comisiones.admin.busqueda import pagos_de
from comisiones.admin.comision.detalle import apuntes_de
from comisiones.admin.pagos.palabras import nombre_de_pasarela
from comisiones.comision.estados import EstadoComision
from comisiones.liquidaciones import remesa
from comisiones.pagos.estados import PAGO, EstadoPago
from comisiones.pagos.models import ItemPago, Pago
from comisiones.pagos.pago.propuestas import (
    NO_PAGADO,
    lineas_de_no_pagado,
    proponer_no_pagado,
)
from comisiones.pagos.pago.resolucion import decidir_pago, es_decidible
from comisiones.pagos.pago.services import anular_pago, reintentar_pago
from outbox.selectors import eventos_de

_DECIDIR = "comisiones.decidir_pago"


def _por_reintentar(_request: HttpRequest) -> Filas:
    """Payments that failed, were not made again, and left something that no other one pays."""
    fallidos = Pago.objects.filter(estado=EstadoPago.FALLIDO).order_by("-id")
    filas, _hay_mas = que_esperan(fallidos, lambda _pago: True)
    items = ItemPago.objects.filter(
        Q(comision__estado=EstadoComision.APROBADA, comision__item_vivo__isnull=True)
        | Q(ajuste__isnull=False, ajuste__item_vivo__isnull=True),
        pago__in=[pago.pk for pago in filas],
        pago__reintento__isnull=True,
    )
    sueltos = set(items.values_list("pago_id", flat=True).distinct())
    return [pago for pago in reversed(filas) if pago.pk in sueltos], len(sueltos) == TOPE


FALLIDOS_POR_MIRAR = Bandeja(
    "por_reintentar", _("Fallidos que nadie ha vuelto a pagar"), Pago, _por_reintentar
)


@admin.register(Pago)
class PagoAdmin(AdminSoloLectura, ConAcciones):
    """Payments, what they pay and each attempt."""

    si_vacia = _("Se hacen solos con lo aprobado que maduró, o en un lote.")

    entidad = "pago"
    estados = dict(EstadoPago.choices)
    acciones = (
        Accion(
            nombre="reintentar",
            titulo=_("Reintentar"),
            permiso="comisiones.reintentar_pago",
            visible=lambda pago: pago.estado == EstadoPago.FALLIDO,
            aplicar=lambda pago, actor, _m: reintentar_pago(pago=pago, actor=actor),
            exito=_("Se programó un pago nuevo para las comisiones de %(objeto)s."),
            ayuda=_("Se hace un pago nuevo con sus comisiones; este queda como está."),
            icono="replay",
            tono="principal",
        ),
        Accion(
            nombre="confirmar",
            titulo=_("Se pagó"),
            permiso=_DECIDIR,
            visible=es_decidible,
            aplicar=lambda pago, actor, motivo: decidir_pago(
                pago=pago, pagado=True, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s consta como pagado."),
            motivo="obligatorio",
            ayuda=_("Di dónde lo has visto. Antes se pregunta a la pasarela una vez más."),
            icono="check_circle",
        ),
        Accion(
            nombre="descartar",
            titulo=_("No se pagó"),
            permiso=_DECIDIR,
            visible=es_decidible,
            aplicar=lambda pago, actor, motivo: proponer_no_pagado(
                pago=pago, actor=actor, motivo=motivo
            ),
            exito=_("Propuesto: %(objeto)s constará como fallido cuando lo confirme otra persona."),
            previa=lineas_de_no_pagado,
            propone=NO_PAGADO.nombre,
            motivo="obligatorio",
            ayuda=_(
                "Solo si es seguro: cuando lo confirme otra persona, lo que paga se podrá pagar "
                "otra vez."
            ),
            icono="cancel",
            tono="peligro",
        ),
        Accion(
            nombre="anular",
            titulo=_("Anular"),
            permiso="comisiones.reintentar_pago",
            visible=lambda pago: PAGO.permite(pago.estado, EstadoPago.ANULADO),
            aplicar=lambda pago, actor, motivo: anular_pago(pago=pago, actor=actor, motivo=motivo),
            exito=_("%(objeto)s quedó anulado."),
            motivo="obligatorio",
            ayuda=_("Todavía no ha salido. Sus comisiones quedan libres para otro pago."),
            icono="cancel",
            tono="peligro",
        ),
    )
    change_form_outer_after_template = "admin/alpes/pago.html"
    list_display = ("col_id", "afiliado", "col_importe", "col_pasarela", "col_estado",
                    "col_creado")  # fmt: skip
    exporta = (
        "pago_id=id_publico", "lote", "afiliado", "afiliado=afiliado.nombre", "importe", "retenido",
        "moneda", "pasarela", "estado", "detalle", "creado_en", "pagado_en",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (
        filtro_de(FALLIDOS_POR_MIRAR),
        ("estado", ChoicesDropdownFilter),
        ("afiliado", FiltroDeFila),
        ("lote", FiltroDeFila),
    )
    search_fields = ("id_publico",)
    search_help_text = _(
        "Referencia de una venta que paga, identificador, o nombre o correo del afiliado"
    )
    ordering = ("-id",)
    fields = (
        ("id_publico", "col_estado"), ("col_afiliado", "col_importe"),
        ("col_bruto", "col_retenido"), ("col_pasarela", "detalle"),
        ("creado_en", "pagado_en"), ("col_lote", "col_liquidaciones"),
    )  # fmt: skip
    readonly_fields = (
        "col_estado", "col_afiliado", "col_importe", "col_bruto", "col_retenido", "col_pasarela",
        "col_lote", "col_liquidaciones",
    )  # fmt: skip

    @display(description=_("Pasarela"))
    def col_pasarela(self, pago: Pago) -> str:
        """How it is paid, in words."""
        return nombre_de_pasarela(pago.pasarela)

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Keys found by indexes: its own, of what it pays, or of its affiliate."""
        return consulta.filter(pagos_de(termino))

    def get_urls(self) -> list[URLPattern]:
        """Adds the address of its document."""
        return [
            path(
                "<path:object_id>/remesa/",
                self.admin_site.admin_view(require_safe(self.vista_remesa)),
                name="comisiones_pago_remesa",
            ),
            *super().get_urls(),
        ]

    def vista_remesa(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The remittance advice, as the affiliate gets it."""
        pago = self.objeto_o_404(request, object_id)
        try:
            return respuesta_pdf(remesa.pdf_de(pago), remesa.nombre_de(pago))
        except Conflicto as exc:
            messages.error(request, exc.mensaje)
            return redirect("admin:comisiones_pago_change", pago.pk)

    def nombre_de(self, objeto: Any) -> str:
        return cuanto_y_quien(objeto.importe, objeto.moneda, objeto.afiliado)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it pays, its attempts, its ledger lines and its events."""
        items = (
            ItemPago.objects.filter(pago=objeto).select_related("comision", "ajuste").order_by("id")
        )
        enlaces = []
        if objeto.estado in remesa.CON_REMESA:
            url = reverse("admin:comisiones_pago_remesa", args=[objeto.pk])
            enlaces.append((_("Aviso de pago (PDF)"), url, "picture_as_pdf"))
        return {
            "enlaces": enlaces,
            "items": [
                {
                    "concepto": enlace(item.comision or item.ajuste),
                    "importe": importe(item.importe, item.moneda),
                    "insignia": _estado_de(item),
                }
                for item in items[:200]
            ],
            "intentos": list(objeto.intentos.order_by("id")),
            "apuntes": apuntes_de([objeto.id_publico]),
            "eventos": list(eventos_de(objeto.id_publico)),
        }

    @display(description=_("Pago"))
    def col_id(self, pago: Pago) -> SafeString:
        """Short public id."""
        return id_corto(pago.id_publico)

    @display(description=_("Importe"))
    def col_importe(self, pago: Pago) -> SafeString | str:
        """Amount."""
        return importe(pago.importe, pago.moneda)

    @display(description=_("Bruto"))
    def col_bruto(self, pago: Pago) -> SafeString | str:
        """What it settles."""
        return importe(pago.bruto, pago.moneda)

    @display(description=_("Retenido"))
    def col_retenido(self, pago: Pago) -> SafeString | str:
        """What is kept of it, and why."""
        if pago.retencion is None:
            return VACIO
        return dos_lineas(importe(pago.retenido, pago.moneda), str(pago.retencion))

    @display(description=_("Estado"))
    def col_estado(self, pago: Pago) -> SafeString:
        """Badge, with what the gateway said."""
        marca = insignia(pago.estado, pago.get_estado_display())
        return dos_lineas(marca, pago.detalle[:60]) if pago.detalle else marca

    @display(description=_("Creado"))
    def col_creado(self, pago: Pago) -> str:
        """Age."""
        return hace(pago.creado_en)

    @display(description=_("Afiliado"))
    def col_afiliado(self, pago: Pago) -> SafeString | str:
        """Link to the affiliate."""
        return enlace(pago.afiliado)

    @display(description=_("Liquidaciones"))
    def col_liquidaciones(self, pago: Pago) -> SafeString | str:
        """Links to its self-billing documents."""
        return (
            format_html_join(
                " · ", "{}", ((enlace(doc),) for doc in pago.liquidaciones.order_by("pk"))
            )
            or VACIO
        )

    @display(description=_("Lote"))
    def col_lote(self, pago: Pago) -> SafeString | str:
        """Link to its batch."""
        return enlace(pago.lote)


def _estado_de(item: ItemPago) -> SafeString:
    cosa: Any = item.comision or item.ajuste
    return insignia(cosa.estado, cosa.get_estado_display())
