"""The page that asks a person, before money moves, to show again that it is them.

What they were sending comes along in the form, and is sent on as it was once they did: nothing is
kept on the server meanwhile, and nothing is done that they had not confirmed. Files are chosen
again.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from alpespartner.comun.acceso import factor
from alpespartner.comun.acceso.errores import AccesoOcupado, CodigoErroneo, DemasiadosIntentos
from alpespartner.comun.acceso.formularios import FormularioDeIdentidad
from alpespartner.comun.acceso.presencia import confirmar
from alpespartner.comun.actores import persona
from alpespartner.comun.historial import paso

# Names of our own fields begin with it, so that none meets one of the form that comes along.
PREFIJO = "identidad"
_DESTINO = f"{PREFIJO}-destino"
_METODO = f"{PREFIJO}-metodo"
_DE_FORMULARIO = ("csrfmiddlewaretoken",)


class ReenvioIgual(HttpResponseRedirect):
    """A redirect after which the browser sends the same form again."""

    status_code = 307


def pedir(request: HttpRequest) -> HttpResponse:
    """The page, in the place of the answer that was refused; a 401 for a script of ours."""
    if request.headers.get("Accept", "").startswith("application/json"):
        texto = _("Antes de seguir, confirma que eres tú.")
        return JsonResponse({"error": texto, "confirmar": True}, status=401)
    con_formulario = request.method == "POST" and not request.FILES
    return _pagina(
        request,
        _formulario(request),
        request.get_full_path(),
        _lo_enviado(request) if con_formulario else [],
        metodo="post" if con_formulario else "get",
        eligio_fichero=bool(request.FILES),
    )


def confirmar_identidad(request: HttpRequest) -> HttpResponse:
    """Check what the page asked for and go on; by GET, the page with nothing to send on."""
    destino = destino_propio(request, request.POST.get(_DESTINO) or request.GET.get("next", ""))
    if request.method != "POST":
        return _pagina(request, _formulario(request), destino, [], metodo="get")
    metodo = "post" if request.POST.get(_METODO) == "post" else "get"
    formulario = _formulario(request, request.POST)
    if formulario.is_valid():
        negado = _comprobar(request, formulario.cleaned_data["prueba"])
        if negado is None:
            confirmar(request)
            paso(
                entidad="acceso", entidad_id=request.user.get_username()[:40],
                accion="confirmacion", actor=persona(request.user.pk or 0),
            ).save()  # fmt: skip
            return ReenvioIgual(destino) if metodo == "post" else HttpResponseRedirect(destino)
        formulario.add_error("prueba", negado.mensaje)
        if isinstance(negado, (DemasiadosIntentos, AccesoOcupado)):
            formulario.negado = negado
    return _pagina(request, formulario, destino, _lo_enviado(request), metodo=metodo)


def _comprobar(
    request: HttpRequest, prueba: str
) -> CodigoErroneo | DemasiadosIntentos | AccesoOcupado | None:
    """Why it is not them, or None. The factor if they have one; the password if not."""
    usuario: Any = request.user
    try:
        if factor.factor_de(usuario) is not None:
            factor.comprobar(usuario=usuario, codigo=prueba, request=request)
            return None
        # By the same door as a sign-in: its limits hold, and a wrong one is written down.
        mismo = authenticate(request, username=usuario.get_username(), password=prueba)
    except (CodigoErroneo, DemasiadosIntentos, AccesoOcupado) as exc:
        return exc
    if mismo is None or mismo.pk != usuario.pk:
        return CodigoErroneo(_("La contraseña no es correcta."))
    return None


def destino_propio(request: HttpRequest, destino: str) -> str:
    """An address of the admin; its front page in the place of any other."""
    inicio = reverse("admin:index")
    es_nuestro = url_has_allowed_host_and_scheme(destino, allowed_hosts=None)
    return destino if es_nuestro and destino.startswith(inicio) else inicio


def _formulario(request: HttpRequest, datos: Any = None) -> FormularioDeIdentidad:
    usuario: Any = request.user
    return FormularioDeIdentidad(
        datos, prefix=PREFIJO, con_factor=factor.factor_de(usuario) is not None
    )


def _lo_enviado(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (nombre, valor)
        for nombre, valores in request.POST.lists()
        if nombre not in _DE_FORMULARIO and not nombre.startswith(f"{PREFIJO}-")
        for valor in valores
    ]


def _pagina(
    request: HttpRequest,
    formulario: FormularioDeIdentidad,
    destino: str,
    enviado: list[tuple[str, str]],
    *,
    metodo: str,
    eligio_fichero: bool = False,
) -> HttpResponse:
    if eligio_fichero:
        messages.info(request, _("Después vuelve a elegir el fichero: no se guardó."))
    contexto = {
        **admin.site.each_context(request),
        "title": _("Confirma que eres tú"),
        "formulario": formulario,
        "destino": (_DESTINO, destino),
        "metodo": (_METODO, metodo),
        "enviado": enviado,
        "minutos": settings.REAUTENTICACION_MINUTOS,
    }
    negado = formulario.negado
    respuesta = TemplateResponse(
        request,
        "admin/alpes/acceso/identidad.html",
        contexto,
        # What was asked for was not done.
        status=negado.http if negado is not None else 403 if metodo == "post" else 200,
    )
    if negado is not None:
        respuesta.headers["Retry-After"] = str(negado.segundos)
    respuesta.headers["Cache-Control"] = "no-store"
    return respuesta
