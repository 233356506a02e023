"""What the tests of the doors share: browsers, secrets read off the page, codes at a moment."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from alpespartner.comun.models import Historial

BUENA = "una contraseña larga"


def personal(nombre: str = "ana", **mas: Any) -> User:
    """A member of the staff with a password."""
    mas = {"is_staff": True, "email": f"{nombre}@ejemplo.co", **mas}
    return User.objects.create_user(nombre, password=BUENA, **mas)


def navegador(desde: str = "10.0.0.1", **mas: Any) -> Client:
    """A browser at an address."""
    return Client(REMOTE_ADDR=desde, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Chrome/140.0", **mas)


def con_contrasena(
    cliente: Client, usuario: str = "ana", contrasena: str = BUENA, destino: str = "/admin/"
) -> Any:
    return cliente.post(
        "/admin/login/", {"username": usuario, "password": contrasena, "next": destino}
    )


def codigo_de(secreto: str, *, dentro_de: int = 0) -> str:
    """What an application with the secret shows, now or some intervals from now."""
    momento = int(timezone.now().timestamp()) // 30 + dentro_de
    return format_hotp_value(hotp_value(secreto.replace(" ", ""), momento))


def leer_secreto(respuesta: Any) -> tuple[str, str]:
    """The secret of an enrolment page, and the token of its form."""
    pagina = respuesta.content.decode()
    secreto = re.search(r'value="([A-Z2-7 ]{32,})" id="secreto"', pagina)
    ficha = re.search(r'name="ficha" value="([^"]+)"', pagina)
    assert secreto is not None
    assert ficha is not None
    return secreto[1], ficha[1]


def inscribir(cliente: Client, url: str = "/admin/login/inscribir/") -> tuple[str, list[str]]:
    """Enrol from the page: the secret and the recovery codes."""
    secreto, ficha = leer_secreto(cliente.get(url))
    hecha = cliente.post(url, {"ficha": ficha, "codigo": codigo_de(secreto)})
    assert hecha.status_code == 200, hecha.content.decode()[-3000:]
    codigos = re.search(r'<textarea class="ap-codigos"[^>]*>([^<]*)<', hecha.content.decode())
    assert codigos is not None, "the codes are shown once"
    return secreto, codigos[1].split()


def dar_codigo(cliente: Client, codigo: str) -> Any:
    return cliente.post("/admin/login/codigo/", {"codigo": codigo})


def con_factor(reloj: Any, nombre: str = "ana", **mas: Any) -> tuple[User, str, list[str]]:
    """Somebody who enrolled, and whose first code is past."""
    usuario = personal(nombre, **mas)
    cliente = navegador()
    con_contrasena(cliente, nombre)
    secreto, codigos = inscribir(cliente)
    cliente.post("/admin/logout/")
    reloj.shift(timedelta(seconds=60))
    return usuario, secreto, codigos


def entrar_del_todo(secreto: str, nombre: str = "ana", desde: str = "10.0.0.1") -> Client:
    """A browser signed in with both."""
    cliente = navegador(desde)
    assert con_contrasena(cliente, nombre).url == "/admin/login/codigo/"
    assert dar_codigo(cliente, codigo_de(secreto)).status_code == 302
    assert dentro(cliente)
    return cliente


def dentro(cliente: Client) -> bool:
    """Whether the admin opens."""
    return cliente.get("/admin/mi-acceso/").status_code == 200


def pasos(entidad: str, entidad_id: str | int) -> list[str]:
    filas = Historial.objects.filter(entidad=entidad, entidad_id=str(entidad_id)).order_by("id")
    return [fila.accion for fila in filas]


def factores(usuario: User) -> set[str]:
    return set(Authenticator.objects.filter(user=usuario).values_list("type", flat=True))
