"""Pages of links, coupons and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from alpespartner.comun.admin.acciones import Accion
from alpespartner.comun.admin.base import AdminSoloLectura, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.fichas import ConFicha, lista_de
from alpespartner.comun.admin.formato import enlace as enlazar
from alpespartner.comun.admin.formato import id_corto, insignia, marca
from alpespartner.comun.formato import fecha_y_hora
from conversiones.rastreo import services
from conversiones.rastreo.estados import CUPON, ENLACE, EstadoDeCodigo
from conversiones.rastreo.models import Clic, Cupon, Enlace
from conversiones.rastreo.prueba import probar
from conversiones.rastreo.selectors import ids_de_cupones, ids_de_enlaces, qr_de, url_de

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


_PRUEBA = {
    "consulta": "",
    "agente": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
    "cons": "",
    "previo": "",
}


class PruebaForm(forms.Form):
    """A request to try."""

    consulta = forms.CharField(
        label=_("Detrás de la dirección"),
        required=False,
        max_length=2_000,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Como sub1=boletin&destino=https://…"),
    )
    agente = forms.CharField(
        label=_("Navegador (User-Agent)"),
        required=False,
        max_length=512,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Vacío: la petición no dice ninguno."),
    )
    cons = forms.ChoiceField(
        label=_("Consentimiento"),
        required=False,
        choices=(("", _("No lo dice: el de la campaña")), ("1", _("Sí")), ("0", _("No"))),
        widget=UnfoldAdminSelectWidget,
    )
    previo = forms.CharField(
        label=_("Cookie alpes_clic"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("El clic que el navegador ya tenía. Vacía: ninguno."),
    )


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

    si_vacia = _(
        "Los enlaces de los afiliados. «Añadir» da uno; también los hacen ellos por la API."
    )

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

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The ways to try it, to its picture and to its clicks."""
        enlaces = [
            (_("Probar"), reverse("admin:conversiones_enlace_probar", args=[objeto.pk]), "science"),
            (_("Código QR"), reverse("admin:conversiones_enlace_qr", args=[objeto.pk]), "qr_code"),
        ]
        if request.user.has_perm("conversiones.view_clic"):
            enlaces.append((_("Clics"), lista_de(Clic, f"enlace__id__exact={objeto.pk}"),
                            "ads_click"))  # fmt: skip
        return {"enlaces": enlaces}

    def get_urls(self) -> list[URLPattern]:
        """Adds the tester and the picture of a link."""
        vista = self.admin_site.admin_view
        return [
            path("<path:object_id>/probar/", vista(require_safe(self.vista_probar)),
                 name="conversiones_enlace_probar"),
            path("<path:object_id>/qr/", vista(require_safe(self.vista_qr)),
                 name="conversiones_enlace_qr"),
            *super().get_urls(),
        ]  # fmt: skip

    def vista_qr(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Its address as a picture, to print."""
        enlace = self.objeto_o_404(request, object_id)
        nombre = f'inline; filename="{enlace.codigo}.svg"'
        return HttpResponse(
            qr_de(enlace), content_type="image/svg+xml",
            headers={"Content-Disposition": nombre},
        )  # fmt: skip

    def vista_probar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would happen with a request for it, and why. Nothing is done."""
        enlace = self.objeto_o_404(request, object_id)
        formulario = PruebaForm(
            request.GET if "agente" in request.GET else {**_PRUEBA, **request.GET.dict()}
        )
        resultado = None
        if formulario.is_valid():
            dicho = formulario.cleaned_data
            consulta = dicho["consulta"].strip().lstrip("?")
            if dicho["cons"]:
                consulta = f"{consulta}&cons={dicho['cons']}".lstrip("&")
            resultado = probar(
                enlace, consulta=consulta, agente=dicho["agente"], previo=dicho["previo"]
            )
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Probar %(enlace)s") % {"enlace": enlace},
            "opts": self.opts,
            "original": enlace,
            "url": url_de(enlace),
            "form": formulario,
            "resultado": resultado,
        }
        return TemplateResponse(request, "admin/alpes/enlace_prueba.html", contexto)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Enlace:
        return services.crear_enlace(**datos, actor=actor_de(request))

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any part of the code, the whole address, or the id."""
        return consulta.filter(pk__in=ids_de_enlaces(termino))


@admin.register(Cupon)
class CuponAdmin(_DeCodigo):
    """Coupons."""

    si_vacia = _("Códigos que escribe quien compra, cada uno de un afiliado. «Añadir» da uno.")

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

    si_vacia = _("Cada visita a un enlace, un segundo o dos después.")

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
