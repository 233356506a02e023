"""The staff's accounts: who came in, who tried, and that nobody of them is ever deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.errores import UsuarioNoSeBorra
from alpespartner.comun.historial import paso
from alpespartner.comun.vocabulario import Entidad, registrar

ACTOR = sistema("acceso")
DESCONOCIDO = "desconocido"

registrar(
    "usuario",
    Entidad(
        _("Usuario"),
        acciones={
            "crear": _("Creación"),
            "cambiar": _("Cambio"),
            "entrar": _("Entrada"),
            "no_entrar": _("Entrada rechazada"),
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
    user_logged_in.connect(_entro, dispatch_uid="alpespartner.entro")
    user_login_failed.connect(_no_entro, dispatch_uid="alpespartner.no_entro")
    pre_delete.connect(_no_se_borra, sender=get_user_model(), dispatch_uid="alpespartner.borrar")


def _entro(sender: Any, request: Any, user: Any, **_opciones: Any) -> None:
    paso(
        entidad="usuario", entidad_id=str(user.pk), accion="entrar", actor=persona(user.pk),
        datos=_desde(request),
    ).save()  # fmt: skip


def _no_entro(
    sender: Any, credentials: dict[str, Any], request: Any = None, **_opciones: Any
) -> None:
    """The name that was tried, as far as it is an account's; never what came as a password."""
    modelo = get_user_model()
    nombre = str(credentials.get(modelo.USERNAME_FIELD) or "")[:150]
    conocido = modelo._default_manager.filter(**{modelo.USERNAME_FIELD: nombre}).first()
    paso(
        entidad="usuario",
        entidad_id=DESCONOCIDO if conocido is None else str(conocido.pk),
        accion="no_entrar",
        actor=ACTOR,
        # People type a password where the name goes: one that is nobody's is not kept.
        datos=_desde(request),
    ).save()


def _desde(request: Any) -> dict[str, str]:
    return {} if request is None else {"desde": str(request.META.get("REMOTE_ADDR", ""))[:45]}


def _no_se_borra(sender: Any, **_opciones: Any) -> NoReturn:
    raise UsuarioNoSeBorra()
