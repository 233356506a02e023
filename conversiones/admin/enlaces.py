"""Pages of links, coupons and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion
from alpespartner.comun.admin.base import AdminSoloLectura, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.fichas import ConFicha
from alpespartner.comun.admin.formato import enlace as enlazar
from alpespartner.comun.admin.formato import id_corto, insignia, marca
from alpespartner.comun.formato import fecha_y_hora
from conversiones.rastreo import services
from conversiones.rastreo.estados import CUPON, ENLACE, EstadoDeCodigo
from conversiones.rastreo.models import Clic, Cupon, Enlace
from conversiones.rastreo.selectors import ids_de_cupones, ids_de_enlaces, url_de

_RETIRADO = EstadoDeCodigo.RETIRADO


class EnlaceForm(FormularioDeServicio):
    """A new link."""

    class Meta:
        model = Enlace
        fields = ("afiliado", "campana", "codigo", "destino")
        help_texts = {
            "codigo": _("Vacío: uno al azar. Queda para siempre: no se usa otra vez."),
            "destino": _("Vacío: la página de la campaña."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "codigo" in self.fields:
            self.fields["codigo"].required = False


class CuponForm(FormularioDeServicio):
    """A new coupon."""

    class Meta:
        model = Cupon
        fields = ("afiliado", "codigo", "campana")
        help_texts = {
            "codigo": _("Da igual en mayúsculas o minúsculas."),
            "campana": _("Vacía: vale en todas."),
        }


class _DeCodigo(ConFicha):
    """What links and coupons share: they are made and retired, never edited."""

    estados = dict(EstadoDeCodigo.choices)
    list_select_related = ("afiliado", "campana")
    list_filter = (
        ("estado", ChoicesDropdownFilter), ("afiliado", FiltroDeFila), ("campana", FiltroDeFila),
    )  # fmt: skip
    search_fields = ("id_publico",)
    search_help_text = _("Parte del código, o identificador")
    ordering = ("-id",)
    autocomplete_fields = ("afiliado", "campana")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It stands printed somewhere as it is: make another one instead."""
        return False

    def datos_de(self, objeto: Any) -> Sequence[tuple[Any, Any]]:
        """Whose it is, where, and since when."""
        datos: list[tuple[Any, Any]] = [
            (_("Afiliado"), enlazar(objeto.afiliado)),
            (_("Campaña"), enlazar(objeto.campana) if objeto.campana else _("Todas")),
            (_("Creado"), fecha_y_hora(objeto.creado_en)),
        ]
        if objeto.retirado_en is not None:
            datos.append((_("Retirado"), fecha_y_hora(objeto.retirado_en)))
        return [*datos, (_("Identificador"), id_corto(objeto.id_publico))]

    @display(description=_("Identificador"))
    def col_id(self, objeto: Any) -> SafeString:
        """Short public id."""
        return id_corto(objeto.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, objeto: Any) -> SafeString | str:
        """Whose it is."""
        return enlazar(objeto.afiliado)

    @display(description=_("Campaña"))
    def col_campana(self, objeto: Any) -> Any:
        """Where it holds."""
        return enlazar(objeto.campana) if objeto.campana else _("Todas")

    @display(description=_("Estado"))
    def col_estado(self, objeto: Any) -> SafeString:
        """State as a badge."""
        return insignia(objeto.estado, objeto.get_estado_display())


