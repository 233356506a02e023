"""The page on which an affiliate, by the link of its mail, says how often it wants digests."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from afiliados.afiliado.models import FrecuenciaResumen
from comisiones.notificaciones.baja import afiliado_de, elegir_resumen
from comisiones.notificaciones.redaccion import para

# What the button of a mail program sends (RFC 8058).
_UN_CLIC = ("List-Unsubscribe", "One-Click")


class PreferenciasForm(forms.Form):
    """How often."""

    resumen = forms.ChoiceField(
        label=_("Cuándo quieres el resumen"),
        choices=FrecuenciaResumen.choices,
        widget=forms.RadioSelect,
    )


# No session opens it, so there is no form of another site to fear: who posts has its address.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferencias(request: HttpRequest, ficha: str) -> HttpResponse:
    """The choice, and what was chosen; only a POST changes it."""
    afiliado = afiliado_de(ficha)
    if afiliado is None:
        raise Http404
    with para(afiliado):
        hecho = False
        formulario = PreferenciasForm(initial={"resumen": afiliado.resumen})
        if request.method == "POST":
            datos = request.POST.copy()
            if datos.get(_UN_CLIC[0]) == _UN_CLIC[1]:
                datos["resumen"] = FrecuenciaResumen.NUNCA
            formulario = PreferenciasForm(datos)
            if formulario.is_valid():
                afiliado = elegir_resumen(afiliado=afiliado, **formulario.cleaned_data)
                hecho = True
        contexto = {
            "form": formulario,
            "hecho": hecho,
            "elegida": afiliado.get_resumen_display(),
            "idioma": translation.get_language(),
        }
        estado = 400 if formulario.is_bound and not hecho else 200
        respuesta = TemplateResponse(request, "correo/preferencias.html", contexto, status=estado)
        return respuesta.render()
