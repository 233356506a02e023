"""Page of the postbacks of affiliates, with what each would ask for as it is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import ElegirFila
from alpespartner.comun.admin.formato import VACIO, dos_lineas, etiqueta
from alpespartner.comun.errores import ErrorDominio
from outbox.admin.direcciones import ConDireccion, botones
from outbox.models import CausaWebhook, Postback, Webhook
from outbox.webhooks.duenos import TODOS
from outbox.webhooks.macros import (
    PRESETS,
    EstadoPostback,
    expandir,
    leer_plantilla,
    muestra,
)
from outbox.webhooks.services import crear_postback, editar

_ALTA, _CAMBIAR = "outbox.add_postback", "outbox.change_postback"
_COMO_VA = (
    "col_afiliado", "anfitrion", "col_estado", "col_causa", "fallando_desde", "toca_en",
    "creado_en", "col_entregas",
)  # fmt: skip
ESTADOS = {
    str(EstadoPostback.PENDIENTE): _("pending: espera revisión"),
    str(EstadoPostback.APROBADA): _("approved: aprobada"),
    str(EstadoPostback.RECHAZADA): _("rejected: rechazada"),
    str(EstadoPostback.REVERTIDA): _("reversed: devuelta o anulada"),
    str(EstadoPostback.PAGADA): _("paid: pagada"),
}


class PostbackForm(FormularioDeServicio):
    """Whose it is, where, and for which states."""

    de = forms.ModelChoiceField(label=_("Afiliado"), queryset=Afiliado.objects.all())
    estados = forms.MultipleChoiceField(
        label=_("Se avisa de"),
        choices=list(ESTADOS.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Postback
        fields = ("url",)
        widgets = {"url": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        help_texts = {"url": _("Empieza por https://. Las macros van detrás de «?».")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Whose it is does not change.
            del self.fields["de"]
        else:
            campo = self.fields["de"]
            campo.widget = ElegirFila(ClaveAPI._meta.get_field("afiliado"), admin.site)
            campo.widget.choices = campo.choices  # type: ignore[attr-defined]
        if "estados" in self.fields:
            dichos = self.instance.tipos if self.instance.pk else [TODOS]
            self.initial["estados"] = list(ESTADOS) if TODOS in dichos else dichos

    def clean_url(self) -> str:
        """An address has no blanks: its lines are those of the box."""
        return "".join(self.cleaned_data["url"].split())

    def clean_estados(self) -> list[str]:
        """All of them are also those that there may be later."""
        dichos = self.cleaned_data["estados"]
        return [TODOS] if len(dichos) == len(ESTADOS) else dichos


@admin.register(Postback)
class PostbackAdmin(AdminPorServicio, ConDireccion):
    """Addresses of affiliates' trackers: all of one is seen by who may change it, for it may hold
    a password."""

    si_vacia = _(
        "Direcciones de los afiliados a las que se avisa de lo que pasa con sus comisiones. También"
        " los hacen ellos por la API."
    )

    form = PostbackForm
    acciones = botones(
        _CAMBIAR,
        de_la_prueba=_("Pide una vez la dirección con los valores del ejemplo."),
        al_desactivar=_("Lo que espera se guarda. De lo que pase mientras tanto no se le avisa."),
    )
    list_display = ("col_postback", "col_afiliado", "col_estados", "col_estado",
                    "fallando_desde", "creado_en")  # fmt: skip
    exporta = (
        "postback_id=id_publico", "anfitrion", "afiliado", "estado", "causa", "fallando_desde",
        "creado_en",
    )  # fmt: skip
    list_filter = (("estado", ChoicesDropdownFilter),)
    search_fields = ("id_publico", "afiliado")
    search_help_text = _("Identificador exacto, suyo o de su afiliado")
    ordering = ("-id",)
    change_form_after_template = "admin/alpes/postback.html"
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows how it goes besides."""
        if obj is None:
            return ("de", "url", "estados")
        cambia = self.has_change_permission(request, obj)
        return (*(("url", "estados") if cambia else ("col_estados",)), *_COMO_VA)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("col_estados", *_COMO_VA)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        suyo = Afiliado.objects.filter(id_publico=OuterRef("afiliado"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                afiliado_pk=Subquery(suyo.values("pk")[:1]),
                afiliado_nombre=Subquery(suyo.values("nombre")[:1]),
            )
        )

    def get_urls(self) -> list[URLPattern]:
        """Adds what an address would ask for."""
        vista = self.admin_site.admin_view(require_POST(self.vista_previa))
        return [path("previa/", vista, name=self.nombre_de_vista("previa")), *super().get_urls()]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Webhook:
        return crear_postback(
            afiliado=datos["de"].id_publico, url=datos["url"], estados=datos["estados"],
            actor=actor_de(request),
        )  # fmt: skip

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Webhook:
        return editar(
            webhook=objeto, url=cambios.get("url"), tipos=cambios.get("estados"),
            actor=actor_de(request),
        )  # fmt: skip

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with the trackers that it knows."""
        mas = {"presets": PRESETS, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, mas)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it would ask for, to who may see where."""
        if not self.has_change_permission(request, objeto):
            return {}
        return {"filas": _ejemplos(objeto.url, objeto.afiliado)}

    def vista_previa(self, request: HttpRequest) -> HttpResponse:
        """Fragment with what the form's address would ask for; it writes and sends nothing."""
        if not (request.user.has_perm(_ALTA) or request.user.has_perm(_CAMBIAR)):
            raise PermissionDenied
        url = "".join(request.POST.get("url", "").split())
        contexto: dict[str, Any] = {}
        if url:
            contexto["filas"] = _ejemplos(url)
            try:
                leer_plantilla(url)
            except ErrorDominio as exc:
                contexto["previa_error"] = exc.mensaje
        return TemplateResponse(request, "admin/alpes/postback_previa.html", contexto)

    @display(description=_("Postback"))
    def col_postback(self, postback: Postback) -> SafeString:
        """Server and id."""
        return dos_lineas(postback.anfitrion, postback.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, postback: Any) -> SafeString | str:
        """Link to it."""
        if postback.afiliado_pk is None:
            return postback.afiliado or VACIO
        url = reverse("admin:afiliados_afiliado_change", args=[postback.afiliado_pk])
        return format_html('<a class="ap-enlace" href="{}">{}</a>', url, postback.afiliado_nombre)

    @display(description=_("Se avisa de"))
    def col_estados(self, postback: Postback) -> str:
        """States that it is told."""
        tipos: Iterable[Any] = postback.tipos
        return str(_("Todo")) if TODOS in tipos else ", ".join(map(str, tipos))

    @display(description=_("Por qué está desactivado"))
    def col_causa(self, postback: Postback) -> str:
        """Empty while it is on."""
        return etiqueta(CausaWebhook, postback.causa) if postback.causa else VACIO


def _ejemplos(url: str, afiliado: str = "") -> list[tuple[str, str]]:
    """What would be asked for in each state."""
    return [(estado, expandir(url, muestra(afiliado, estado))) for estado in ESTADOS]
