"""Bulk decisions: what was selected, confirmed by whoever saw it, how far it is, what it left."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import dos_lineas, enlace, etiqueta, importe, insignia
from alpespartner.comun.dinero import sin_signo
from alpespartner.comun.formato import VACIO, entero
from comisiones.revision.en_masa import (
    LIMITE,
    PERMISOS,
    confirmar_decision,
    detener_decision,
    quien_no_confirma,
)
from comisiones.revision.estados import (
    DECISION,
    REMEDIOS,
    SIN_APARTAR,
    AccionEnMasa,
    EstadoDecision,
    Resultado,
)
from comisiones.revision.models import DecisionEnMasa, LineaEnMasa
from conversiones.ventas.motivos import MotivoDecision

_A = AccionEnMasa
_E = EstadoDecision
# Of those set aside, the page of the decision shows the first ones.
MUESTRA = 50


def _confirmar(accion: AccionEnMasa, **opciones: Any) -> Accion:
    """The button that confirms a decision of one kind: each has its own permission."""
    return Accion(
        nombre=accion.value,
        permiso=PERMISOS[accion],
        visible=lambda d: d.estado == _E.POR_CONFIRMAR and d.accion == accion,
        impedimento=quien_no_confirma,
        aplicar=lambda d, actor, motivo, **codigo: confirmar_decision(
            decision=d, actor=actor, motivo=motivo, **codigo
        ),
        suelta=True,
        **opciones,
    )


@admin.register(DecisionEnMasa)
class DecisionEnMasaAdmin(AdminSoloLectura, ConAutor, ConAvance, ConAcciones):
    """Who decided what, when and about how many; anybody of the staff may look."""

    si_vacia = _(
        "Elige comisiones en la cola de revisión y decide sobre todas a la vez: cada decisión"
        " queda aquí con su resultado."
    )

    entidad = "decision"
    campo_autor = "creada_por"
    estados = dict(_E.choices)
    motivos = dict(MotivoDecision.choices)
    acciones = (
        _confirmar(
            _A.APROBAR,
            titulo=_("Aprobar"),
            exito=_("%(objeto)s: se están aprobando."),
            motivo="opcional",
            ayuda=_("Se les debe a los afiliados desde este momento."),
            icono="check_circle",
            tono="principal",
        ),
        _confirmar(
            _A.RECHAZAR,
            titulo=_("Rechazar"),
            exito=_("%(objeto)s: se están rechazando."),
            motivo="obligatorio",
            codigos=MotivoDecision.choices,
            campos=("motivo_codigo",),
            ayuda=_("Es definitivo. El afiliado lee el motivo en su resumen."),
            icono="cancel",
            tono="peligro",
        ),
        _confirmar(
            _A.RETENER,
            titulo=_("Retener"),
            exito=_("%(objeto)s: se están reteniendo."),
            motivo="obligatorio",
            codigos=MotivoDecision.choices,
            campos=("motivo_codigo",),
            ayuda=_("Esperan hasta que alguien las libere."),
            icono="pause_circle",
            tono="principal",
        ),
        Accion(
            nombre="detener",
            titulo=_("Detener"),
            permiso=PERMISOS[_A.RETENER],
            visible=lambda d: DECISION.permite(d.estado, _E.DETENIDA),
            aplicar=lambda d, actor, motivo: detener_decision(
                decision=d, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó detenida."),
            motivo="obligatorio",
            ayuda=_("Lo decidido queda decidido; lo demás queda como está."),
            icono="pause_circle",
        ),
    )
    change_form_outer_after_template = "admin/alpes/decision.html"
    list_display = ("col_id", "col_que", "col_alcance", "col_autor", "creada_en", "col_cuantas",
                    "col_estado")  # fmt: skip
    list_select_related = ("fichero",)
    exporta = (
        "decision_id=id_publico", "accion", "alcance", "motivo", "total", "hechas", "ya",
        "apartadas", "estado", "creada_por", "creada_en", "confirmada_en",
    )  # fmt: skip
    list_filter = (("estado", ChoicesDropdownFilter),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    fields = (
        ("col_que", "col_alcance"),
        ("col_autor", "col_motivo"),
        ("creada_en", "confirmada_en"),
    )
    readonly_fields = ("col_que", "col_alcance", "col_autor", "creada_en", "confirmada_en",
                       "col_motivo")  # fmt: skip

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it was about, and what came of it."""
        return {
            "limite": entero(LIMITE),
            "sumas": sumas_de(objeto),
            "por_confirmar": objeto.estado == _E.POR_CONFIRMAR,
            "titulo": _titulo(objeto),
            "titulo_boton": _boton(objeto),
            "url_cola": reverse("admin:comisiones_comision_changelist"),
            **_lo_que_resulto(objeto),
        }

    def avance_de(self, objeto: Any) -> Avance:
        """Commissions gone over, of those selected."""
        vistas = objeto.hechas + objeto.ya + objeto.apartadas
        return Avance(
            viva=objeto.estado == _E.EN_CURSO,
            estado=objeto.estado,
            insignia=insignia(objeto.estado, objeto.get_estado_display()),
            dicho=_cuentas(objeto),
            hechas=vistas,
            total=max(objeto.total, vistas),
        )

    @display(description=_("Identificador"))
    def col_id(self, decision: DecisionEnMasa) -> str:
        """Public id."""
        return decision.id_publico

    @display(description=_("Decisión"))
    def col_que(self, decision: DecisionEnMasa) -> str:
        """What it does."""
        return etiqueta(AccionEnMasa, decision.accion)

    @display(description=_("Qué se eligió"))
    def col_alcance(self, decision: DecisionEnMasa) -> str:
        """What was selected; the names of a filter are as they were called then."""
        if decision.fichero is not None:
            return _now("Fichero %(nombre)s") % {"nombre": decision.fichero.nombre}
        return _now(decision.alcance) if decision.alcance else VACIO

    @display(description=_("Decidida por"))
    def col_autor(self, decision: DecisionEnMasa) -> str:
        """Who selected and confirmed it."""
        return self.nombre_de_autor(decision)

    @display(description=_("Motivo"))
    def col_motivo(self, decision: DecisionEnMasa) -> str:
        """Why, in words."""
        codigo = str(decision.get_motivo_codigo_display())
        return ": ".join(filter(None, (codigo, decision.motivo))) or VACIO

    @display(description=_("Comisiones"))
    def col_cuantas(self, decision: DecisionEnMasa) -> str:
        """How many, and what became of them."""
        if decision.estado == _E.POR_CONFIRMAR:
            return entero(decision.total)
        return _cuentas(decision)

    @display(description=_("Estado"))
    def col_estado(self, decision: DecisionEnMasa) -> SafeString:
        """State as a badge."""
        return insignia(decision.estado, decision.get_estado_display())


