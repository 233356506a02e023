"""The staff's sessions: which there are, from where, and how they end.

Each has a row that says whose it is, as long as its session lives. Whatever changes what an account
may do ends them: :func:`conectar` listens to all the ways in which one is changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.http import HttpRequest
from django.utils import timezone

from alpespartner.comun.acceso.direccion import ip_de
from alpespartner.comun.acceso.presencia import CLAVE
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.db.escritura import no_escribe
from alpespartner.comun.historial import paso

VISTA = "vista"
FACTOR = "factor"
# How often it is written down that somebody is still there.
_CADA = timedelta(minutes=5)
# What an account is, besides its roles and permissions, that its sessions were opened for.
_DE_CUENTA = ("password", "is_active", "is_staff", "is_superuser")
_SIN_DIRECCION = "0.0.0.0"  # noqa: S104 - a session that a program makes comes from nowhere


def abrir(sender: object, request: HttpRequest, user: User, **_opciones: object) -> None:
    """Receiver of a sign-in: its session has a row, and counts from now."""
    ahora = timezone.now()
    if not request.session.session_key:
        request.session.create()
    request.session[CLAVE] = {"entro": int(ahora.timestamp())}
    request.session[VISTA] = int(ahora.timestamp())
    request.session.pop(FACTOR, None)
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={**_quien(request, user), "created_at": ahora, "last_seen_at": ahora, "data": {}},
    )


def _quien(request: HttpRequest, user: Any) -> dict[str, Any]:
    navegador = request.META.get("HTTP_USER_AGENT", "")
    tope = UserSession._meta.get_field("user_agent").max_length
    return {
        "user": user,
        "ip": str(ip_de(request) or _SIN_DIRECCION),
        # Half of a surrogate pair, or a NUL, has no place in a column.
        "user_agent": navegador.encode("utf-8", "replace").decode().replace("\0", "")[:tope],
    }


def cerrar(sender: object, request: HttpRequest, user: Any, **_opciones: object) -> None:
    """Receiver of a sign-out."""
    if request.session.session_key:
        UserSession.objects.filter(session_key=request.session.session_key).delete()


def anotar_vista(request: HttpRequest) -> None:
    """Write down, now and then, that a session is used. A disk that is full keeps nobody out."""
    ahora = timezone.now()
    antes = request.session.get(VISTA)
    if isinstance(antes, int) and 0 <= ahora.timestamp() - antes < _CADA.total_seconds():
        return
    try:
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=ahora, ip=_quien(request, request.user)["ip"]
        )
    except DatabaseError as exc:
        if not no_escribe(exc):
            raise
    else:
        request.session[VISTA] = int(ahora.timestamp())


def mudar(request: HttpRequest, antes: str) -> None:
    """A session got another key, as it does when its person changes their password."""
    clave = request.session.session_key
    if not UserSession.objects.filter(session_key=antes).update(session_key=clave):
        UserSession.objects.update_or_create(
            session_key=clave, defaults=_quien(request, request.user)
        )


def vivas() -> QuerySet[UserSession]:
    """Sessions that have not run out."""
    abiertas = Session.objects.filter(expire_date__gt=timezone.now())
    return UserSession.objects.filter(session_key__in=abiertas.values("session_key"))


def de_persona(usuario: User) -> QuerySet[UserSession]:
    """Live sessions of somebody, the last used first."""
    return vivas().filter(user=usuario).order_by("-last_seen_at", "-pk")


def terminar(
    *,
    usuario: User | int,
    actor: Actor,
    menos: str = "",
    solo: int | None = None,
    motivo: str = "",
    por: str = "",
) -> int:
    """End the sessions of somebody; gives how many.

    All of them but the one with the key ``menos``, or the row ``solo`` alone. ``por`` is what made
    it happen when nobody asked for it.
    """
    pk = usuario if isinstance(usuario, int) else usuario.pk
    with transaction.atomic():
        filas = UserSession.objects.select_for_update().filter(user_id=pk)
        if solo is not None:
            filas = filas.filter(pk=solo)
        terminadas = list(filas.exclude(session_key=menos).order_by("pk"))
        for fila in terminadas:
            fila.end()
        if terminadas:
            paso(
                entidad="usuario", entidad_id=str(pk), accion="terminar_sesiones", actor=actor,
                motivo=motivo,
                datos={"cuantas": len(terminadas), **({"por": por} if por else {})},
            ).save()  # fmt: skip
    return len(terminadas)


def purgar() -> int:
    """Forget sessions that ran out, and the rows of those that are gone."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    idas = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    # One that is being opened right now has its row a moment before.
    return idas.filter(created_at__lt=timezone.now() - timedelta(hours=1)).delete()[0]


def conectar() -> None:
    """Listen to sign-ins and sign-outs, and to every change of what an account may do."""
    user_logged_in.connect(abrir, dispatch_uid="alpespartner.sesion")
    user_logged_out.connect(cerrar, dispatch_uid="alpespartner.sesion")
    pre_save.connect(_antes_de_guardar, sender=User, dispatch_uid="alpespartner.sesiones")
    post_save.connect(_despues_de_guardar, sender=User, dispatch_uid="alpespartner.sesiones")
    for entre in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(_cambian_roles, sender=entre, dispatch_uid="alpespartner.sesiones")


def _antes_de_guardar(
    sender: object, instance: User, update_fields: Iterable[str] | None = None, **_o: object
) -> None:
    mirados = set(_DE_CUENTA) if update_fields is None else set(_DE_CUENTA) & set(update_fields)
    instance.cambia_de_acceso = ""  # type: ignore[attr-defined]
    if instance.pk is None or not mirados:
        return
    antes = User.objects.filter(pk=instance.pk).values(*mirados).first() or {}
    cambios = sorted(campo for campo in antes if antes[campo] != getattr(instance, campo))
    instance.cambia_de_acceso = ", ".join(cambios)  # type: ignore[attr-defined]


def _despues_de_guardar(sender: object, instance: User, **_opciones: object) -> None:
    if por := getattr(instance, "cambia_de_acceso", ""):
        terminar(usuario=instance, actor=sistema("acceso"), por=por)


def _cambian_roles(
    sender: object,
    instance: Any,
    action: str,
    reverse: bool,
    pk_set: set[int] | None,
    **_opciones: object,
) -> None:
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if not reverse:
        afectados = [instance.pk] if pk_set or action == "pre_clear" else []
    elif pk_set is not None:
        afectados = sorted(pk_set)
    else:
        afectados = list(instance.user_set.values_list("pk", flat=True))
    # A role of somebody, or a permission of their own.
    es_rol = isinstance(instance, Group) or sender is User.groups.through
    for pk in afectados:
        terminar(usuario=pk, actor=sistema("acceso"), por="roles" if es_rol else "permisos")
