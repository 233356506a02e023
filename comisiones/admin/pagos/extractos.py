"""Bank statements, what each of their lines did, and what is still expected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from alpespartner.comun.acceso import presencia
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.bandejas import Bandeja, Filas, filtro_de, que_esperan
from alpespartner.comun.admin.base import (
    AdminPorServicio,
    AdminSoloLectura,
    FormularioDeServicio,
    actor_de,
)
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, etiqueta, importe, insignia, marca
from alpespartner.comun.formato import entero
from alpespartner.comun.listas.pagina import pagina
from alpespartner.comun.vocabulario import Tono
from comisiones.pagos.conciliacion.avisos import PARA_UNA_PERSONA
from comisiones.pagos.conciliacion.importacion import (
    EXTRACTO,
    importar_extracto,
    proponer_extracto,
)
from comisiones.pagos.conciliacion.selectors import esperado, posicion
from comisiones.pagos.models import ExtractoBanco, LineaBanco, ResultadoLinea

_R = ResultadoLinea
_TONO: dict[str, Tono] = {
    _R.APLICADA: "bien", _R.YA_SABIDA: "info", _R.REPETIDA: "info", _R.PENDIENTE: "aviso",
    _R.DESCONOCIDA: "aviso", _R.IMPORTE_DISTINTO: "mal", _R.CONTRADICE: "mal", _R.DE_MAS: "mal",
    _R.COMPENSA: "aviso", _R.OTRA_CUENTA: "info", _R.ILEGIBLE: "mal",
}  # fmt: skip


class ExtractoForm(FormularioDeServicio):
    """A file to import."""

    fichero = forms.FileField(
        label=_("Fichero camt.053 o camt.054"), widget=UnfoldAdminFileFieldWidget
    )

    class Meta:
        model = ExtractoBanco
        fields = ()


@admin.register(ExtractoBanco)
class ExtractoBancoAdmin(AdminPorServicio, ConAcciones, ConAvance, ConAutor):
    """Statements, under what is expected and the cash position of each currency."""

    titulo = _("Conciliación")
    si_vacia = _("Importa el extracto del banco y cada pago sabrá si llegó.")

    form = ExtractoForm
    entidad = "extracto"
    acciones = (
        Accion(
            nombre="proponer",
            titulo=_("Proponer que se aplique"),
            permiso="comisiones.add_extractobanco",
            visible=lambda e: _espera(e),
            aplicar=lambda e, actor, motivo: proponer_extracto(
                extracto=e, actor=actor, motivo=motivo
            ),
            exito=_("Propuesto: se aplicará cuando lo confirme otra persona."),
            propone=EXTRACTO.nombre,
            motivo="obligatorio",
            ayuda=_("Devuelve dinero de pagos hechos, que se podrán pagar otra vez."),
            icono="group",
        ),
    )
    campo_autor = "importado_por"
    list_before_template = "admin/alpes/conciliacion.html"
    change_form_outer_after_template = "admin/alpes/extracto_banco.html"
    list_display = ("nombre", "movimientos", "col_avance", "creado_en", "col_autor")
    exporta = ("extracto_id=id_publico", "nombre", "movimientos", "importado_por", "creado_en")
    ordering = ("-id",)
    search_fields = ("=id_publico",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows what it is."""
        if obj is None:
            return ("fichero",)
        return ("id_publico", "nombre", "huella", "col_autor", "creado_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExtractoBanco]:
        """With what is left of each, but for its file."""
        todos = super().get_queryset(request)
        return todos.select_related("pendiente").defer(
            "pendiente__contenido_cifrado", "pendiente__vueltas"
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the bank said is not edited."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> ExtractoBanco:
        fichero = datos["fichero"]
        return importar_extracto(
            contenido=fichero.read(), nombre=fichero.name, actor=actor_de(request)
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Whoever will be asked to confirm that it is them is asked before they choose a file."""
        presencia.exigir(actor_de(request))
        return super().add_view(request, form_url, extra_context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the reconciliation above it."""
        respuesta = super().changelist_view(request, {"title": _("Conciliación")})
        if isinstance(respuesta, TemplateResponse) and respuesta.context_data:
            respuesta.context_data |= {
                "avisos_por_mirar": ",".join(PARA_UNA_PERSONA),
                "esperado": [
                    {
                        "pasarela": e.pasarela,
                        "insignia": insignia(e.estado, e.etiqueta),
                        "n": e.n,
                        "importe": importe(e.importe, e.moneda),
                        "desde": e.desde,
                        "tarde": e.tarde,
                    }
                    for e in esperado()
                ],
                "posicion": [
                    {
                        "moneda": p.moneda,
                        "debido": importe(p.debido, p.moneda),
                        "en_curso": importe(p.en_curso, p.moneda),
                        "salido": importe(p.salido, p.moneda),
                        "retenido": importe(p.retenido, p.moneda),
                    }
                    for p in posicion()
                ],
            }
        return respuesta

    @display(description=_("Importado por"))
    def col_autor(self, extracto: ExtractoBanco) -> str:
        """Name of who imported it."""
        return self.nombre_de_autor(extracto)

    @display(description=_("Estado"))
    def col_avance(self, extracto: ExtractoBanco) -> SafeString:
        """Whether lines are left to apply."""
        return _estado(extracto)

    def avance_de(self, objeto: Any) -> Avance:
        """Lines that were applied, of those it has."""
        pendiente = getattr(objeto, "pendiente", None)
        hechas = objeto.lineas.count()
        error = pendiente.ultimo_error if pendiente else ""
        return Avance(
            viva=pendiente is not None and not pendiente.por_confirmar,
            estado="por_aplicar" if pendiente else "aplicado",
            insignia=_estado(objeto),
            dicho=_now("Líneas: %(hechas)s de %(total)s")
            % {"hechas": entero(hechas), "total": entero(objeto.movimientos)},
            hechas=hechas,
            total=objeto.movimientos,
            problema=_now("Se detuvo (%(error)s): se intenta otra vez cada pocos segundos.")
            % {"error": error}
            if error
            else "",
        )

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """How many lines had each outcome: together they are all of them."""
        lineas = reverse("admin:comisiones_lineabanco_changelist")
        por_resultado = objeto.lineas.values_list("resultado").annotate(n=Count("pk"))
        return {
            "cuantas": [
                {
                    "insignia": marca(_TONO.get(resultado, "mal"), etiqueta(_R, resultado)),
                    "n": entero(n),
                    "url": f"{lineas}?extracto__id__exact={objeto.pk}&resultado__exact={resultado}",
                }
                for resultado, n in por_resultado.order_by("resultado")
            ]
        }


def _espera(extracto: ExtractoBanco) -> bool:
    """Whether another person has to confirm it."""
    pendiente = getattr(extracto, "pendiente", None)
    return pendiente is not None and pendiente.por_confirmar


def _estado(extracto: ExtractoBanco) -> SafeString:
    if getattr(extracto, "pendiente", None) is None:
        return marca("bien", _now("Aplicado"))
    if _espera(extracto):
        return marca("aviso", _now("Por confirmar"))
    return marca("info", _now("Aplicándose"))


# Results that nothing else will settle.
DIFERENCIAS = (_R.DESCONOCIDA, _R.IMPORTE_DISTINTO, _R.CONTRADICE, _R.DE_MAS, _R.ILEGIBLE)
# The days for which what a bank or a gateway said is still news.
DIAS_DE_NOTICIA = 7
_EXTRACTOS = 20


def _lineas_por_mirar(_request: HttpRequest) -> Filas:
    """Lines with a difference of the statements of these days."""
    desde = timezone.now() - timedelta(days=DIAS_DE_NOTICIA)
    ultimos = pagina(ExtractoBanco.objects.order_by("-id"), _EXTRACTOS).filas
    extractos = [e.pk for e in ultimos if (e.creado_en or desde) >= desde]
    lineas = LineaBanco.objects.filter(extracto__in=extractos, resultado__in=DIFERENCIAS)
    return que_esperan(lineas.select_related("extracto").order_by("id"), lambda _linea: True)


LINEAS_POR_MIRAR = Bandeja(
    "por_mirar", _("Con diferencias, de los últimos 7 días"), LineaBanco, _lineas_por_mirar
)


class FiltroDeExtracto(FiltroDeFila):
    """By statement, called so in each language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("extracto")


@admin.register(LineaBanco)
class LineaBancoAdmin(AdminSoloLectura):
    """Each line of each statement; those with a difference are the ones to look at."""

    list_display = (
        "referencia", "col_importe", "col_cargos", "fecha", "col_resultado", "col_pago",
        "col_extracto", "detalle",
    )  # fmt: skip
    exporta = (
        "extracto", "numero", "referencia", "referencia_banco", "fecha", "importe", "cargos",
        "moneda", "resultado", "pago", "detalle",
    )  # fmt: skip
    list_select_related = ("extracto", "pago")
    list_filter = (
        filtro_de(LINEAS_POR_MIRAR), ("resultado", ChoicesDropdownFilter),
        ("extracto", FiltroDeExtracto),
    )  # fmt: skip
    ordering = ("-id",)
    fields = (
        "col_extracto", "numero", "referencia", "referencia_banco", "fecha", "col_importe",
        "col_cargos", "col_resultado", "col_pago", "detalle",
    )  # fmt: skip
    readonly_fields = ("col_importe", "col_cargos", "col_resultado", "col_pago", "col_extracto")

    @display(description=_("Extracto"))
    def col_extracto(self, linea: LineaBanco) -> SafeString | str:
        """Link to its statement."""
        return enlace(linea.extracto)

    @display(description=_("Importe"))
    def col_importe(self, linea: LineaBanco) -> SafeString | str:
        """Signed amount."""
        return importe(linea.importe, linea.moneda)

    @display(description=_("Cargos"))
    def col_cargos(self, linea: LineaBanco) -> SafeString | str:
        """What the bank charged for it."""
        return importe(linea.cargos, linea.moneda)

    @display(description=_("Resultado"))
    def col_resultado(self, linea: LineaBanco) -> SafeString:
        """What it did, as a badge."""
        return marca(_TONO.get(linea.resultado, "mal"), linea.get_resultado_display())

    @display(description=_("Pago"))
    def col_pago(self, linea: LineaBanco) -> SafeString | str:
        """Link to the payment that it is about."""
        return enlace(linea.pago)