def _titulo(decision: DecisionEnMasa) -> str:
    n = decision.total
    if decision.accion == _A.APROBAR:
        dicho = ngettext("Vas a aprobar %(n)s comisión", "Vas a aprobar %(n)s comisiones", n)
    elif decision.accion == _A.RECHAZAR:
        dicho = ngettext("Vas a rechazar %(n)s comisión", "Vas a rechazar %(n)s comisiones", n)
    elif decision.accion == _A.CORREGIR:
        dicho = ngettext("Vas a corregir %(n)s venta", "Vas a corregir %(n)s ventas", n)
    else:
        dicho = ngettext("Vas a retener %(n)s comisión", "Vas a retener %(n)s comisiones", n)
    return dicho % {"n": entero(n)}


def _boton(decision: DecisionEnMasa) -> str:
    """The confirmation says again how many: it is read last."""
    n = decision.total
    if decision.accion == _A.APROBAR:
        dicho = ngettext("Aprobar %(n)s comisión", "Aprobar %(n)s comisiones", n)
    elif decision.accion == _A.RECHAZAR:
        dicho = ngettext("Rechazar %(n)s comisión", "Rechazar %(n)s comisiones", n)
    else:
        dicho = ngettext("Retener %(n)s comisión", "Retener %(n)s comisiones", n)
    return dicho % {"n": entero(n)}


def _cuentas(decision: DecisionEnMasa) -> str:
    if decision.estado == _E.POR_CONFIRMAR:
        return _now("Nada se decide hasta que se confirme.")
    partes = [
        _now("%(hechas)s de %(total)s decididas")
        % {"hechas": entero(decision.hechas), "total": entero(decision.total)}
    ]
    if ya := decision.ya:
        dicho = ngettext("%(n)s ya lo estaba", "%(n)s ya lo estaban", ya)
        partes.append(dicho % {"n": entero(ya)})
    if apartadas := decision.apartadas:
        dicho = ngettext("%(n)s apartada", "%(n)s apartadas", apartadas)
        partes.append(dicho % {"n": entero(apartadas)})
    return " · ".join(partes)


