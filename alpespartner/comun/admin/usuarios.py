"""Staff and their roles, with the admin's look."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as GroupAdminBase
from django.contrib.auth.admin import UserAdmin as UserAdminBase
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from alpespartner.comun.acceso import factor, sesiones
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import ListaSegura, actor_de
from alpespartner.comun.admin.listas import ListaCorta
from alpespartner.comun.admin.permisos import ConPermisos, FiltroDeRol, nombre_de_rol
from alpespartner.comun.historial import paso

admin.site.unregister(User)
admin.site.unregister(Group)


_DE_USUARIO = ("username", "first_name", "last_name", "email", "is_active", "is_staff",
               "is_superuser")  # fmt: skip


def _foto(objeto: Any) -> dict[str, Any]:
    """What an account, or a role, is and may do."""
    if isinstance(objeto, Group):
        return {"nombre": objeto.name, "permisos": _permisos(objeto.permissions)}
    return {
        **{campo: getattr(objeto, campo) for campo in _DE_USUARIO},
        "roles": sorted(objeto.groups.values_list("name", flat=True)),
        "permisos": _permisos(objeto.user_permissions),
    }


def _permisos(suyos: Any) -> list[str]:
    return sorted(
        f"{app}.{codigo}"
        for app, codigo in suyos.values_list("content_type__app_label", "codename")
    )


class ConHistorial(ModelAdmin):
    """Accounts and roles: each change goes to the history, with what it was and what it is."""

    entidad = ""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            request.foto_antes = _foto(type(obj).objects.get(pk=obj.pk))  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """What it is from the beginning."""
        self._anotar(request, obj, "crear", _foto(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """What differs, as ``[before, after]``; a new password is only said to be new."""
        antes = getattr(request, "foto_antes", None)
        ahora = _foto(type(obj).objects.get(pk=obj.pk))
        cambios: dict[str, Any] = (
            {"contraseña": "nueva"}
            if antes is None
            else {
                campo: [antes[campo], ahora[campo]]
                for campo in ahora
                if antes[campo] != ahora[campo]
            }
        )
        if cambios:
            self._anotar(request, obj, "cambiar", cambios)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """What it was."""
        for objeto in queryset:
            self._anotar(request, objeto, "borrar", _foto(objeto))
        return super().log_deletions(request, queryset)

    def _anotar(self, request: HttpRequest, objeto: Any, accion: str, datos: Any) -> None:
        paso(
            entidad=self.entidad, entidad_id=str(objeto.pk), accion=accion,
            actor=actor_de(request), datos=datos,
        ).save()  # fmt: skip


class FormularioDeUsuario(UserChangeForm):
    """An account; its password is changed on a page of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = format_html(
                '{} <a class="ap-enlace ap-subrayado" href="../password/">{}</a>',
                _("Nadie la ve: solo se guarda su huella."), _("Poner otra contraseña"),
            )  # fmt: skip


@admin.register(User)
class UsuarioAdmin(ConPermisos, ListaCorta, UserAdminBase, ConHistorial, ConAcciones):
    """Members of the staff: deactivated, never deleted."""

    entidad = "usuario"
    acciones = (
        Accion(
            nombre="restablecer_factor",
            titulo=_("Restablecer el segundo factor"),
            permiso="auth.change_user",
            visible=lambda usuario: factor.factor_de(usuario) is not None,
            impedimento=factor.por_que_no_restablece,
            aplicar=lambda usuario, actor, motivo: factor.restablecer(
                usuario=usuario, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s pondrá otro segundo factor cuando entre; se le avisa por correo."),
            motivo="obligatorio",
            ayuda=_("Para quien perdió teléfono y códigos. Asegúrate de quién lo pide."),
            icono="phonelink_erase",
            tono="peligro",
        ),
        Accion(
            nombre="terminar_sesiones",
            titulo=_("Terminar sus sesiones"),
            permiso="auth.change_user",
            visible=lambda usuario: sesiones.de_persona(usuario).exists(),
            aplicar=lambda usuario, actor, motivo: sesiones.terminar(
                usuario=usuario, actor=actor, motivo=motivo
            ),
            exito=_("Las sesiones de %(objeto)s terminaron."),
            motivo="opcional",
            ayuda=_("Vuelve a entrar quien sepa su contraseña: si está en duda, cámbiala."),
            icono="logout",
        ),
    )

    form = FormularioDeUsuario
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser", ("groups", FiltroDeRol))

    def id_historial(self, objeto: Any) -> str:
        """Accounts have no public id."""
        return str(objeto.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody did keeps its name: an account that is not used any more is deactivated."""
        return False


@admin.register(Group)
class GrupoAdmin(ConPermisos, GroupAdminBase, ConHistorial, ListaSegura):
    """Roles: sets of permissions."""

    titulo = _("Roles")

    entidad = "rol"

    show_facets = admin.ShowFacets.NEVER
    list_display = ("col_nombre",)

    @display(description=_("Nombre"), ordering="name")
    def col_nombre(self, rol: Group) -> str:
        """In the page's language."""
        return nombre_de_rol(rol.name)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The roles themselves: what they let do is no row that anybody knows."""
        roles = [nombre_de_rol(rol.name) for rol in objs]
        return roles, {capfirst(self.opts.verbose_name_plural): len(roles)}, set(), []
