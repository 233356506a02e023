"""Pages that show what something would do before they do it: it is done as it was seen, or shown
again."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from alpespartner.comun.admin.base import FICHA, AdminBase, FormularioDeServicio
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.idempotencia import huella
from conversiones.admin.errores import SinVer
from conversiones.ventas.models import Conversion

# What was seen, as a page sends it back.
_VISTO = "visto"


def exigir_visto(request: HttpRequest, ensayo: Any, datos: dict[str, Any]) -> None:
    """Raises :class:`SinVer` unless the page says that exactly this was seen."""
    dichos = {campo: str(getattr(valor, "pk", valor)) for campo, valor in datos.items()}
    visto = huella([dichos, repr(ensayo)])
    if "ver" in request.POST or request.POST.get(_VISTO) != visto:
        raise SinVer(ensayo, visto)


class AsignacionForm(FormularioDeServicio):
    """Whose a sale is, and how it is known."""

    motivo = forms.CharField(
        label=_("Cómo se sabe"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Queda en el historial. Quien la asigna no aprueba sus comisiones."),
    )

    class Meta:
        model = Conversion
        fields = ("afiliado",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["afiliado"].required = True
        # The way to other pages takes a place that a narrow screen does not have.
        caja: Any = self.fields["afiliado"].widget
        caja.can_add_related = caja.can_change_related = caja.can_view_related = False


class ConVistaPrevia(AdminBase):
    """Admin page with pages of its own that show first what they would do."""

    def pagina_de(
        self,
        request: HttpRequest,
        plantilla: str,
        formulario: Any,
        ensayo: dict[str, Any],
        propio: dict[str, Any],
    ) -> HttpResponse:
        contexto = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": formulario,
            "media": self.media + formulario.media,
            "ficha_de_un_uso": ficha(request),
            **propio,
            **ensayo,
        }
        return TemplateResponse(request, plantilla, contexto)


def ficha(request: HttpRequest) -> str:
    """The token of a page, which is the same when it is sent again."""
    return (request.POST.get(FICHA) or secrets.token_urlsafe(18))[:64]


def ver(request: HttpRequest, sin_ver: SinVer) -> dict[str, Any]:
    """What the page needs to draw what it would do."""
    return {
        "visto": sin_ver.visto,
        "cambio": bool(request.POST.get(_VISTO)) and "ver" not in request.POST,
    }


def decir(formulario: Any, error: ErrorDominio, campos: dict[str, str]) -> None:
    """Show what a service refused beside its field."""
    campo = campos.get(error.campo or "", error.campo)
    formulario.add_error(campo if campo in formulario.fields else None, error.mensaje)
