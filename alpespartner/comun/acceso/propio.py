"""What a member of the staff sees and does of their own access: factor, sessions, password."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from alpespartner.comun.acceso import factor, sesiones
from alpespartner.comun.acceso.errores import CodigoErroneo
from alpespartner.comun.acceso.formularios import FormularioDeCambio, FormularioDeInscripcion
from alpespartner.comun.acceso.presencia import exigir, persona_de
from alpespartner.comun.acceso.secreto import ficha_nueva, leer_ficha, para_inscribir
from alpespartner.comun.acceso.vistas import con_negativa, pagina
from alpespartner.comun.errores import ErrorDominio

_NAVEGADORES = (
    ("Edge", r"Edg(?:e|A|iOS)?/"), ("Opera", r"OPR/"), ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"), ("Safari", r"Safari/"),
)  # fmt: skip
_SISTEMAS = (
    ("Android", r"Android"), ("iOS", r"iPhone|iPad"), ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"), ("ChromeOS", r"CrOS"), ("Linux", r"Linux"),
)  # fmt: skip


def dispositivo(navegador: str) -> str:
    """What a browser says that it is, in words: it is its word, and no proof."""
    hallados = [
        next((nombre for nombre, forma in formas if re.search(forma, navegador)), "")
        for formas in (_NAVEGADORES, _SISTEMAS)
    ]
    return " · ".join(filter(None, hallados)) or _("Otro programa")


def _suyo(vista: Any) -> Any:
    """A page of who is signed in, for them alone."""
    return admin.site.admin_view(sensitive_post_parameters()(vista))


@_suyo
@require_http_methods(["GET", "HEAD"])
def mi_acceso(request: HttpRequest) -> HttpResponse:
    """Their factor, and their sessions."""
    usuario: Any = request.user
    suyo = factor.factor_de(usuario)
    return pagina(
        request, "propio", _("Mi acceso"),
        factor=suyo,
        quedan=factor.codigos_que_quedan(usuario) if suyo else 0,
        obligatorio=settings.SEGUNDO_FACTOR,
        sesiones=[
            {
                "fila": fila,
                "dispositivo": dispositivo(fila.user_agent),
                "actual": fila.session_key == request.session.session_key,
            }
            for fila in sesiones.de_persona(usuario)
        ],
    )  # fmt: skip


@_suyo
@require_http_methods(["GET", "HEAD", "POST"])
def poner_factor(request: HttpRequest) -> HttpResponse:
    """Their first factor, or another in the place of the one that they have."""
    usuario: Any = request.user
    actor = persona_de(request)
    # Before the secret is shown: whoever finds the session open does not enrol their own telephone.
    exigir(actor)
    tiene = factor.factor_de(usuario) is not None
    formulario = FormularioDeInscripcion(
        request.POST or None, initial={"ficha": ficha_nueva(usuario)}
    )
    if formulario.is_valid():
        secreto = leer_ficha(usuario, formulario.cleaned_data["ficha"])
        if secreto is None:
            return redirect("acceso_factor")
        try:
            puesto, codigos = factor.cambiar(
                usuario=usuario, secreto=secreto, codigo=formulario.cleaned_data["codigo"],
                actor=actor, sesion=request.session.session_key or "",
            )  # fmt: skip
        except CodigoErroneo as exc:
            formulario.add_error("codigo", exc.mensaje)
        else:
            request.session[sesiones.FACTOR] = puesto.pk
            return _mostrar_codigos(request, codigos)
    return pagina(
        request, "factor", _("Cambiar el segundo factor") if tiene else _("Poner segundo factor"),
        formulario, tiene=tiene, **para_inscribir(usuario, formulario["ficha"].value()),
    )  # fmt: skip


def _mostrar_codigos(request: HttpRequest, codigos: list[str]) -> HttpResponse:
    return pagina(
        request, "codigos", _("Códigos de recuperación"), codigos=codigos,
        destino=reverse("acceso_propio"),
    )  # fmt: skip


@_suyo
@require_POST
def codigos_nuevos(request: HttpRequest) -> HttpResponse:
    """Recovery codes in the place of those that they had, shown once."""
    usuario: Any = request.user
    try:
        return _mostrar_codigos(
            request, factor.renovar_codigos(usuario=usuario, actor=persona_de(request))
        )
    except ErrorDominio as exc:
        messages.error(request, exc.mensaje)
        return redirect("acceso_propio")


@_suyo
@require_POST
def quitar_factor(request: HttpRequest) -> HttpResponse:
    """Go without a factor, where that is allowed."""
    usuario: Any = request.user
    try:
        factor.quitar(
            usuario=usuario, actor=persona_de(request), sesion=request.session.session_key or ""
        )
    except ErrorDominio as exc:
        messages.error(request, exc.mensaje)
    else:
        request.session.pop(sesiones.FACTOR, None)
        messages.success(request, _("Ya no tienes segundo factor."))
    return redirect("acceso_propio")


@_suyo
@require_POST
def terminar_sesion(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of their own sessions; somebody else's is a 404."""
    usuario: Any = request.user
    fila = sesiones.de_persona(usuario).filter(pk=pk).first()
    if fila is None:
        raise Http404
    sesiones.terminar(usuario=usuario, actor=persona_de(request), solo=fila.pk)
    if fila.session_key == request.session.session_key:
        logout(request)
        return redirect("admin:login")
    messages.success(request, _("La sesión terminó."))
    return redirect("acceso_propio")


@_suyo
@require_POST
def terminar_otras(request: HttpRequest) -> HttpResponse:
    """End all of their sessions but this one."""
    usuario: Any = request.user
    cuantas = sesiones.terminar(
        usuario=usuario, actor=persona_de(request), menos=request.session.session_key or ""
    )
    messages.success(request, _("Sesiones terminadas: %(n)s.") % {"n": cuantas})
    return redirect("acceso_propio")


class _Contrasena(PasswordChangeView):
    """Django's page, with the limits of the sign-in; other sessions end."""

    form_class = FormularioDeCambio
    template_name = "registration/password_change_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **admin.site.each_context(self.request)}

    def get_success_url(self) -> str:
        messages.success(self.request, _("Tu contraseña cambió y tus otras sesiones terminaron."))
        return reverse("acceso_propio")

    def render_to_response(self, context: dict[str, Any], **opciones: Any) -> Any:
        return con_negativa(super().render_to_response(context, **opciones), context["form"])


cambiar_contrasena = _suyo(_Contrasena.as_view())
