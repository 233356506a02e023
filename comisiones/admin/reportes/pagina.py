"""Reports that are kept: their form, how one looks now, and what was sent of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.base import FormularioDeServicio, actor_de
from alpespartner.comun.admin.efecto import ConEfecto, Efecto
from alpespartner.comun.admin.fichas import Bloque, lista_de
from alpespartner.comun.admin.formato import enlace, marca
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import VACIO, entero, fecha_y_hora, fecha_y_hora_en
from comisiones.admin.reportes.tablas import TITULOS, de_diferencias, de_lineas
from comisiones.metricas.informe import FIGURAS
from comisiones.reportes import documento
from comisiones.reportes.envio import enviar_ahora
from comisiones.reportes.models import EnvioReporte, Reporte
from comisiones.reportes.periodos import ultimo
from comisiones.reportes.selectors import admisibles, visibles
from comisiones.reportes.services import (
    DE_OTROS,
    cambiar_reporte,
    guardar_reporte,
    retirar_reporte,
)

PROGRAMAR = "comisiones.programar_reporte"
_ENVIOS = 12
_DE_ENTRADA = ["conversiones", "valor", "devuelto", "comision_neta"]
_CAMPOS = (
    "nombre", ("agrupar", "periodo"), ("campana", "afiliado"), ("canal", "moneda"), "columnas",
    "zona",
)  # fmt: skip


class ReporteForm(FormularioDeServicio):
    """What a report is."""

    columnas = forms.MultipleChoiceField(
        label=_("Columnas"),
        choices=[(columna, TITULOS[columna]) for columna in FIGURAS],
        initial=_DE_ENTRADA,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Reporte
        fields = (
            "nombre", "agrupar", "periodo", "campana", "afiliado", "canal", "moneda", "columnas",
            "zona", "hora", "compartido", "programado", "destinatarios",
        )  # fmt: skip
        help_texts = {
            "campana": _("Vacío: de todas."),
            "afiliado": _("Vacío: de todos."),
            "canal": _("Como lo dicen las ventas. Vacío: de todos."),
            "moneda": _("Vacío: de todas; nunca se suman entre sí."),
            "zona": _("En ella se acaba el periodo, y es la hora a la que se envía."),
            "hora": _("De 0 a 23. El día siguiente al último del periodo."),
            "compartido": _("Lo ve el resto del personal."),
            "destinatarios": _("Personas con correo que pueden ver las cifras."),
        }


class FiltroSituacion(DropdownFilter):
    """In use or retired."""

    title = _("situación")
    parameter_name = "situacion"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("en_uso", _("En uso")), ("retirado", _("Retirados"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "en_uso":
            return queryset.filter(retirado_en=None)
        if self.value() == "retirado":
            return queryset.filter(retirado_en__isnull=False)
        return queryset


def _en_uso(reporte: Reporte) -> bool:
    return reporte.retirado_en is None


@admin.register(Reporte)
class ReporteAdmin(ConEfecto, ConAcciones, ConAutor):
    """One's own reports and the shared ones."""

    si_vacia = _("Guarda qué cifras quieres ver, y que el reloj las envíe cada periodo.")

    form = ReporteForm
    entidad = "reporte"
    campo_autor = "creado_por"
    acciones = (
        Accion(
            nombre="enviar",
            titulo=_("Enviar ahora"),
            permiso=PROGRAMAR,
            visible=_en_uso,
            aplicar=lambda r, actor, _m: enviar_ahora(reporte=r, actor=actor),
            exito=_("«%(objeto)s» sale por correo."),
            ayuda=_(
                "Va el último periodo terminado. Queda guardado como se envía: si ya se envió, "
                "sale otra vez lo mismo."
            ),
            icono="send",
            tono="principal",
        ),
        Accion(
            nombre="retirar",
            titulo=_("Retirar"),
            permiso="comisiones.change_reporte",
            visible=_en_uso,
            aplicar=lambda r, actor, _m: retirar_reporte(reporte=r, actor=actor),
            exito=_("«%(objeto)s» quedó retirado."),
            ayuda=_("No se envía más. Lo que se envió se queda."),
            icono="block",
            tono="peligro",
        ),
    )
    change_form_after_template = "admin/alpes/reporte_previa.html"
    change_form_outer_after_template = "admin/alpes/reporte.html"
    list_display = ("nombre", "agrupar", "periodo", "col_de", "col_envio", "col_autor")
    exporta = (
        "reporte_id=id_publico", "nombre", "agrupar", "periodo", "campana", "afiliado", "canal",
        "moneda", "zona", "hora", "programado", "toca_en", "creado_en", "retirado_en",
    )  # fmt: skip
    list_select_related = ("campana", "afiliado")
    list_filter = (FiltroSituacion, ("periodo", ChoicesDropdownFilter))
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana", "afiliado")
    readonly_fields = ("col_envio", "col_autor")
    warn_unsaved_form = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reporte]:
        """One's own and the shared ones; all of them for who administers."""
        suyos = super().get_queryset(request)
        if request.user.is_superuser:
            return suyos
        return suyos.filter(visibles(actor_de(request)))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With whom it goes to, for who may send it to others."""
        campos: tuple[Any, ...] = _CAMPOS
        if request.user.has_perm(PROGRAMAR) or not self._se_cambia(request, obj):
            campos = (*campos, "hora", "compartido", "programado", "destinatarios")
        return campos if obj is None else (*campos, ("col_envio", "col_autor"))

    def _se_cambia(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whose it is, while it is in use; one that goes to others, by who may send it."""
        puede = super().has_change_permission(request, obj)
        if obj is None or not puede:
            return puede
        de_otros = obj.programado or obj.compartido
        return bool(
            obj.creado_por == str(actor_de(request))
            and obj.retirado_en is None
            and (not de_otros or request.user.has_perm(PROGRAMAR))
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes, of who may be sent figures."""
        kwargs["queryset"] = admisibles().filter(is_active=True).order_by("username")
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, *args: Any, **kwargs: Any) -> None:
        """The service wrote it all."""

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Reporte:
        return guardar_reporte(**_permitidos(request, datos), actor=actor_de(request))

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Reporte:
        cambios = _permitidos(request, cambios)
        return cambiar_reporte(reporte=objeto, cambios=cambios, actor=actor_de(request))

    def efecto_de(self, request: HttpRequest, datos: dict[str, Any]) -> Efecto:
        """How the last period would look."""
        datos.pop("destinatarios", None)
        bloque = de_lineas(*_previa(Reporte(**datos)))
        return Efecto(
            miradas=bloque.titulo,
            filas=(),
            avisos=[bloque.nota] if bloque.nota else (),
            columnas=[titulo for titulo, _es_numero in bloque.columnas],
            ejemplos=bloque.filas,
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page; of a saved one, with how it looks now and what was sent."""
        reporte = context.get("original")
        if reporte is not None:
            context["bloques"] = list(_bloques(reporte))
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("De qué"))
    def col_de(self, reporte: Reporte) -> str:
        """What it is limited to."""
        de = (reporte.campana, reporte.afiliado, reporte.canal, reporte.moneda)
        return " · ".join(str(uno) for uno in de if uno) or _now("Todo el programa")

    @display(description=_("Envío"))
    def col_envio(self, reporte: Reporte) -> SafeString | str:
        """When the next one is due, or why the last one was not sent."""
        if reporte.retirado_en is not None:
            return marca("neutro", _now("Retirado"))
        if reporte.problema:
            return marca("mal", _now("No salió: %(que)s") % {"que": reporte.problema})
        if reporte.toca_en is None:
            return _now("Solo a mano")
        return marca("bien", fecha_y_hora_en(reporte.toca_en, reporte.zona))

    @display(description=_("De quién"))
    def col_autor(self, reporte: Reporte) -> str:
        """Who keeps it."""
        nombre = self.nombre_de_autor(reporte)
        return f"{nombre} ({_now('compartido')})" if reporte.compartido else nombre


