"""Every page that a person opens, found in the URL configuration, with rows of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.test import Client

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.acceso.correos import enlace_para
from comisiones.notificaciones.baja import direccion_de_baja
from tests.hostiles.direcciones import direcciones

# What no browser shows as a page: documents, and fragments that a page asks for.
_SIN_PAGINA = (
    "/avance/", "/csv/", "/diferencias/", "/documento/", "/remesa/", "/panel/", "/jsi18n/",
    "/autocomplete/",
    "/search/", "/rechazadas/", "/manifest.json", "/health", "/logout/",
)  # fmt: skip
# The second step of signing in is reached only by the first: they have tests of their own.
_PASOS = ("/admin/login/codigo/", "/admin/login/inscribir/")
_DE_NADIE = ("/admin/login/", "/admin/olvido/", "/correo/")


def de_nadie(ruta: str) -> bool:
    """Whether a page is for who has not signed in."""
    return ruta.startswith(_DE_NADIE)


def rutas() -> list[str]:
    """The addresses of the pages; of each kind of row, those of its newest one."""
    halladas: dict[str, None] = {}
    for direccion in direcciones():
        if not direccion.del_admin or direccion.ruta in ("", "correo/<str:ficha>/"):
            continue
        # It only leads to the page of the row.
        if re.fullmatch(r"admin/\w+/\w+/<path:object_id>/", direccion.ruta):
            continue
        for ruta in _de(direccion):
            if not any(parte in ruta for parte in _SIN_PAGINA) and ruta not in _PASOS:
                halladas[ruta] = None
    halladas |= dict.fromkeys(_sin_fila())
    return list(halladas)


def _de(direccion) -> Iterator[str]:  # type: ignore[no-untyped-def]
    if direccion.modelo is None:
        yield f"/{direccion.ruta}"
        return
    fila = direccion.modelo._default_manager.order_by("-pk").first()
    if fila is not None:
        yield from direccion.de(getattr(fila, direccion.campo))[:1]


def _sin_fila() -> Iterator[str]:
    """What no address of the configuration says: empty lists, searches, links of mails, states."""
    yield "/admin/comisiones/comision/?estado=todas"
    yield "/admin/comisiones/comision/?q=no-hay-nada"
    yield "/admin/afiliados/afiliado/?q=nada-de-nada"
    yield "/admin/no/hay/"
    correo = direccion_de_baja(Afiliado.objects.order_by("pk")[0])
    yield "/correo/" + correo.split("/correo/", 1)[1]
    otra = User.objects.create_user("olvidadiza", "o@ejemplo.co", "x", is_staff=True)
    yield "/admin/olvido/" + enlace_para(otra).split("/admin/olvido/", 1)[1]


def de_cada_estado() -> list[str]:
    """One page for each state that some row has: buttons and notes come and go with it."""
    from django.contrib import admin

    halladas = []
    for modelo in admin.site._registry:
        nombres = {campo.name for campo in modelo._meta.concrete_fields}
        if "estado" not in nombres:
            continue
        base = f"/admin/{modelo._meta.app_label}/{modelo._meta.model_name}"
        # Past the newest one, which has a page anyway.
        nueva = modelo._default_manager.order_by("-pk").first()
        vistos = {nueva.estado} if nueva else set()
        for fila in modelo._default_manager.order_by("-pk")[:200]:
            if fila.estado not in vistos:
                vistos.add(fila.estado)
                halladas.append(f"{base}/{fila.pk}/change/")
    return halladas


def jefa(nombre: str = "jefa-de-paginas") -> Client:
    """A browser's session of who may do everything."""
    cliente = Client()
    cliente.force_login(User.objects.create_superuser(nombre))
    return cliente
