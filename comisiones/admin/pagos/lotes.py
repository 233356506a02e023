"""Batches of payments: one person prepares, another releases; their page follows them live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.bandejas import Bandeja, de_otros, filtro_de
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.formato import (
    enlace,
    etiqueta,
    id_corto,
    importe,
    insignia,
    nombres_de_actores,
    opciones_de_moneda,
)
from alpespartner.comun.dinero import visible
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.formato import VACIO, con_moneda, entero, hace
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.selectors import por_confirmar
from comisiones.admin.pagos.palabras import nombre_de_pasarela
from comisiones.pagos.estados import (
    LOTE,
    LOTE_COMPROMETIDO,
    PAGO_ABIERTO,
    PAGO_EN_CURSO,
    EstadoLote,
    EstadoPago,
)
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.antecedentes import antecedentes, confirmados_por
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.lotes.reintento import reintentar_fallidos
from comisiones.pagos.models import FicheroPago, LotePago
from comisiones.pagos.pasarelas.interfaz import es_por_fichero, nombres_de_pasarelas

_PREPARAR = "comisiones.preparar_lote"
_LIBERAR = "comisiones.liberar_lote"
_MOSTRADOS = 100
_PROPUESTAS = 20
_L = EstadoLote


def _liberar(lote: LotePago, actor: Actor, _motivo: str) -> None:
    if ciclo.liberar_lote(lote=lote, actor=actor).estado == _L.BORRADOR:
        # It is saved as a draft: this only tells it.
        raise Conflicto(_now("Lo que se congeló cambió: el lote volvió a borrador."))


def _pasa_a(destino: str) -> Any:
    return lambda lote: LOTE.permite(lote.estado, destino)


class LoteForm(FormularioDeServicio):
    """What a batch pays."""

    moneda = forms.ChoiceField(
        label=_("Moneda"), choices=opciones_de_moneda, widget=UnfoldAdminSelectWidget
    )
    pasarela = forms.ChoiceField(
        label=_("Pasarela"),
        choices=lambda: [(n, nombre_de_pasarela(n)) for n in nombres_de_pasarelas()],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = LotePago
        fields = ("moneda", "campana", "hasta", "pasarela")
        help_texts = {
            "campana": _("Sin ella, todas. Lo que un afiliado nos debe se descuenta siempre."),
            "hasta": _("Se pagan las comisiones que maduraron hasta entonces."),
        }


POR_LIBERAR = Bandeja(
    "por_liberar",
    _("Por liberar, de otra persona"),
    LotePago,
    de_otros(
        LotePago.objects.filter(estado=_L.CONGELADO).order_by("id"), "preparado_por",
        "congelado_por",
    ),
)  # fmt: skip


@admin.register(LotePago)
class LotePagoAdmin(AdminPorServicio, ConAvance, ConAcciones):
    """Four eyes: who prepares a batch cannot release it."""

    si_vacia = _(
        "Un lote junta lo que se debe y se paga de una vez: una persona lo prepara y otra lo "
        "libera."
    )

    form = LoteForm
    entidad = "lote"
    estados = dict(_L.choices)
    acciones = (
        Accion(
            nombre="congelar",
            titulo=_("Congelar"),
            permiso=_PREPARAR,
            visible=_pasa_a(_L.CONGELADO),
            aplicar=lambda lote, actor, _m: ciclo.congelar_lote(lote=lote, actor=actor),
            exito=_("%(objeto)s quedó congelado: lo libera otra persona."),
            icono="lock",
            tono="principal",
        ),
        Accion(
            nombre="rehacer",
            titulo=_("Proponer de nuevo"),
            permiso=_PREPARAR,
            visible=lambda lote: lote.estado == _L.BORRADOR,
            aplicar=lambda lote, actor, _m: propuesta.rehacer_lote(lote=lote, actor=actor),
            exito=_("%(objeto)s quedó descartado y hay un lote nuevo con lo que se debe ahora."),
            icono="refresh",
        ),
        Accion(
            nombre="descartar",
            titulo=_("Descartar"),
            permiso=_PREPARAR,
            visible=_pasa_a(_L.DESCARTADO),
            aplicar=lambda lote, actor, motivo: propuesta.descartar_lote(
                lote=lote, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó descartado."),
            motivo="obligatorio",
            ayuda=_("Sus comisiones quedan libres para otro lote."),
            icono="delete",
            tono="peligro",
        ),
        Accion(
            nombre="liberar",
            titulo=_("Liberar"),
            permiso=_LIBERAR,
            visible=_pasa_a(_L.APROBADO),
            impedimento=ciclo.por_que_no_libera,
            aplicar=_liberar,
            exito=_("%(objeto)s quedó liberado: se está pagando."),
            motivo="opcional",
            ayuda=_(
                "El dinero sale. No lo libera quien lo preparó ni quien aprobó sus comisiones."
            ),
            icono="send_money",
            tono="principal",
        ),
        Accion(
            nombre="devolver",
            titulo=_("Devolver a borrador"),
            permiso=_LIBERAR,
            visible=lambda lote: lote.estado in LOTE_COMPROMETIDO,
            aplicar=lambda lote, actor, motivo: ciclo.devolver_lote(
                lote=lote, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s volvió a borrador."),
            motivo="obligatorio",
            icono="undo",
        ),
        Accion(
            nombre="reintentar",
            titulo=_("Reintentar los fallidos"),
            permiso="comisiones.reintentar_pago",
            visible=lambda lote: lote.estado == _L.PARCIALMENTE_FALLIDO,
            aplicar=lambda lote, actor, _m: reintentar_fallidos(lote=lote, actor=actor),
            exito=_("Los pagos fallidos de %(objeto)s se intentan otra vez."),
            ayuda=_("Solo los que pagarían exactamente lo que se liberó."),
            icono="replay",
            tono="principal",
        ),
        Accion(
            nombre="cerrar",
            titulo=_("Cerrar"),
            permiso=_PREPARAR,
            visible=_pasa_a(_L.CERRADO),
            aplicar=lambda lote, actor, motivo: ciclo.cerrar_lote(
                lote=lote, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó cerrado."),
            motivo="opcional",
            ayuda=_("Se da por terminado: lo que falló en él ya solo se paga en otro lote."),
            icono="inventory_2",
        ),
    )
    change_form_outer_after_template = "admin/alpes/lote_pago.html"
    list_display = ("col_id", "col_total", "numero_pagos", "col_pasarela", "col_estado",
                    "col_creado")  # fmt: skip
    exporta = (
        "lote_id=id_publico", "total", "moneda", "numero_pagos", "campana", "hasta", "pasarela",
        "estado", "creado_en",
    )  # fmt: skip
    list_filter = (filtro_de(POR_LIBERAR), ("estado", ChoicesDropdownFilter))
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved batch shows what it is."""
        if obj is None:
            return ("moneda", "campana", "hasta", "pasarela")
        return (
            ("id_publico", "col_total"), ("col_campana", "hasta"), ("col_pasarela", "huella"),
            ("col_preparado_por", "col_congelado_por", "col_liberado_por"),
        )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return (
            "id_publico", "col_total", "col_campana", "hasta", "col_pasarela", "huella",
            "col_preparado_por", "col_congelado_por", "col_liberado_por",
        )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody is about to release must not change under them."""
        return False

    def nombre_de(self, objeto: Any) -> str:
        """How much it pays, and to how many."""
        total = con_moneda(objeto.total, objeto.moneda)
        if not objeto.numero_pagos:
            return _now("%(total)s, sin pagos") % {"total": total}
        pagos = ngettext("%(total)s en %(n)s pago", "%(total)s en %(n)s pagos", objeto.numero_pagos)
        return pagos % {"total": total, "n": entero(objeto.numero_pagos)}

    @display(description=_("Pasarela"))
    def col_pasarela(self, lote: LotePago) -> str:
        """How it pays, in words."""
        return nombre_de_pasarela(lote.pasarela)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> LotePago:
        return propuesta.proponer_lote(**datos, actor=actor_de(request))

    def get_urls(self) -> list[URLPattern]:
        """Adds the file for the bank."""
        return [
            path(
                "<path:object_id>/fichero/",
                self.admin_site.admin_view(require_POST(self.vista_fichero)),
                name="comisiones_lotepago_fichero",
            ),
            *super().get_urls(),
        ]

    def vista_fichero(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The file for the bank; who takes it is written down."""
        if not request.user.has_perm(_LIBERAR):
            raise PermissionDenied
        lote = self.objeto_o_404(request, object_id)
        if not FicheroPago.objects.filter(lote=lote).exists():
            raise Http404
        respuesta = HttpResponse(
            entregar_fichero(lote=lote, actor=actor_de(request)), content_type="application/xml"
        )
        respuesta["Content-Disposition"] = content_disposition_header(
            True, f"{lote.id_publico}.xml"
        )
        respuesta["Cache-Control"] = "no-store"
        return respuesta

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """After proposing again, the list, where the new one is first."""
        if accion.nombre == "rehacer" and lograda:
            return reverse("admin:comisiones_lotepago_changelist")
        return super().url_tras_accion(request, objeto, accion, lograda)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The first payments and exclusions."""
        pagos = objeto.pagos.select_related("afiliado").order_by("id")[:_MOSTRADOS]
        exclusiones = objeto.exclusiones.select_related("afiliado").order_by("id")
        return {
            "pagos": [
                {
                    "pago": enlace(pago, id_corto(pago.id_publico)),
                    "afiliado": pago.afiliado,
                    "importe": importe(pago.importe, pago.moneda),
                    "insignia": insignia(pago.estado, pago.get_estado_display()),
                    "detalle": pago.detalle,
                }
                for pago in pagos
            ],
            "con_detalle": any(pago.detalle for pago in pagos),
            "antecedentes": _antecedentes(objeto),
            "url_pagos": reverse("admin:comisiones_pago_changelist")
            + f"?lote__id__exact={objeto.pk}",
            "exclusiones": [
                {
                    "afiliado": exclusion.afiliado,
                    "motivo": exclusion.get_motivo_display(),
                    "importe": importe(exclusion.importe, objeto.moneda),
                }
                for exclusion in exclusiones[:_MOSTRADOS]
            ],
            "n_exclusiones": exclusiones.count(),
            "fichero": FicheroPago.objects.filter(lote=objeto).first()
            if request.user.has_perm(_LIBERAR)
            else None,
            "url_fichero": reverse("admin:comisiones_lotepago_fichero", args=[objeto.pk]),
        }

    def propuestas_de(self, objeto: Any) -> Iterable[Propuesta]:
        """What somebody said of its payments, and another has to confirm."""
        en_curso = objeto.pagos.filter(estado__in=PAGO_EN_CURSO).values("id_publico")
        dichas = por_confirmar().filter(tipo="no_pagado", entidad_id__in=en_curso)
        return dichas.order_by("pk")[:_PROPUESTAS]

    def avance_de(self, objeto: Any) -> Avance:
        """Payments that have an answer, of those it has, and what is in each state."""
        estados = _por_estado(objeto)
        total = sum(n for n, _suma in estados.values())
        abiertos = sum(n for estado, (n, _suma) in estados.items() if estado in PAGO_ABIERTO)
        cifras = {"hechos": entero(total - abiertos), "total": entero(total)}
        proponiendo = objeto.estado == _L.PROPONIENDO
        return Avance(
            # What went in a file waits for the bank, not for us.
            viva=objeto.a_medias
            or objeto.estado == _L.APROBADO
            or (objeto.estado == _L.EN_EJECUCION and not es_por_fichero(objeto.pasarela)),
            estado=objeto.estado,
            insignia=insignia(objeto.estado, objeto.get_estado_display()),
            dicho=_now("%(total)s pagos hasta ahora") % cifras
            if proponiendo
            else _now("%(hechos)s de %(total)s pagos con respuesta") % cifras,
            hechas=total - abiertos,
            # How many they will be is known at the end.
            total=0 if proponiendo else total,
            partes=[
                (
                    insignia(estado, etiqueta(EstadoPago, estado)),
                    entero(n),
                    importe(suma, objeto.moneda),
                )
                for estado, (n, suma) in sorted(estados.items())
            ],
        )

    @display(description=_("Lote"))
    def col_id(self, lote: LotePago) -> SafeString:
        """Short public id."""
        return id_corto(lote.id_publico)

    @display(description=_("Total"))
    def col_total(self, lote: LotePago) -> SafeString | str:
        """Sum of its payments when it was frozen, or proposed."""
        return importe(lote.total, lote.moneda)

    @display(description=_("Campaña"))
    def col_campana(self, lote: LotePago) -> SafeString | str:
        """Link to the campaign, or that it is every one."""
        return enlace(lote.campana) if lote.campana else _now("Todas")

    @display(description=_("Estado"))
    def col_estado(self, lote: LotePago) -> SafeString:
        """State as a badge."""
        return insignia(lote.estado, lote.get_estado_display())

    @display(description=_("Creado"))
    def col_creado(self, lote: LotePago) -> str:
        """Age."""
        return hace(lote.creado_en)

    @display(description=_("Preparado por"))
    def col_preparado_por(self, lote: LotePago) -> str:
        """Name of who proposed it."""
        return nombres_de_actores([lote.preparado_por])[lote.preparado_por]

    @display(description=_("Congelado por"))
    def col_congelado_por(self, lote: LotePago) -> str:
        """Name of who froze it."""
        return nombres_de_actores([lote.congelado_por])[lote.congelado_por]

    @display(description=_("Liberado por"))
    def col_liberado_por(self, lote: LotePago) -> str:
        """Name of who released it."""
        return nombres_de_actores([lote.liberado_por])[lote.liberado_por]


def _antecedentes(lote: LotePago) -> list[dict[str, Any]]:
    """What it pays for the second time, with who said that it had not arrived, and who agreed."""
    previos = antecedentes(lote)
    confirmo = confirmados_por(previos) if previos else {}
    nombres = nombres_de_actores({*(previo.por for previo in previos), *confirmo.values()})
    return [
        {
            "previo": previo,
            "dicho": _now("Estuvo en el fichero de %(lote)s") % {"lote": previo.lote},
            "por": nombres[previo.por],
            "confirmo": nombres.get(confirmo.get(previo.antes, ""), VACIO),
        }
        for previo in previos
    ]


def _por_estado(lote: LotePago) -> dict[str, tuple[int, Any]]:
    filas = lote.pagos.order_by().values("estado").annotate(n=Count("id"), suma=Sum("importe"))
    # SQLite adds decimals as binary fractions: right to the unit, not beyond.
    return {f["estado"]: (f["n"], visible(f["suma"], lote.moneda)) for f in filas}
