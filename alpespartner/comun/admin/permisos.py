"""What permissions and roles are called: they are rows, whose names are kept in one language."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_CON_PAGINA = ("afiliados", "auth", "comisiones", "comun", "conversiones", "outbox")


def nombre_de_rol(nombre: str) -> str:
    """A role of ours in the page's language; one of the programme's own, as it is written."""
    de_casa = {REVISION: _("Revisión"), TESORERIA: _("Tesorería"), CONSULTA: _("Consulta")}
    return de_casa.get(nombre, nombre)


def nombre_de_permiso(permiso: Any) -> str:
    """What a permission lets do, and of what."""
    modelo = permiso.content_type.model_class()
    que = capfirst(modelo._meta.verbose_name) if modelo else permiso.content_type.model
    corrientes = {
        "view": _("ver"), "add": _("añadir"), "change": _("cambiar"), "delete": _("borrar"),
    }  # fmt: skip
    verbo, _sep, _de = permiso.codename.partition("_")
    return f"{que}: {corrientes.get(verbo) or _(permiso.name)}"


class FiltroDeRol(RelatedFieldListFilter):
    """By role, under its name."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        roles = super().field_choices(field, request, model_admin)
        return [(pk, nombre_de_rol(str(nombre))) for pk, nombre in roles]


class ConPermisos:
    """Fields of roles and permissions that say them in the page's language."""

    def formfield_for_manytomany(self, db_field: Any, *args: Any, **kwargs: Any) -> Any:
        campo = super().formfield_for_manytomany(db_field, *args, **kwargs)  # type: ignore[misc]
        if campo is not None and db_field.name == "groups":
            campo.label_from_instance = lambda rol: nombre_de_rol(rol.name)
        elif campo is not None:
            campo.label_from_instance = nombre_de_permiso
            # Of what has no page there is nothing to let do.
            campo.queryset = campo.queryset.filter(content_type__app_label__in=_CON_PAGINA)
        return campo
