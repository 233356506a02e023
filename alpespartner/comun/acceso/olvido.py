"""Another password for who forgot theirs: a link by mail, which opens nothing by itself.

Who asks is told the same whether the address is somebody's or not, after the same work. The second
factor stays: with the new password it is asked for as always.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.http import urlsafe_base64_decode

from alpespartner.comun.acceso import correos
from alpespartner.comun.acceso.contrasenas import DESCONOCIDO
from alpespartner.comun.acceso.errores import DemasiadosIntentos, EnlaceCaducado
from alpespartner.comun.acceso.intentos import Limite, reservar
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.historial import paso
from alpespartner.comun.models import QueCorreo
from alpespartner.comun.textos import entero

POR_DIRECCION = 10
POR_CORREO = 3
VENTANA = timedelta(hours=1)


def pedir_enlace(*, correo: str, direccion: str) -> None:
    """Leave a link for whoever has that address.

    Raises DemasiadosIntentos for an address of the network that asked too often; for one of mail,
    nothing more is sent and nobody is told.
    """
    reservar([Limite("olvido", (direccion,), POR_DIRECCION, VENTANA)])
    llano = _llano(correo)
    try:
        reservar([Limite("olvido_de", (llano,), POR_CORREO, VENTANA)])
    except DemasiadosIntentos:
        return
    suyas = User.objects.annotate(llano=Lower("email")).filter(
        llano=correo.strip().lower(), is_active=True, is_staff=True
    )
    cuentas: list[User | None] = [
        usuario
        for usuario in suyas.order_by("pk")
        # Two addresses that a database takes for one are two mailboxes.
        if _llano(usuario.email) == llano and usuario.has_usable_password()
    ]
    for usuario in cuentas or [None]:
        nombre = DESCONOCIDO if usuario is None else usuario.get_username()[:40]
        with transaction.atomic():
            paso(
                entidad="acceso", entidad_id=nombre, accion="enlace_pedido",
                actor=sistema("acceso"), datos={"direccion": direccion},
            ).save()  # fmt: skip
            correos.dejar(usuario=usuario, que=QueCorreo.ENLACE)


def _llano(correo: str) -> str:
    return unicodedata.normalize("NFKC", correo.strip()).casefold()


def cuenta_del_enlace(uid: str, token: str, *, con_candado: bool = False) -> User:
    """The account that a link is for; raises :class:`EnlaceCaducado`."""
    try:
        pk = entero(urlsafe_base64_decode(uid).decode())
    except ValueError:
        pk = None
    todas = User.objects.select_for_update() if con_candado else User.objects.all()
    usuario = todas.filter(pk=pk, is_active=True, is_staff=True).first() if pk else None
    if usuario is None or not default_token_generator.check_token(usuario, token):
        raise EnlaceCaducado()
    return usuario


def poner_contrasena(*, uid: str, token: str, nueva: str) -> User:
    """Set the password that a link was asked for, and use the link up. The account's sessions end,
    and its person is told. Raises :class:`EnlaceCaducado`."""
    with transaction.atomic():
        # Read again under its lock: of two who use one link, the second finds another password.
        usuario = cuenta_del_enlace(uid, token, con_candado=True)
        usuario.set_password(nueva)
        usuario.save(update_fields=["password"])
        paso(
            entidad="usuario", entidad_id=str(usuario.pk), accion="contrasena_restablecida",
            actor=persona(usuario.pk),
        ).save()  # fmt: skip
        correos.dejar(usuario=usuario, que=QueCorreo.CONTRASENA)
    return usuario
