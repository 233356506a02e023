"""Staff and their roles, with the admin's look."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as GroupAdminBase
from django.contrib.auth.admin import UserAdmin as UserAdminBase
from django.contrib.auth.models import Group, User
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from alpespartner.comun.admin.base import ListaSegura, PaginadorAcotado

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UsuarioAdmin(UserAdminBase, ListaSegura):
    """Members of the staff."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    paginator = PaginadorAcotado
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser", "groups")
    list_filter_submit = True


@admin.register(Group)
class GrupoAdmin(GroupAdminBase, ListaSegura):
    """Roles: sets of permissions."""

    show_facets = admin.ShowFacets.NEVER