def _permitidos(request: HttpRequest, datos: dict[str, Any]) -> dict[str, Any]:
    """What a person may set: the form has no box of the rest."""
    if request.user.has_perm(PROGRAMAR):
        return datos
    return {campo: valor for campo, valor in datos.items() if campo not in DE_OTROS}


def _previa(reporte: Reporte) -> tuple[dict[str, Any], str]:
    """Its last period as it is now, without what changed of others, and its title."""
    desde, hasta = ultimo(reporte.periodo, reporte.zona, timezone.now())
    que = documento.de_reporte(reporte)
    titulo = _now("Así es ahora: del %(desde)s al %(hasta)s") % {"desde": desde, "hasta": hasta}
    return {"pedido": que, **documento.leer(que, desde, hasta)}, titulo


def _bloques(reporte: Reporte) -> Any:
    """How it looks now, what changed of what was sent, and the last sendings."""
    try:
        yield de_lineas(*_previa(reporte))
        cambiadas = list(documento.diferencias(reporte))
        yield de_diferencias(
            {"diferencias": cambiadas},
            _now("Lo que dirá el próximo de lo ya enviado"),
            _now("Nada de lo enviado ha cambiado."),
        )
    except ErrorDominio as exc:
        yield Bloque(_now("Así es ahora"), (), (), vacio=exc.mensaje)
    except (ValueError, KeyError, TypeError):
        # No service wrote it.
        yield Bloque(_now("Así es ahora"), (), (), vacio=_now("Este reporte no se puede leer."))
    envios = list(reporte.envios.defer("documento").order_by("-id")[:_ENVIOS])
    yield Bloque(
        _now("Lo enviado"),
        (
            (_now("Periodo"), False), (_now("Enviado"), False), (_now("Líneas"), True),
            (_now("Diferencias"), True), ("SHA-256", False), (_now("Fichero"), False),
        ),
        [
            (
                enlace(envio), fecha_y_hora(envio.enviado_en), entero(envio.lineas),
                entero(envio.diferencias), envio.huella[:12] or VACIO, _fichero(envio),
            )
            for envio in envios
        ],
        lista_de(EnvioReporte, f"reporte__id__exact={reporte.pk}") if envios else "",
        _now("Todavía no se ha enviado."),
    )  # fmt: skip


def _fichero(envio: EnvioReporte) -> SafeString:
    url = reverse("admin:comisiones_envioreporte_csv", args=[envio.pk])
    return format_html('<a class="ap-enlace" href="{}">CSV</a>', url)
