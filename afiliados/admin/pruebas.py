"""The page of the sandbox: test keys, and emptying it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliados.claves.de_prueba import crear_clave_de_prueba, revocar_clave_de_prueba
from afiliados.claves.services import RESTRICCIONES
from alpespartner.comun.admin.base import AdminPorServicio, actor_de
from alpespartner.comun.admin.formato import linea_de_tiempo
from alpespartner.comun.errores import ErrorDominio
from alpespartner.pruebas.ajustes import PREFIJO
from alpespartner.pruebas.canal import hay_pruebas
from alpespartner.pruebas.services import ENTORNO, estado_de_pruebas, vaciar_desde_fuera

# Steps of the history that the page shows.
_PASOS = 20
_PAGINA = "admin:afiliados_claveapi_pruebas"


class PaginaDePruebas(AdminPorServicio):
    """Pages beside those of the live keys, with their permissions."""

    def get_urls(self) -> list[URLPattern]:
        """With those of the sandbox."""
        ver, nueva = require_safe(self.vista_pruebas), require_http_methods(["GET", "POST"])
        return [
            self._direccion("pruebas/", ver, "pruebas"),
            self._direccion("pruebas/nueva/", nueva(self.vista_nueva), "prueba_nueva"),
            self._direccion("pruebas/vaciar/", require_POST(self.vista_vaciar), "prueba_vaciar"),
            self._direccion(
                "pruebas/<slug:id_clave>/revocar/",
                require_POST(self.vista_revocar),
                "prueba_revocar",
            ),
            *super().get_urls(),
        ]

    def _direccion(self, ruta: str, vista: Callable[..., Any], nombre: str) -> URLPattern:
        return path(ruta, self.admin_site.admin_view(vista), name=self.nombre_de_vista(nombre))

    def vista_pruebas(self, request: HttpRequest) -> HttpResponse:
        """The keys of the sandbox, how much there is in it and who did what to it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contexto = self._contexto(request, _("Entorno de pruebas"))
        contexto["hay_pruebas"] = hay_pruebas()
        contexto["pasos"] = linea_de_tiempo(*ENTORNO, {}, tope=_PASOS)
        if contexto["hay_pruebas"]:
            try:
                estado = estado_de_pruebas()
                for clave in estado["claves"]:
                    clave["creada_en"] = datetime.fromisoformat(clave["creada_en"])
                if "se_vacia_en" in estado:
                    estado["se_vacia_en"] = datetime.fromisoformat(estado["se_vacia_en"])
                contexto["estado"] = estado
            except ErrorDominio as exc:
                contexto["fallo"] = exc.mensaje
        return TemplateResponse(request, "admin/alpes/pruebas.html", contexto)

    def vista_nueva(self, request: HttpRequest) -> HttpResponse:
        """Make a test key, whose text is in the answer to the POST and nowhere else."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        formulario = self.get_form(request)(request.POST or None)
        if request.method == "POST" and formulario.is_valid():
            datos = dict(formulario.cleaned_data)
            restricciones = {campo: datos.pop(campo) for campo in RESTRICCIONES}
            try:
                hecha, texto = crear_clave_de_prueba(
                    **datos, restricciones=restricciones, actor=actor_de(request)
                )
            except ErrorDominio as exc:
                formulario.add_error(
                    exc.campo if exc.campo in formulario.fields else None, exc.mensaje
                )
            else:
                return self._recien_hecha(request, hecha, texto)
        contexto = self._contexto(request, _("Clave de prueba"))
        contexto |= {"form": formulario, "media": self.media + formulario.media}
        return TemplateResponse(request, "admin/alpes/prueba_nueva.html", contexto)

    def _recien_hecha(
        self, request: HttpRequest, hecha: dict[str, Any], texto: str
    ) -> HttpResponse:
        contexto = {
            **self._contexto(request, _("Clave creada")),
            "clave": hecha,
            "texto": texto,
            "prefijo": PREFIJO,
            "vuelta": _PAGINA,
        }
        respuesta = TemplateResponse(request, "admin/alpes/clave_creada.html", contexto)
        respuesta["Cache-Control"] = "no-store"
        return respuesta

    def vista_revocar(self, request: HttpRequest, id_clave: str) -> HttpResponse:
        """End a test key: one person does, since nothing depends on it."""
        return self._hacer(
            request,
            lambda: revocar_clave_de_prueba(id_clave=id_clave, actor=actor_de(request)),
            _("La clave de prueba ya no sirve."),
        )

    def vista_vaciar(self, request: HttpRequest) -> HttpResponse:
        """Empty the sandbox, when whoever asks says that they mean it."""
        if request.POST.get("seguro") != "si":
            messages.error(request, _("Marca que quieres vaciarlo."))
            return redirect(_PAGINA)
        return self._hacer(
            request,
            lambda: vaciar_desde_fuera(actor=actor_de(request)),
            _("El entorno de pruebas está como al principio; las claves siguen sirviendo."),
        )

    def _hacer(self, request: HttpRequest, hacer: Callable[[], object], exito: str) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            hacer()
        except ErrorDominio as exc:
            messages.error(request, exc.mensaje)
        else:
            messages.success(request, exito)
        return redirect(_PAGINA)

    def _contexto(self, request: HttpRequest, titulo: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": titulo,
            "media": self.media,
            "puede_crear": self.has_add_permission(request),
            "puede_cambiar": self.has_change_permission(request),
        }
