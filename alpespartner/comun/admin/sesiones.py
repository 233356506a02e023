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
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.acceso import sesiones
from alpespartner.comun.acceso.propio import dispositivo
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.formato import enlace

for _modelo in (EmailAddress, EmailConfirmation, Authenticator, UserSession):
    if admin.site.is_registered(_modelo):
        admin.site.unregister(_modelo)


@admin.register(UserSession)
class SesionAdmin(AdminSoloLectura, ConAcciones):
    """Live sessions, the last used first; what ended them is in the history of their person."""

    acciones = (
        Accion(
            nombre="terminar",
            titulo=_("Terminar"),
            permiso="usersessions.delete_usersession",
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
    list_display = ("col_persona", "col_dispositivo", "ip", "created_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    search_help_text = _("Nombre de usuario")
    ordering = ("-last_seen_at", "-pk")
    fields = (("col_persona", "col_dispositivo"), ("ip", "user_agent"),
              ("created_at", "last_seen_at"))  # fmt: skip
    readonly_fields = ("col_persona", "col_dispositivo")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserSession]:
        """Those that have not run out."""
        return super().get_queryset(request) & sesiones.vivas()

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """The list: the session is no more."""
        return reverse("admin:usersessions_usersession_changelist")

    def id_historial(self, objeto: Any) -> str:
        """A session has no history of its own."""
        return str(objeto.pk)

    @display(description=_("Persona"))
    def col_persona(self, sesion: UserSession) -> Any:
        """Whose it is."""
        return enlace(sesion.user)

    @display(description=_("Dispositivo"))
    def col_dispositivo(self, sesion: UserSession) -> str:
        """What the browser says that it is."""
        return dispositivo(sesion.user_agent)
