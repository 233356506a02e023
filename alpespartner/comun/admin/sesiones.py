"""Everybody's sessions, for who administers. The library's own pages of its tables are taken away:
they would show and change secrets."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.acceso import sesiones
from alpespartner.comun.acceso.propio import dispositivo
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace
from alpespartner.comun.admin.listas import ListaCorta
from alpespartner.comun.formato import VACIO, hace
from alpespartner.comun.models import Sesion

for _modelo in (EmailAddress, EmailConfirmation, Authenticator, UserSession):
    if admin.site.is_registered(_modelo):
        admin.site.unregister(_modelo)


@admin.register(Sesion)
class SesionAdmin(ListaCorta, AdminSoloLectura, ConAcciones):
    """Live sessions, the last used first; what ended them is in the history of their person."""

    acciones = (
        Accion(
            nombre="terminar",
            titulo=_("Terminar"),
            permiso="comun.delete_sesion",
            visible=lambda _sesion: True,
            aplicar=lambda sesion, actor, motivo: sesiones.terminar(
                usuario=sesion.user, actor=actor, solo=sesion.pk, motivo=motivo
            ),
            exito=_("La sesión terminó."),
            motivo="opcional",
            icono="logout",
            tono="peligro",
        ),
    )
    list_display = ("col_persona", "col_dispositivo", "col_ip", "col_desde", "col_vista")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    search_help_text = _("Nombre de usuario")
    ordering = ("-last_seen_at", "-pk")
    fields = (("col_usuario", "col_dispositivo"), ("col_ip", "col_navegador"),
              ("col_desde", "col_vista"))  # fmt: skip
    readonly_fields = (
        "col_usuario", "col_dispositivo", "col_ip", "col_navegador", "col_desde", "col_vista",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sesion]:
        """Those that have not run out."""
        return super().get_queryset(request).filter(pk__in=sesiones.vivas())

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """The list: the session is no more."""
        return reverse("admin:comun_sesion_changelist")

    def id_historial(self, objeto: Any) -> str:
        """A session has no history of its own."""
        return str(objeto.pk)

    @display(description=_("Persona"))
    def col_persona(self, sesion: Sesion) -> str:
        """Whose it is."""
        return str(sesion.user)

    @display(description=_("Persona"))
    def col_usuario(self, sesion: Sesion) -> SafeString | str:
        """Link to whose it is."""
        return enlace(sesion.user)

    @display(description=_("Dispositivo"))
    def col_dispositivo(self, sesion: Sesion) -> str:
        """What the browser says that it is."""
        return dispositivo(sesion.user_agent)

    @display(description=_("Navegador"))
    def col_navegador(self, sesion: Sesion) -> str:
        """The browser's own words."""
        return sesion.user_agent or VACIO

    @display(description=_("Dirección"))
    def col_ip(self, sesion: Sesion) -> str:
        """From where it was last used."""
        return sesion.ip

    @display(description=_("Desde"))
    def col_desde(self, sesion: Sesion) -> str:
        """Since when."""
        return hace(sesion.created_at)

    @display(description=_("Última vez"))
    def col_vista(self, sesion: Sesion) -> str:
        """When it was last used, to a few minutes."""
        return hace(sesion.last_seen_at)
