"""Bank statements, what each of their lines did, and what is still expected."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
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
from alpespartner.comun.admin.bandejas import TOPE, Bandeja, Filas, filtro_de
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
from comisiones.admin.pagos.palabras import nombre_de_pasarela
from comisiones.pagos.conciliacion.avisos import PARA_UNA_PERSONA
from comisiones.pagos.conciliacion.importacion import (
    EXTRACTO,
    importar_extracto,
    proponer_extracto,
)
from comisiones.pagos.conciliacion.selectors import esperado, posicion
from comisiones.pagos.conciliacion.vistas import (
    DIFERENCIAS,
    ENTIDAD,
    dar_por_vista,
    dar_por_vistas,
    id_de,
    volver_a_mirar,
)
from comisiones.pagos.models import ExtractoBanco, LineaBanco, LineaPorMirar, ResultadoLinea

_R = ResultadoLinea
MIRAR = "comisiones.add_extractobanco"
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
        Accion(
            nombre="dar_por_vistas",
            titulo=_("Dar por vistas sus líneas"),
            permiso=MIRAR,
            visible=lambda e: LineaPorMirar.objects.filter(linea__extracto=e).exists(),
            aplicar=lambda e, actor, motivo: dar_por_vistas(extracto=e, actor=actor, motivo=motivo),
            exito=_("Las líneas de %(objeto)s ya no esperan a nadie."),
            motivo="obligatorio",
            ayuda=_("Las que tienen diferencias y nadie miró: dejan de contar como por mirar."),
            icono="check_circle",
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
                        "pasarela": nombre_de_pasarela(e.pasarela),
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


def _por_mirar(linea: LineaBanco) -> bool:
    """Whether somebody has to look at it."""
    return hasattr(linea, "por_mirar")


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


def _lineas_por_mirar(_request: HttpRequest) -> Filas:
    """Lines with a difference that nobody said that they looked at, the oldest first."""
    esperan = pagina(LineaPorMirar.objects.order_by("id"), TOPE)
    lineas = LineaBanco.objects.select_related("extracto").in_bulk(
        [espera.linea_id for espera in esperan.filas]
    )
    return [lineas[e.linea_id] for e in esperan.filas], esperan.siguiente is not None


LINEAS_POR_MIRAR = Bandeja(
    "por_mirar", _("Con diferencias, sin mirar"), LineaBanco, _lineas_por_mirar
)


class FiltroDeExtracto(FiltroDeFila):
    """By statement, called so in each language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("extracto")


@admin.register(LineaBanco)
class LineaBancoAdmin(AdminSoloLectura, ConAcciones):
    """Each line of each statement; those with a difference wait until somebody looks at them."""

    entidad = ENTIDAD
    acciones = (
        Accion(
            nombre="dar_por_vista",
            titulo=_("Dar por vista"),
            permiso=MIRAR,
            visible=lambda linea: _por_mirar(linea),
            aplicar=lambda linea, actor, motivo: dar_por_vista(
                linea=linea, actor=actor, motivo=motivo
            ),
            exito=_("La línea ya no espera a nadie."),
            motivo="obligatorio",
            ayuda=_("No cambia ningún pago: di qué era, o qué se hizo."),
            icono="check_circle",
            tono="principal",
        ),
        Accion(
            nombre="volver_a_mirar",
            titulo=_("Volver a mirar"),
            permiso=MIRAR,
            visible=lambda linea: linea.resultado in DIFERENCIAS and not _por_mirar(linea),
            aplicar=lambda linea, actor, motivo: volver_a_mirar(
                linea=linea, actor=actor, motivo=motivo
            ),
            exito=_("La línea vuelve a estar por mirar."),
            motivo="obligatorio",
            ayuda=_("Espera otra vez a que alguien la mire."),
            icono="replay",
        ),
    )
    atajos = ("dar_por_vista",)
    list_display = (
        "referencia", "col_importe", "col_cargos", "fecha", "col_resultado", "col_pago",
        "col_extracto", "detalle",
    )  # fmt: skip
    exporta = (
        "extracto", "numero", "referencia", "referencia_banco", "fecha", "importe", "cargos",
        "moneda", "resultado", "pago", "detalle",
    )  # fmt: skip
    list_select_related = ("extracto", "pago", "por_mirar")
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

    def id_historial(self, objeto: Any) -> str:
        return id_de(objeto)

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
