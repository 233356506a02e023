"""Roles of the staff: each app declares what each may do in its ``roles.py``, as data.

``ROLES`` there maps a role to the permissions of that app (without its label). They are applied
after every ``migrate``: what an app no longer declares is taken away. A role of any other name is
the programme's own and is never touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.apps import apps as apps_actuales

REVISION = "Revisión"
# Whoever pays neither approves nor registers whom to pay.
TESORERIA = "Tesorería"
CONSULTA = "Consulta"

_VER = ("view_historial", "view_propuesta", "view_exportacion")
ROLES = {
    REVISION: (*_VER, "confirmar_propuesta"),
    TESORERIA: (*_VER, "confirmar_propuesta"),
    CONSULTA: _VER,
}


def declarados(config: AppConfig) -> Mapping[str, Sequence[str]]:
    """Permissions that an app gives to each role."""
    modulo = f"{config.name}.roles"
    if find_spec(modulo) is None:
        return {}
    roles: Mapping[str, Sequence[str]] = import_module(modulo).ROLES
    return roles


def aplicar(sender: AppConfig, using: str, apps: Any = apps_actuales, **_opciones: Any) -> None:
    """Give the roles the permissions of one app: the receiver of ``post_migrate``.

    It comes after the one of ``django.contrib.auth`` that makes those permissions. Raises
    ``Permission.DoesNotExist`` for one that the app does not have.
    """
    try:
        grupos = apps.get_model("auth", "Group")
        permisos = apps.get_model("auth", "Permission")
    except LookupError:
        # Migrated as far as somewhere before the tables of the roles.
        return
    for nombre, codigos in declarados(sender).items():
        rol, _nuevo = grupos.objects.using(using).get_or_create(name=nombre)
        propios = permisos.objects.using(using).filter(content_type__app_label=sender.label)
        rol.permissions.remove(*propios.filter(group=rol).exclude(codename__in=codigos))
        rol.permissions.add(*(propios.get(codename=codigo) for codigo in codigos))
