"""The withholding table: published, never changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.base import FormularioDeServicio, actor_de
from alpespartner.comun.admin.efecto import ConEfecto, Efecto
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import corto, enlace, importe, nombres_de_actores
from alpespartner.comun.formato import VACIO, con_moneda, entero
from alpespartner.comun.models import Propuesta
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.efecto import EfectoDeRetencion, Retenido, efecto_de_retencion
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.propuestas import proponer_retencion
from comisiones.retenciones.services import exigir_retencion, hoy


def _tipos() -> list[tuple[str, str]]:
    # One that nobody has would withhold nothing without saying so.
    tipos = Afiliado.objects.exclude(documento_tipo="").order_by("documento_tipo")
    return [("", "—"), *((t, t) for t in tipos.values_list("documento_tipo", flat=True).distinct())]


class RetencionForm(FormularioDeServicio):
    """A withholding to publish."""

    documento_tipo = forms.ChoiceField(
        label=_("Tipo de documento"),
        choices=_tipos,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Vacío, y sin afiliado: todos. Lo del afiliado va antes que lo de su tipo de "
            "documento, y eso antes que lo de todos. La de un solo afiliado vale ya; otra persona "
            "confirma las demás."
        ),
    )
    desde = forms.DateField(
        label=_("Desde"),
        initial=hoy,
        widget=UnfoldAdminDateWidget,
        help_text=_("Día (UTC) desde el que se retiene, en los pagos que se preparen."),
    )

    class Meta:
        model = RetencionFiscal
        fields = ("nombre", "porcentaje", "afiliado", "documento_tipo", "desde", "motivo")
        help_texts = {
            "nombre": _("Como sale en los documentos: IRPF, Retención en la fuente…"),
            "porcentaje": _("Del bruto de cada pago. 0 deja de retener, o exime a un afiliado."),
            "afiliado": _("Vacío: no es de uno solo."),
        }


@admin.register(RetencionFiscal)
class RetencionFiscalAdmin(ConEfecto):
    """Of one scope, the newest that has begun holds."""

    si_vacia = _("El impuesto que se retiene al pagar. Añade una con su fecha.")

    form = RetencionForm
    list_display = ("id_publico", "nombre", "col_porcentaje", "col_alcance", "desde", "motivo",
                    "publicada_en")  # fmt: skip
    exporta = (
        "retencion_id=id_publico", "nombre", "porcentaje", "afiliado", "documento_tipo", "desde",
        "motivo", "publicada_en",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (("afiliado", FiltroDeFila),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A published one shows what it says."""
        if obj is None:
            return ("nombre", "porcentaje", "afiliado", "documento_tipo", "desde", "motivo")
        return (("id_publico", "nombre"), ("col_porcentaje", "col_alcance"), "desde", "motivo",
                ("col_autor", "publicada_en"))  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("id_publico", "nombre", "col_porcentaje", "col_alcance", "desde", "motivo",
                "col_autor", "publicada_en")  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Payments name it as what was withheld."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> RetencionFiscal | Propuesta:
        return proponer_retencion(**datos, actor=actor_de(request))

    def efecto_de(self, request: HttpRequest, datos: dict[str, Any]) -> Efecto:
        """What it would have kept of what was paid, and would of what is owed."""
        de_quien = {campo: datos[campo] for campo in ("afiliado", "documento_tipo")}
        porcentaje, desde = datos["porcentaje"], datos["desde"]
        exigir_retencion(porcentaje=porcentaje, desde=desde, **de_quien)
        efecto = efecto_de_retencion(
            RetencionFiscal(porcentaje=porcentaje, desde=desde, **de_quien)
        )
        return Efecto(
            miradas=_miradas(efecto),
            filas=(
                *_filas(_now("De lo pagado"), efecto.pagados),
                (_now("Pagos que cambian"), "", entero(len(efecto.cambiados))),
                (
                    _now("Afiliados a los que cambia"),
                    "",
                    entero(len({p.afiliado for p in efecto.cambiados})),
                ),
                *_filas(_now("De lo aprobado que espera su pago"), efecto.debido),
            ),
            avisos=[_now("Hay más por pagar: solo se mira lo último.")] if efecto.debe_mas else (),
            columnas=(_now("Pago"), _now("Afiliado"), _now("Bruto"), _now("Retenido"),
                      _now("Con esta")),
            ejemplos=_ejemplos(efecto),
        )  # fmt: skip

    @display(description=_("Porcentaje"))
    def col_porcentaje(self, retencion: RetencionFiscal) -> str:
        """Without trailing zeros."""
        return f"{retencion.porcentaje_texto} %"

    @display(description=_("De quién"))
    def col_alcance(self, retencion: RetencionFiscal) -> str:
        """Whom it reaches."""
        if retencion.afiliado is not None:
            return str(retencion.afiliado)
        return retencion.documento_tipo or _now("todos")

    @display(description=_("Publicada por"))
    def col_autor(self, retencion: RetencionFiscal) -> str:
        """Who published it."""
        return nombres_de_actores([retencion.publicada_por])[retencion.publicada_por]


_EJEMPLOS = 5


def _miradas(efecto: EfectoDeRetencion) -> str:
    dicho = ngettext(
        "%(n)s pago, con lo que se retiene a quien esta no alcanza como estaba.",
        "%(n)s pagos, con lo que se retiene a quien esta no alcanza como estaba.",
        efecto.miradas,
    ) % {"n": entero(efecto.miradas)}
    if efecto.hay_mas:
        dicho += " " + _now("Hay más: solo se miran los últimos.")
    return dicho


def _filas(de_que: str, sumas: dict[str, Retenido]) -> list[tuple[str, str, str]]:
    """What is withheld in each currency, or that there is nothing to withhold of."""
    if not sumas:
        return [(de_que, VACIO, VACIO)]
    return [
        (
            _now("%(de_que)s: %(bruto)s")
            % {"de_que": de_que, "bruto": con_moneda(s.bruto, moneda)},
            con_moneda(s.ahora, moneda),
            con_moneda(s.con, moneda),
        )
        for moneda, s in sorted(sumas.items())
    ]


def _ejemplos(efecto: EfectoDeRetencion) -> list[tuple[object, ...]]:
    """The payments that change most."""
    suyos = efecto.cambiados[:_EJEMPLOS]
    afiliados = Afiliado.objects.in_bulk({p.afiliado for p in suyos})
    return [
        (
            enlace(Pago(pk=p.pk), corto(p.id_publico)),
            enlace(afiliados.get(p.afiliado)),
            importe(p.bruto, p.moneda),
            importe(p.retenido, p.moneda),
            importe(p.con, p.moneda),
        )
        for p in suyos
    ]
