"""The staff's accounts and roles: their words in the history, and that nobody is ever deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import UsuarioNoSeBorra
from alpespartner.comun.vocabulario import Entidad, registrar

registrar(
    "usuario",
    Entidad(
        _("Usuario"),
        acciones={
            "crear": _("Creación"),
            "cambiar": _("Cambio"),
            "contrasena_restablecida": _("Contraseña restablecida"),
            "restablecer_factor": _("Segundo factor restablecido"),
            "terminar_sesiones": _("Sesiones terminadas"),
        },
    ),
)
registrar(
    "rol",
    Entidad(
        _("Rol"),
        acciones={"crear": _("Creación"), "cambiar": _("Cambio"), "borrar": _("Borrado")},
    ),
)


def conectar() -> None:
    """Listen to what Django tells of the staff."""
    pre_delete.connect(_no_se_borra, sender=get_user_model(), dispatch_uid="alpespartner.borrar")


def _no_se_borra(sender: Any, **_opciones: Any) -> NoReturn:
    raise UsuarioNoSeBorra()