@admin.register(Enlace)
class EnlaceAdmin(_DeCodigo):
    """Links."""

    form = EnlaceForm
    entidad = "enlace"
    acciones = (
        Accion(
            nombre="retirar",
            titulo=_("Retirar"),
            permiso="conversiones.retirar_enlace",
            visible=lambda e: ENLACE.permite(e.estado, _RETIRADO),
            aplicar=lambda e, actor, motivo: services.retirar_enlace(
                enlace=e, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó retirado."),
            motivo="obligatorio",
            ayuda=_(
                "Es definitivo: lleva a la página de la campaña, y lo que traiga no es de nadie."
            ),
            icono="block",
            tono="peligro",
        ),
    )
    list_display = ("codigo", "col_id", "col_afiliado", "col_campana", "col_estado", "creado_en")
    exporta = (
        "enlace_id=id_publico", "codigo", "afiliado", "campana", "destino",
        "estado", "creado_en", "retirado_en",
    )  # fmt: skip
    fields = ("afiliado", "campana", "codigo", "destino")

    def datos_de(self, objeto: Enlace) -> Sequence[tuple[Any, Any]]:
        """Its address first."""
        url = url_de(objeto)
        return [
            (_("Dirección"), format_html('<code class="ap-copiable">{}</code>', url)),
            *super().datos_de(objeto),
            (_("Lleva a"), objeto.destino or objeto.campana.pagina or _("La campaña no lo dice")),
        ]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Enlace:
        return services.crear_enlace(**datos, actor=actor_de(request))

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any part of the code, the whole address, or the id."""
        return consulta.filter(pk__in=ids_de_enlaces(termino))


@admin.register(Cupon)
class CuponAdmin(_DeCodigo):
    """Coupons."""

    form = CuponForm
    entidad = "cupon"
    acciones = (
        Accion(
            nombre="retirar",
            titulo=_("Retirar"),
            permiso="conversiones.retirar_cupon",
            visible=lambda c: CUPON.permite(c.estado, _RETIRADO),
            aplicar=lambda c, actor, motivo: services.retirar_cupon(
                cupon=c, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó retirado."),
            motivo="obligatorio",
            ayuda=_("Es definitivo: desde ahora no es de nadie, y puede darse a otro afiliado."),
            icono="block",
            tono="peligro",
        ),
    )
    list_display = ("codigo", "col_id", "col_afiliado", "col_campana", "col_estado", "creado_en")
    exporta = (
        "cupon_id=id_publico", "codigo", "afiliado", "campana", "estado",
        "creado_en", "retirado_en",
    )  # fmt: skip
    fields = ("afiliado", "codigo", "campana")

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Cupon:
        return services.crear_cupon(**datos, actor=actor_de(request))

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any part of the code, or the id."""
        return consulta.filter(pk__in=ids_de_cupones(termino))


@admin.register(Clic)
class ClicAdmin(AdminSoloLectura):
    """Clicks as they came: nobody writes one by hand."""

    list_display = ("momento", "col_id", "enlace", "col_afiliado", "col_que_es", "sub1")
    exporta = (
        "clic_id=id_publico", "momento", "enlace=enlace.codigo", "afiliado",
        "campana", "unico", "consentimiento", "descartado", "avisos", "sub1", "sub2",
        "sub3", "sub4", "sub5",
    )  # fmt: skip
    list_select_related = ("enlace", "afiliado", "campana")
    list_filter = (("enlace", FiltroDeFila),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador del clic")
    ordering = ("-id",)
    fields = (
        ("id_publico", "momento"), ("enlace", "col_afiliado"), ("campana", "col_que_es"),
        ("consentimiento", "avisos"), ("sub1", "sub2", "sub3"), ("sub4", "sub5"),
    )  # fmt: skip
    readonly_fields = ("col_afiliado", "col_que_es")

    @display(description=_("Identificador"))
    def col_id(self, clic: Clic) -> SafeString:
        """Short public id."""
        return id_corto(clic.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, clic: Clic) -> SafeString | str:
        """Whose link it was."""
        return enlazar(clic.afiliado)

    @display(description=_("Qué es"))
    def col_que_es(self, clic: Clic) -> SafeString:
        """Whether it counts, and whether it is the first of its visit."""
        if clic.descartado:
            return marca("mal", clic.get_descartado_display())
        return marca("bien", _("Único")) if clic.unico else marca("neutro", _("Repetido"))