def sumas_de(decision: DecisionEnMasa) -> list[tuple[str, SafeString | str]]:
    """How many of each currency are in review, and their sum."""
    sumas = []
    for moneda, valor in decision.sumas.items():
        try:
            n, suma = valor
            sumas.append((entero(int(n)), importe(Decimal(suma), str(moneda))))
        except (TypeError, ValueError, InvalidOperation):
            # No service wrote it.
            sumas.append((str(valor), str(moneda)))
    return sumas


def cambio_de(linea: LineaEnMasa) -> SafeString | str:
    """What correcting a sale changes of its commissions."""
    return importe(None if linea.quita is None else sin_signo(-linea.quita), linea.moneda)


def _lo_que_resulto(decision: DecisionEnMasa) -> dict[str, Any]:
    """Lines by what became of them, those set aside with what to do about each cause."""
    if decision.estado == _E.POR_CONFIRMAR:
        return {}
    lista = reverse("admin:comisiones_lineaenmasa_changelist")
    por_resultado = (
        decision.lineas.exclude(resultado=Resultado.POR_HACER)
        .values_list("resultado")
        .annotate(n=Count("pk"))
        .order_by("resultado")
    )
    grupos = [
        {
            "que": etiqueta(Resultado, resultado),
            "n": entero(n),
            "remedio": REMEDIOS.get(resultado, ""),
            "url": f"{lista}?decision__id__exact={decision.pk}&resultado={resultado}",
        }
        for resultado, n in por_resultado
    ]
    apartadas = (
        decision.lineas.exclude(resultado__in=SIN_APARTAR)
        .select_related("comision")
        .order_by("resultado", "pk")
    )
    return {
        "hechas": entero(decision.hechas),
        "ya": entero(decision.ya),
        "n_apartadas": entero(decision.apartadas),
        "grupos": grupos,
        "apartadas": [
            {
                "comision": enlace(linea.comision),
                "que": etiqueta(Resultado, linea.resultado),
                "detalle": linea.detalle,
            }
            for linea in apartadas[:MUESTRA]
        ],
        "url_lineas": f"{lista}?decision__id__exact={decision.pk}",
    }


class FiltroResultado(DropdownFilter):
    """Of the lines of one decision: of all of them there are too many to look for a result."""

    title = _("resultado")
    parameter_name = "resultado"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return Resultado.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Resultado.values and "decision__id__exact" in request.GET:
            return queryset.filter(resultado=self.value())
        return queryset


@admin.register(LineaEnMasa)
class LineaEnMasaAdmin(AdminSoloLectura):
    """What each commission of a decision was when it was confirmed, and what became of it."""

    list_display = ("col_comision", "col_decision", "col_monto", "col_correccion", "col_estaba",
                    "col_resultado", "detalle")  # fmt: skip
    exporta = ("decision", "comision", "monto", "moneda", "valor", "valor_nuevo", "quita",
               "estaba", "resultado", "detalle")  # fmt: skip
    list_display_links = None
    list_select_related = ("comision", "decision")
    list_filter = (("decision", FiltroDeFila), FiltroResultado)
    # The index backwards.
    ordering = ("-decision_id", "-resultado", "-id")
    fields = ("col_decision", "col_comision", "col_monto", "col_correccion", "col_estaba",
              "col_resultado", "detalle")  # fmt: skip
    readonly_fields = fields

    @display(description=_("Comisión"))
    def col_comision(self, linea: LineaEnMasa) -> SafeString | str:
        """Link to the commission."""
        return enlace(linea.comision)

    @display(description=_("Decisión"))
    def col_decision(self, linea: LineaEnMasa) -> SafeString | str:
        """Link to the decision."""
        return enlace(linea.decision)

    @display(description=_("Monto confirmado"))
    def col_monto(self, linea: LineaEnMasa) -> SafeString | str:
        """What it paid then."""
        return importe(linea.monto, linea.moneda)

    @display(description=_("Corrección"))
    def col_correccion(self, linea: LineaEnMasa) -> SafeString | str:
        """What its sale was worth and is to be, and what that changes."""
        if linea.valor is None or linea.valor_nuevo is None:
            return VACIO
        de_a = format_html(
            "{} → {}", importe(linea.valor, linea.moneda), importe(linea.valor_nuevo, linea.moneda)
        )
        return dos_lineas(de_a, cambio_de(linea))

    @display(description=_("Estaba"))
    def col_estaba(self, linea: LineaEnMasa) -> SafeString:
        """Its state then."""
        return insignia(linea.estaba, linea.get_estaba_display())

    @display(description=_("Resultado"))
    def col_resultado(self, linea: LineaEnMasa) -> str:
        """What became of it."""
        return etiqueta(Resultado, linea.resultado)
