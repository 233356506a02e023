"""The review queue and the page of a commission."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.formato import dos_lineas, id_corto, importe, insignia
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import fecha_y_hora, hace, porcentaje
from comisiones.admin.comision.detalle import contexto_de_comision
from comisiones.admin.comision.filtros import FiltroEstado, alcance_de, buscar, orden, pestanas
from comisiones.calculo.explicacion import mayor_que_su_venta
from comisiones.comision.estados import COMISION, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.revision import services
from comisiones.revision.en_masa import preparar_decision
from comisiones.revision.estados import AccionEnMasa

_C = EstadoComision
APROBAR = "comisiones.aprobar_comision"
RECHAZAR = "comisiones.rechazar_comision"


def _pasa_a(destino: str) -> Any:
    return lambda c: COMISION.permite(c.estado, destino)


ACCIONES = (
    Accion(
        nombre="aprobar",
        titulo=_("Aprobar"),
        permiso=APROBAR,
        visible=_pasa_a(_C.APROBADA),
        aplicar=lambda c, actor, motivo: services.aprobar_comision(
            comision=c, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó aprobada."),
        motivo="opcional",
        ayuda=_("Se le debe al afiliado desde este momento."),
        icono="check_circle",
        tono="principal",
        siguiente=True,
    ),
    Accion(
        nombre="rechazar",
        titulo=_("Rechazar"),
        permiso=RECHAZAR,
        visible=_pasa_a(_C.RECHAZADA),
        aplicar=lambda c, actor, motivo: services.rechazar_comision(
            comision=c, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó rechazada."),
        motivo="obligatorio",
        ayuda=_("Es definitivo."),
        icono="cancel",
        tono="peligro",
        siguiente=True,
    ),
    Accion(
        nombre="retener",
        titulo=_("Retener"),
        permiso=RECHAZAR,
        visible=_pasa_a(_C.RETENIDA),
        aplicar=lambda c, actor, motivo: services.retener_comision(
            comision=c, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó retenida."),
        motivo="obligatorio",
        ayuda=_("Espera hasta que alguien la libere."),
        icono="pause_circle",
    ),
    Accion(
        nombre="liberar",
        titulo=_("Liberar"),
        permiso=RECHAZAR,
        visible=_pasa_a(_C.PENDIENTE),
        aplicar=lambda c, actor, motivo: services.liberar_comision(
            comision=c, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s vuelve a estar pendiente."),
        motivo="opcional",
        ayuda=_("Vuelve a la cola como pendiente."),
        icono="lock_open",
    ),
)


@admin.register(Comision)
class ComisionAdmin(AdminSoloLectura, ConAcciones):
    """Commissions: what waits for review first."""

    acciones = ACCIONES
    entidad = "comision"
    estados = dict(_C.choices)
    motivos = dict(MotivoRetencion.choices)
    actions = ("aprobar_varias", "rechazar_varias", "retener_varias", "exportar_varias")
    change_form_template = "admin/alpes/comision.html"
    list_before_template = "admin/alpes/pestanas.html"
    list_fullwidth = True
    list_display = ("col_id", "col_afiliado", "col_monto", "col_tasa", "col_venta", "col_ocurrida",
                    "col_estado")  # fmt: skip
    exporta = (
        "comision_id=id_publico", "conversion", "referencia_externa=conversion.referencia_externa",
        "afiliado", "afiliado=afiliado.nombre", "campana", "campana=campana.nombre", "nivel",
        "tipo_comision=tipo", "base", "porcentaje=tasa", "monto", "moneda",
        "valor=conversion.valor", "moneda_venta=conversion.moneda", "estado", "motivo_retencion",
        "motivo", "ocurrida_en=conversion.ocurrida_en", "madura_en", "creada_en", "aprobada_en",
        "pagada_en",
    )  # fmt: skip
    list_select_related = ("afiliado", "campana", "conversion")
    list_filter = (
        FiltroEstado,
        ("afiliado", AutocompleteSelectFilter),
        ("campana", AutocompleteSelectFilter),
    )
    search_fields = ("id_publico",)
    search_help_text = _("Identificador, referencia de la venta, correo o nombre del afiliado")
    fields = ("id_publico",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return orden(request)

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Exact keys and prefixes: nothing that reads the whole table."""
        return buscar(consulta, termino)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The queue with its tabs."""
        respuesta = super().changelist_view(request, {"title": _("Comisiones")})
        if isinstance(respuesta, TemplateResponse) and respuesta.context_data:
            lista = respuesta.context_data.get("cl")
            if lista is not None:
                respuesta.context_data |= pestanas(lista)
        return respuesta

    def has_aprobar_permission(self, request: HttpRequest) -> bool:
        """For the bulk action's menu."""
        return request.user.has_perm(APROBAR)

    def has_rechazar_permission(self, request: HttpRequest) -> bool:
        """For the bulk action's menu."""
        return request.user.has_perm(RECHAZAR)

    @admin.action(description=_("Aprobar las seleccionadas…"), permissions=["aprobar"])
    def aprobar_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.APROBAR)

    @admin.action(description=_("Rechazar las seleccionadas…"), permissions=["rechazar"])
    def rechazar_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.RECHAZAR)

    @admin.action(description=_("Retener las seleccionadas…"), permissions=["rechazar"])
    def retener_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.RETENER)

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """With «y siguiente», the next one to review; else the same page."""
        if not lograda or "siguiente" not in request.POST:
            return super().url_tras_accion(request, objeto, accion, lograda)
        otra = siguiente_pendiente(objeto.pk)
        if otra is None:
            messages.info(request, _now("No queda ninguna comisión pendiente."))
            return reverse("admin:comisiones_comision_changelist")
        return reverse("admin:comisiones_comision_change", args=[otra])

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        return {
            **contexto_de_comision(objeto),
            "marca_estado": "",
            "siguiente": siguiente_pendiente(objeto.pk),
            "title": _("Comisión"),
            "subtitle": objeto.id_publico,
        }

    @display(description=_("Comisión"))
    def col_id(self, comision: Comision) -> SafeString:
        """Short public id."""
        return id_corto(comision.id_publico)

    @display(description=_("Afiliado y campaña"))
    def col_afiliado(self, comision: Comision) -> SafeString:
        """Who earned it, and where."""
        donde = comision.campana.nombre
        if comision.nivel > 1:
            donde = _now("%(campana)s · nivel %(n)s de la red") % {
                "campana": donde,
                "n": comision.nivel,
            }
        return dos_lineas(comision.afiliado.nombre, donde)

    @display(description=_("Monto"))
    def col_monto(self, comision: Comision) -> SafeString | str:
        """What it pays."""
        monto = importe(comision.monto, comision.moneda)
        if mayor_que_su_venta(comision):
            return dos_lineas(monto, _now("Mayor que la venta"))
        return monto

    @display(description=_("Tasa"))
    def col_tasa(self, comision: Comision) -> str:
        """Percentage, or that it is a fixed amount."""
        if comision.tasa is None:
            return _now("fija") if comision.tipo else _now("sin regla")
        return porcentaje(comision.tasa)

    @display(description=_("Venta"))
    def col_venta(self, comision: Comision) -> SafeString | str:
        """Value of the conversion."""
        return importe(comision.conversion.valor, comision.conversion.moneda)

    @display(description=_("Ocurrida"))
    def col_ocurrida(self, comision: Comision) -> SafeString:
        """When the sale occurred, and for how long the commission has existed."""
        return dos_lineas(
            fecha_y_hora(comision.conversion.ocurrida_en),
            _now("calculada %(cuando)s") % {"cuando": hace(comision.creada_en)},
        )

    @display(description=_("Estado"))
    def col_estado(self, comision: Comision) -> SafeString:
        """Badge, with why it is held."""
        marca = insignia(comision.estado, comision.get_estado_display())
        if not comision.motivo_retencion:
            return marca
        return format_html(
            '{}<span class="ap-celda ap-tenue ap-motivo">{}</span>',
            marca,
            comision.get_motivo_retencion_display(),
        )


def _elegir(
    request: HttpRequest, comisiones: QuerySet[Comision], accion: AccionEnMasa
) -> HttpResponse:
    """Keep what was selected as it is now; whoever did confirms it on its page."""
    try:
        decision = preparar_decision(
            accion=accion,
            comisiones=comisiones,
            alcance=alcance_de(request),
            actor=actor_de(request),
        )
    except ErrorDominio as exc:
        messages.error(request, exc.mensaje)
        return redirect(request.get_full_path())
    return redirect("admin:comisiones_decisionenmasa_change", decision.pk)


def siguiente_pendiente(pk: int) -> int | None:
    """Key of the pending commission after ``pk``, or of the first one."""
    pendientes = Comision.objects.filter(estado=_C.PENDIENTE).exclude(pk=pk).order_by("id")
    claves = pendientes.values_list("pk", flat=True)
    return claves.filter(pk__gt=pk).first() or claves.first()
