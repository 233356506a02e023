"""The pages of those who are not in yet: password, second factor, a forgotten password."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from alpespartner.comun.acceso import entrada, factor, olvido
from alpespartner.comun.acceso.direccion import direccion_de
from alpespartner.comun.acceso.errores import (
    AccesoOcupado,
    CodigoErroneo,
    DemasiadosIntentos,
    EnlaceCaducado,
    FactorInscrito,
)
from alpespartner.comun.acceso.formularios import (
    FormularioDeAcceso,
    FormularioDeCodigo,
    FormularioDeContrasena,
    FormularioDeInscripcion,
    FormularioDeOlvido,
)
from alpespartner.comun.acceso.secreto import ficha_nueva, leer_ficha, para_inscribir
from alpespartner.comun.actores import persona


def _suelta(vista: Any) -> Any:
    """A page for whoever comes: what it shows is kept by no cache, and its form is of ours."""
    protegida = csrf_protect(never_cache(sensitive_post_parameters()(vista)))
    return require_http_methods(["GET", "HEAD", "POST"])(protegida)


def pagina(
    request: HttpRequest, plantilla: str, titulo: str, formulario: Any = None, **mas: Any
) -> HttpResponse:
    """A page of the doors, with the status of a refusal when the form has one."""
    contexto = {**admin.site.each_context(request), "title": titulo, "form": formulario, **mas}
    respuesta = TemplateResponse(request, f"admin/alpes/acceso/{plantilla}.html", contexto)
    return con_negativa(respuesta, formulario)


def con_negativa(respuesta: HttpResponse, formulario: Any) -> HttpResponse:
    """The answer, with when to come back if nobody looked at what was sent."""
    negado = getattr(formulario, "negado", None)
    if negado is not None:
        respuesta.status_code = negado.http
        respuesta.headers["Retry-After"] = str(negado.segundos)
    return respuesta


class _Entrada(LoginView):
    template_name = "admin/alpes/acceso/entrar.html"
    authentication_form = FormularioDeAcceso

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contexto = {
            **super().get_context_data(**kwargs),
            **admin.site.each_context(self.request),
            "title": _("Entra"),
            "app_path": self.request.get_full_path(),
            "username": self.request.user.get_username(),
        }
        return contexto

    def form_valid(self, form: Any) -> HttpResponse:
        return entrada.empezar(self.request, form.get_user(), self.get_success_url())

    def render_to_response(self, context: dict[str, Any], **opciones: Any) -> Any:
        return con_negativa(super().render_to_response(context, **opciones), context["form"])


_con_contrasena = _Entrada.as_view()


@never_cache
def entrar(request: HttpRequest) -> HttpResponse:
    """The password; with the status of a refusal when it was not looked at."""
    if request.method == "GET" and admin.site.has_permission(request):
        return redirect("admin:index")
    return cast(HttpResponse, _con_contrasena(request))


@_suelta
def codigo(request: HttpRequest) -> HttpResponse:
    """The second factor of who just gave the password."""
    espera = entrada.quien_espera(request)
    if espera is None:
        return redirect("admin:login")
    usuario, destino = espera
    formulario = FormularioDeCodigo(request.POST or None)
    if formulario.is_valid():
        try:
            usado = factor.comprobar(
                usuario=usuario, codigo=formulario.cleaned_data["codigo"], request=request
            )
        except CodigoErroneo as exc:
            formulario.add_error("codigo", exc.mensaje)
        except (DemasiadosIntentos, AccesoOcupado) as exc:
            formulario.negado = exc
            formulario.add_error("codigo", exc.mensaje)
        else:
            entrada.terminar(request, usuario, usado)
            return HttpResponseRedirect(destino)
    return pagina(request, "codigo", _("Segundo factor"), formulario)


@_suelta
def inscribir(request: HttpRequest) -> HttpResponse:
    """The first factor of who just gave the password, before anything else opens."""
    espera = entrada.quien_espera(request)
    if espera is None:
        return redirect("admin:login")
    usuario, destino = espera
    if factor.factor_de(usuario) is not None:
        return redirect("acceso_codigo")
    formulario = FormularioDeInscripcion(
        request.POST or None, initial={"ficha": ficha_nueva(usuario)}
    )
    if formulario.is_valid():
        secreto = leer_ficha(usuario, formulario.cleaned_data["ficha"])
        if secreto is None:
            return redirect("acceso_inscribir")
        try:
            puesto, codigos = factor.inscribir(
                usuario=usuario, secreto=secreto, codigo=formulario.cleaned_data["codigo"],
                actor=persona(usuario.pk),
            )  # fmt: skip
        except FactorInscrito:
            return redirect("acceso_codigo")
        except CodigoErroneo as exc:
            formulario.add_error("codigo", exc.mensaje)
        else:
            entrada.terminar(request, usuario, puesto)
            return pagina(
                request, "codigos", _("Códigos de recuperación"), codigos=codigos, destino=destino
            )
    return pagina(
        request, "inscribir", _("Pon tu segundo factor"), formulario,
        **para_inscribir(usuario, formulario["ficha"].value()),
    )  # fmt: skip


@_suelta
def olvide(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail: the answer is the same whoever's the address is."""
    formulario = FormularioDeOlvido(request.POST or None)
    if formulario.is_valid():
        try:
            olvido.pedir_enlace(
                correo=formulario.cleaned_data["correo"], direccion=direccion_de(request)
            )
        except DemasiadosIntentos as exc:
            formulario.negado = exc
            formulario.add_error("correo", exc.mensaje)
        else:
            return redirect("acceso_enlace_enviado")
    return pagina(request, "olvide", _("¿Olvidaste tu contraseña?"), formulario)


@_suelta
def enlace_enviado(request: HttpRequest) -> HttpResponse:
    """What is told after asking."""
    return pagina(
        request, "aviso", _("Mira tu correo"),
        dicho=_(
            "Si esa dirección es de alguien del personal, en unos minutos le llega un enlace para "
            "poner otra contraseña. Sirve una vez y durante una hora."
        ),
    )  # fmt: skip


@_suelta
def otra_contrasena(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set another password, by the link of the mail. It signs nobody in."""
    try:
        usuario = olvido.cuenta_del_enlace(uid, token)
        formulario = FormularioDeContrasena(usuario, request.POST or None)
        if formulario.is_valid():
            olvido.poner_contrasena(
                uid=uid, token=token, nueva=formulario.cleaned_data["new_password1"]
            )
            return redirect("acceso_contrasena_puesta")
    except EnlaceCaducado as exc:
        respuesta = pagina(request, "aviso", _("El enlace no sirve"), dicho=exc.mensaje, otro=True)
        respuesta.status_code = 404
        return respuesta
    return pagina(request, "otra_contrasena", _("Pon otra contraseña"), formulario)


@_suelta
def contrasena_puesta(request: HttpRequest) -> HttpResponse:
    """What is told after setting it."""
    dicho = _("Tu contraseña cambió y tus sesiones terminaron. Entra con la nueva.")
    if settings.SEGUNDO_FACTOR:
        dicho += " " + _("Tu segundo factor sigue siendo el mismo.")
    return pagina(request, "aviso", _("Contraseña cambiada"), dicho=dicho)
