"""The review queue and the page of a commission."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    cuanto_y_quien,
    dos_lineas,
    id_corto,
    importe,
    insignia,
    linea_de_tiempo,
)
from alpespartner.comun.admin.listas import Lista
from alpespartner.comun.errores import ErrorDominio, TransicionInvalida
from alpespartner.comun.formato import fecha_y_hora, hace, porcentaje
from alpespartner.comun.textos import entero
from comisiones.admin.busqueda import comisiones_de
from comisiones.admin.comision.cola import alcance_de, contexto_de_cola, id_de_fila
from comisiones.admin.comision.detalle import contexto_de_comision
from comisiones.admin.comision.filtros import (
    FiltroAntiguedad,
    FiltroCalculada,
    FiltroEstado,
    FiltroMoneda,
    FiltroMonto,
    FiltroMotivo,
    orden,
)
from comisiones.admin.comision.panel import contexto_de_panel, ultima_palabra
from comisiones.admin.comision.programa import ver_programa
from comisiones.admin.comision.vecinas import FILTRO, SoloFiltro, con_filtro, vecindad_de
from comisiones.admin.comision.vencen import FiltroVence
from comisiones.admin.comision.vistas import ConVistas
from comisiones.admin.metricas.pagina import ver_cifras
from comisiones.calculo.explicacion import mayor_que_su_venta
from comisiones.comision.estados import (
    COMISION,
    DEVOLUCION,
    EstadoComision,
    MotivoRetencion,
)
from comisiones.comision.models import Comision
from comisiones.revision import services
from comisiones.revision.en_masa import preparar_decision
from comisiones.revision.errores import Cambio, YaAprobada
from comisiones.revision.estados import AccionEnMasa
from conversiones.ventas.motivos import MotivoDecision

_C = EstadoComision
APROBAR = "comisiones.aprobar_comision"
RECHAZAR = "comisiones.rechazar_comision"
# Keys of the queue that decide about its row.
TECLAS = {"aprobar": "a", "rechazar": "r", "retener": "h", "liberar": "l", "devolver": "u"}
# With it the queue asks for what came of a decision, and draws it in its row.
CABECERA_DE_FILA = "X-Alpes-Fila"


def _pasa_a(destino: str) -> Any:
    return lambda c: COMISION.permite(c.estado, destino)


def _por(servicio: Any) -> Any:
    """Calls a service with the version of the commission that its page showed."""
    return lambda c, actor, motivo, vista="", **mas: servicio(
        comision=c, actor=actor, motivo=motivo, vista=entero(vista), **mas
    )


_CON_CODIGO: dict[str, Any] = {
    "motivo": "obligatorio",
    "codigos": MotivoDecision.choices,
    "campos": ("vista", "motivo_codigo"),
}
ACCIONES = (
    Accion(
        nombre="aprobar",
        titulo=_("Aprobar"),
        permiso=APROBAR,
        visible=_pasa_a(_C.APROBADA),
        aplicar=_por(services.aprobar_comision),
        exito=_("%(objeto)s quedó aprobada."),
        motivo="opcional",
        campos=("vista",),
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
        aplicar=_por(services.rechazar_comision),
        exito=_("%(objeto)s quedó rechazada."),
        **_CON_CODIGO,
        ayuda=_("Es definitivo. El afiliado lee el motivo en su resumen."),
        icono="cancel",
        tono="peligro",
        siguiente=True,
    ),
    Accion(
        nombre="retener",
        titulo=_("Retener"),
        permiso=RECHAZAR,
        visible=_pasa_a(_C.RETENIDA),
        aplicar=_por(services.retener_comision),
        exito=_("%(objeto)s quedó retenida."),
        **_CON_CODIGO,
        ayuda=_("Espera hasta que alguien la libere."),
        icono="pause_circle",
        siguiente=True,
    ),
    Accion(
        nombre="liberar",
        titulo=_("Liberar"),
        permiso=RECHAZAR,
        visible=_pasa_a(_C.PENDIENTE),
        aplicar=_por(services.liberar_comision),
        exito=_("%(objeto)s vuelve a estar pendiente."),
        motivo="opcional",
        campos=("vista",),
        ayuda=_("Vuelve a la cola como pendiente."),
        icono="lock_open",
    ),
    Accion(
        nombre="devolver",
        titulo=_("Devolver a revisión"),
        permiso=RECHAZAR,
        visible=lambda c: DEVOLUCION.permite(c.estado, _C.PENDIENTE),
        aplicar=_por(services.devolver_comision),
        exito=_("%(objeto)s vuelve a estar pendiente y ya no se le debe al afiliado."),
        **_CON_CODIGO,
        ayuda=_("Deshace la aprobación mientras no esté en ningún pago, y se lo dice al afiliado."),
        icono="replay",
    ),
)
# What a decision that came too late says besides: who was there before.
_LLEGO_TARDE = frozenset({Cambio.codigo, TransicionInvalida.codigo, YaAprobada.codigo})


@admin.register(Comision)
class ComisionAdmin(AdminSoloLectura, ConVistas, ConAcciones):
    """Commissions: what waits for review first."""

    titulo = _("Cola de revisión")
    si_vacia = _(
        "Aquí espera lo que gana un afiliado por cada venta hasta que alguien lo aprueba. "
        "Llega solo: cada venta registrada calcula sus comisiones."
    )

    acciones = ACCIONES
    entidad = "comision"
    estados = dict(_C.choices)
    motivos = {**dict(MotivoRetencion.choices), **dict(MotivoDecision.choices)}
    actions = ("aprobar_varias", "rechazar_varias", "retener_varias", "exportar_varias")
    change_form_template = "admin/alpes/comision.html"
    change_list_template = "admin/alpes/cola.html"
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
        FiltroVence,
        ("afiliado", FiltroDeFila),
        ("campana", FiltroDeFila),
        ("regla", FiltroDeFila),
        FiltroMotivo,
        FiltroAntiguedad,
        FiltroCalculada,
        FiltroMoneda,
        FiltroMonto,
    )
    search_fields = ("id_publico",)
    search_help_text = _(
        "Parte de la referencia de la venta, identificador, o nombre o correo del afiliado"
    )
    fields = ("id_publico",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return orden(request.GET)

    def vista_programa(self, request: HttpRequest) -> HttpResponse:
        """What is owed and by when, and who earns more or less than before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return ver_programa(self, request)

    def vista_cifras(self, request: HttpRequest) -> HttpResponse:
        """What was sold and earned in some days, against those before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return ver_cifras(self, request)

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """Keys found by indexes: nothing that reads the whole table."""
        return consulta.filter(comisiones_de(termino))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The queue with its tabs."""
        respuesta = super().changelist_view(request, extra_context)
        if isinstance(respuesta, TemplateResponse) and respuesta.context_data:
            lista = respuesta.context_data.get("cl")
            if lista is not None:
                # Without the link that would forget the filter: each filter has its own way out.
                lista.full_result_count = lista.result_count
                respuesta.context_data |= contexto_de_cola(lista, request)
                respuesta.context_data |= self.menu_de_vistas(request)
                respuesta.context_data["decisiones"] = [
                    {"accion": accion, "tecla": TECLAS[accion.nombre]}
                    for accion in ACCIONES
                    if request.user.has_perm(accion.permiso)
                ]
                # With the other hand on the shift key, the same letter is of all that are chosen.
                respuesta.context_data["de_elegidas"] = [
                    (TECLAS[accion.nombre].upper(), f"{accion.nombre}_varias", accion.titulo)
                    for accion in ACCIONES
                    if f"{accion.nombre}_varias" in self.actions
                    and request.user.has_perm(accion.permiso)
                ]
        return respuesta

    def has_aprobar_permission(self, request: HttpRequest) -> bool:
        """For the bulk action's menu."""
        return request.user.has_perm(APROBAR)

    def has_rechazar_permission(self, request: HttpRequest) -> bool:
        """For the bulk action's menu."""
        return request.user.has_perm(RECHAZAR)

    @admin.action(description=_("Aprobar…"), permissions=["aprobar"])
    def aprobar_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.APROBAR)

    @admin.action(description=_("Rechazar…"), permissions=["rechazar"])
    def rechazar_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.RECHAZAR)

    @admin.action(description=_("Retener…"), permissions=["rechazar"])
    def retener_varias(self, request: HttpRequest, queryset: QuerySet[Comision]) -> HttpResponse:
        """To the page that confirms it."""
        return _elegir(request, queryset, AccionEnMasa.RETENER)

    def get_urls(self) -> list[URLPattern]:
        """With the panel of a row, and the page of the whole programme."""
        return [
            path(
                "programa/",
                self.admin_site.admin_view(require_safe(self.vista_programa)),
                name="comisiones_comision_programa",
            ),
            path(
                "cifras/",
                self.admin_site.admin_view(require_safe(self.vista_cifras)),
                name="comisiones_comision_cifras",
            ),
            path(
                "<path:object_id>/panel/",
                self.admin_site.admin_view(require_safe(self.vista_panel)),
                name=self.nombre_de_vista("panel"),
            ),
            *super().get_urls(),
        ]

    def vista_panel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the queue shows beside a row: a part of a page."""
        comision = self.objeto_o_404(request, object_id)
        pasos = linea_de_tiempo(self.entidad, comision.id_publico, self.estados, self.motivos)
        contexto = {
            **contexto_de_panel(comision),
            "acciones": self.acciones_de(request, comision),
            "pasos": pasos,
            "url_ficha": con_filtro(self._ficha(comision.pk), request),
        }
        return TemplateResponse(request, "admin/alpes/panel.html", contexto)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Lista]:
        """The list; without a page of it for whoever only asks what it filters."""
        return SoloFiltro if getattr(request, "solo_filtro", False) else Lista

    def acciones_de(self, request: HttpRequest, objeto: Any) -> list[dict[str, Any]]:
        """The buttons, which keep the list from which the page was opened."""
        botones = super().acciones_de(request, objeto)
        return [{**boton, "url": con_filtro(boton["url"], request)} for boton in botones]

    def ocultos_de(self, objeto: Any) -> dict[str, object]:
        """The version that whoever decides is looking at."""
        return {"vista": objeto.version}

    def _no_aplicable(self, accion: Accion, objeto: Any) -> str:
        return f"{super()._no_aplicable(accion, objeto)} {ultima_palabra(objeto)}"

    def mensaje_de_error(self, objeto: Any, exc: ErrorDominio) -> str:
        """What was refused and, if somebody was there before, who, what and when."""
        mensaje = super().mensaje_de_error(objeto, exc)
        return f"{mensaje} {ultima_palabra(objeto)}" if exc.codigo in _LLEGO_TARDE else mensaje

    def responder_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool, mensaje: str
    ) -> HttpResponse:
        """To the queue, what came of it and the row's state now; else a page."""
        if CABECERA_DE_FILA not in request.headers:
            return super().responder_accion(request, objeto, accion, lograda, mensaje)
        actual = Comision.objects.get(pk=objeto.pk)
        return JsonResponse(
            {
                "lograda": lograda,
                "mensaje": mensaje,
                "estado": self.col_estado(actual),
                "version": actual.version,
            }
        )

    def _ficha(self, pk: int) -> str:
        return reverse("admin:comisiones_comision_change", args=[pk])

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """With «y siguiente», the next one of the list; else the same page."""
        if not lograda or "siguiente" not in request.POST:
            return con_filtro(super().url_tras_accion(request, objeto, accion, lograda), request)
        otra = vecindad_de(self, request, objeto).siguiente
        if otra is None:
            messages.info(request, _now("No queda ninguna comisión en este filtro."))
            lista = reverse("admin:comisiones_comision_changelist")
            filtro = request.GET.get(FILTRO, "")
            return f"{lista}?{filtro}" if filtro else lista
        return con_filtro(self._ficha(otra), request)

    def nombre_de(self, objeto: Any) -> str:
        return cuanto_y_quien(objeto.monto, objeto.moneda, objeto.afiliado)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        vecindad = vecindad_de(self, request, objeto)
        return {
            **contexto_de_comision(objeto),
            "marca_estado": "",
            "siguiente": vecindad.siguiente,
            "lugar": vecindad.lugar,
            "url_siguiente": con_filtro(self._ficha(vecindad.siguiente), request)
            if vecindad.siguiente
            else "",
            "title": _("Comisión"),
        }

    @display(description=_("Comisión"))
    def col_id(self, comision: Comision) -> SafeString:
        """Short public id."""
        return id_de_fila(comision, id_corto(comision.id_publico))

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

    @display(description=_("Venta y pedido"))
    def col_venta(self, comision: Comision) -> SafeString | str:
        """Value of the conversion, and the shop's reference of its order."""
        venta = importe(comision.conversion.valor, comision.conversion.moneda)
        referencia = comision.conversion.referencia_externa
        return dos_lineas(venta, referencia) if referencia else venta

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
