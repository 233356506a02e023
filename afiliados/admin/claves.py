"""Pages of the API keys."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from afiliados.admin.formularios import ClaveForm, RestriccionesForm
from afiliados.admin.pruebas import PaginaDePruebas
from afiliados.claves.models import Alcance, ClaveAPI, prefijo
from afiliados.claves.propuestas import REVOCAR, lineas_de_revocar, proponer_revocacion
from afiliados.claves.services import RESTRICCIONES, crear_clave, restringir_clave
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, marca
from alpespartner.comun.formato import entero


def situacion_de(clave: ClaveAPI) -> SafeString:
    """Whether a key works, as a badge."""
    if clave.vigente:
        return marca("bien", _("Vigente"))
    if clave.revocada_en is None and clave.suspendida_en is not None:
        return marca("aviso", _("Suspendida"))
    return marca("mal", _("Revocada") if clave.revocada_en is not None else _("Caducada"))


@admin.register(ClaveAPI)
class ClaveAPIAdmin(PaginaDePruebas, ConAcciones):
    """API keys: made, restricted and revoked; what each may do is never changed, and the secret is
    shown once."""

    si_vacia = _("Con una clave, otro sistema registra ventas o lee. Añade una para cada sistema.")

    form = ClaveForm
    entidad = "clave"
    acciones = (
        Accion(
            nombre="revocar",
            titulo=_("Revocar"),
            permiso="afiliados.change_claveapi",
            visible=lambda clave: clave.revocada_en is None,
            aplicar=lambda clave, actor, motivo: proponer_revocacion(
                clave=clave, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s ya no sirve. Que sea para siempre lo confirma otra persona."),
            previa=lineas_de_revocar,
            propone=REVOCAR.nombre,
            motivo="obligatorio",
            ayuda=_(
                "Deja de servir al instante. Otra persona confirma que es para siempre, o la "
                "devuelve."
            ),
            icono="key_off",
            tono="peligro",
        ),
    )
    list_display = (
        "nombre", "col_clave", "titular", "col_afiliado", "col_vigente", "expira_en", "usada_en",
    )  # fmt: skip
    exporta = (
        "id_clave", "nombre", "titular", "afiliado", "creada_en", "expira_en", "suspendida_en",
        "revocada_en", "usada_en", "direcciones", "aprueba_por_venta", "aprueba_por_dia",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (("afiliado", FiltroDeFila),)
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    fields = (
        "nombre", "titular", "afiliado", "alcances", "expira_en", *RESTRICCIONES,
    )  # fmt: skip
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved key shows what it may do and whether it still works."""
        if obj is None:
            return self.fields
        de_prueba = ("col_pruebas",) if obj.pruebas_por_revocar else ()
        return ("col_clave", "nombre", "titular", "col_afiliado", "col_alcances", "col_vigente",
                *de_prueba, "creada_en", "expira_en", "revocada_en", "usada_en", "usada_desde",
                *RESTRICCIONES)  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a saved one its grants are fixed: make another key instead."""
        if obj is None:
            return ()
        se_cambia = () if obj.revocada_en is not None else RESTRICCIONES
        return tuple(c for c in self.get_fields(request, obj) if c not in se_cambia)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """That of a saved key, with what of it changes."""
        if obj is not None:
            kwargs["form"] = RestriccionesForm
        return super().get_form(request, obj, change, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        usuario = request.user
        return usuario.has_perm("afiliados.view_claveapi") or usuario.has_perm(
            "afiliados.change_claveapi"
        )

    def id_historial(self, objeto: Any) -> str:
        return str(objeto.id_clave)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> ClaveAPI:
        clave, texto = crear_clave(**datos, actor=actor_de(request))
        # Lives only in this request: it is not kept in the session nor in a message.
        request.clave_nueva = texto  # type: ignore[attr-defined]
        return clave

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> ClaveAPI:
        return restringir_clave(clave=objeto, actor=actor_de(request), restricciones=cambios)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key itself, in the answer to the POST: no address shows it again."""
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Clave creada"),
            "opts": self.opts,
            "clave": obj,
            "texto": request.clave_nueva,  # type: ignore[attr-defined]
            "prefijo": prefijo(),
        }
        respuesta = TemplateResponse(request, "admin/alpes/clave_creada.html", contexto)
        respuesta["Cache-Control"] = "no-store"
        return respuesta

    @display(description=_("Clave"))
    def col_clave(self, clave: ClaveAPI) -> str:
        """Public part."""
        return clave.publica

    @display(description=_("Afiliado"))
    def col_afiliado(self, clave: ClaveAPI) -> SafeString | str:
        """Affiliate whose objects it sees."""
        return enlace(clave.afiliado)

    @display(description=_("Alcances"))
    def col_alcances(self, clave: ClaveAPI) -> str:
        """What it may do."""
        nombres = dict(Alcance.choices)
        return ", ".join(str(nombres.get(str(alcance), alcance)) for alcance in clave.alcances)

    @display(description=_("Situación"))
    def col_vigente(self, clave: ClaveAPI) -> SafeString:
        """Whether it works."""
        return situacion_de(clave)

    @display(description=_("Claves de prueba"))
    def col_pruebas(self, clave: ClaveAPI) -> str:
        """Those that it made and still work."""
        return _("%(n)s dejan de servir en cuanto conteste el entorno de pruebas.") % {
            "n": entero(clave.pruebas_por_revocar)
        }
