"""Signing in with a password: limited by account and by address, and written down.

Whoever fails on an account is kept from that account only; an address that fails on many is kept
from all. An account tried from many addresses goes on letting in those that it knows.
"""

from __future__ import annotations

import logging
import unicodedata
from datetime import timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from alpespartner.comun.acceso.direccion import direccion_de
from alpespartner.comun.acceso.intentos import Limite, conocido, devolver, recordar, reservar
from alpespartner.comun.acceso.turno import turno_de_contrasena
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.historial import paso

log = logging.getLogger(__name__)
ENTIDAD = "acceso"
DESCONOCIDO = "desconocido"
POR_CUENTA_Y_DIRECCION = 5
POR_DIRECCION = 30
POR_CUENTA = 50
VENTANA = timedelta(minutes=15)


def limites_de(usuario: str, direccion: str) -> list[Limite]:
    """What a try counts for."""
    nombre = unicodedata.normalize("NFKC", usuario).casefold()
    par = Limite("par", (nombre, direccion), POR_CUENTA_Y_DIRECCION, VENTANA)
    limites = [par, Limite("direccion", (direccion,), POR_DIRECCION, VENTANA)]
    if not conocido(_sabida(nombre, direccion)):
        limites.append(Limite("cuenta", (nombre,), POR_CUENTA, VENTANA))
    return limites


def _sabida(nombre: str, direccion: str) -> Limite:
    return Limite("sabida", (nombre, direccion), 0, timedelta(days=30))


class ContrasenaLimitada(ModelBackend):
    """Django's check of a password, behind the limits and one at a time."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The user, or None. Raises DemasiadosIntentos or AccesoOcupado before any hashing."""
        if username is None or password is None:
            return None
        direccion = direccion_de(request)
        with turno_de_contrasena():
            limites = limites_de(username, direccion)
            alcanzados = reservar(limites)
            usuario = super().authenticate(request, username=username, password=password, **kwargs)
        if usuario is None:
            _anotar_fallo(username, direccion, alcanzados)
            return None
        devolver(limites[1:], olvidar=limites[0])
        recordar(_sabida(limites[0].quien[0], direccion))
        return usuario


def _anotar_fallo(usuario: str, direccion: str, alcanzados: list[Limite]) -> None:
    # People type a password where the name goes: one that is nobody's is not kept.
    nombre = usuario[:40] if User.objects.filter(username=usuario).exists() else DESCONOCIDO
    log.warning("contraseña errónea: usuario=%r dirección=%s", nombre, direccion or "-")
    datos = {"usuario": nombre, "direccion": direccion}
    autor = sistema("acceso")
    paso(entidad=ENTIDAD, entidad_id=nombre, accion="fallo", actor=autor, datos=datos).save()
    for limite in alcanzados:
        log.warning("acceso bloqueado por %s: %r desde %s", limite.que, nombre, direccion)
        paso(
            entidad=ENTIDAD, entidad_id=nombre, accion="bloqueo", actor=autor,
            datos={**datos, "por": limite.que},
        ).save()  # fmt: skip


def anotar_entrada(
    sender: object, request: HttpRequest | None, user: Any, **kwargs: object
) -> None:
    """Write down who came in, and from where; a session that a program makes comes from nowhere."""
    direccion = direccion_de(request)
    if direccion:
        paso(
            entidad=ENTIDAD, entidad_id=user.get_username()[:40], accion="entrada",
            actor=persona(user.pk), datos={"direccion": direccion},
        ).save()  # fmt: skip
