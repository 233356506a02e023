"""Every address that reads, found in the URL configuration, with the row that it may name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

# Addresses that are not opened, and why. Everything else is.
FUERA = {
    "admin/logout/": "it ends the session",
    "admin/(?P<url>.*)$": "it catches what is no address",
    "admin/r/<path:content_type_id>/<path:object_id>/": "no model has an address of its own",
    "admin/olvido/<str:uid>/<str:token>/": "nobody has a link",
    "correo/<str:ficha>/": "nobody has a link",
    "idioma": "it answers POST only",
    "openapi.json": "it reads no row, and takes seconds",
    "docs": "it reads no row",
    "docs/errores/<str:codigo>": "it reads no row",
}
# These answer no GET.
SOLO_POST = re.compile(
    r"/accion/|/columnas/$|/exportar/$|/descargar/$|/fichero/$|/previa/$|/lote$|/devoluciones$|/devolver$|/vistas/|/aprobar$|/rechazar$|/retirar$|/asignar$|/reasignar$|/clientes$|/avisos/"
    r"|^commissions/(calculate|approve)|/mi-acceso/(codigos|quitar|sesiones)/"
    r"|/(webhook|postback)s/<str:(webhook|postback)_id>/(activar|probar|rotar|repetir)$"
    r"|/claves/<str:clave_id>(/(rotar|revocar))?$"
    r"|v1/pruebas$|/pruebas/(vaciar|<slug:id_clave>/revocar)/$"
    r"|/afiliados/<str:afiliado_id>/(activar|suspender|bloquear|reactivar|cerrar)$"
)
_PARAMETRO = re.compile(r"<(?:\w+:)?(\w+)>")
_ALTERNATIVAS = re.compile(r"\^\(\?P<\w+>([\w|]+)\)/\$")
MES = "2026-03"


@dataclass(frozen=True)
class Direccion:
    """A route; ``modelo`` is whose row it names by ``campo``, if it names one, after those that the
    row is of (``padres``)."""

    ruta: str
    modelo: type[models.Model] | None = None
    campo: str = "pk"
    padres: tuple[str, ...] = ()

    @property
    def del_admin(self) -> bool:
        """Whether a person opens it, and not a key."""
        return not self.ruta.startswith(("api/", "commissions/", "debug/"))

    def de(self, *valores: Any) -> list[str]:
        """The addresses of a row: by what its parents and it are named by."""
        quedan = iter(valores)
        ruta = "/" + _PARAMETRO.sub(
            lambda m: "1" if m[1] == "parte" else str(next(quedan)), self.ruta
        )
        if not ruta.endswith("extracto") and "/extracto/" not in ruta:
            return [ruta]
        return [f"{ruta}?mes={MES}", *(f"{ruta}?mes={MES}&formato={f}" for f in ("csv", "pdf"))]


def direcciones() -> list[Direccion]:
    """Every route that answers GET."""
    halladas: list[Direccion] = []
    for ruta in _andar(get_resolver().url_patterns):
        if ruta in FUERA or SOLO_POST.search(ruta):
            continue
        if varias := _ALTERNATIVAS.search(ruta):
            # One address for each word of the pattern.
            antes = ruta[: varias.start()]
            halladas += [Direccion(f"{antes}{una}/") for una in varias[1].split("|")]
            continue
        nombres = [m[1] for m in _PARAMETRO.finditer(ruta) if m[1] != "parte"]
        halladas.append(_de_una_fila(ruta, nombres) if nombres else Direccion(ruta))
    return halladas


def _andar(patrones: list[URLPattern | URLResolver], antes: str = "") -> Iterator[str]:
    for patron in patrones:
        ruta = antes + str(patron.pattern)
        if isinstance(patron, URLResolver):
            yield from _andar(patron.url_patterns, ruta)
        else:
            yield ruta


def _de_una_fila(ruta: str, nombres: list[str]) -> Direccion:
    *antes, nombre = nombres
    del_admin = re.match(r"admin/(\w+)/(\w+)/", ruta)
    if del_admin and nombre in ("object_id", "pk", "id"):
        return Direccion(ruta, apps.get_model(del_admin[1], del_admin[2]))
    por, campo = (nombre[:-3], "pk" if nombre.endswith("_pk") else "id_publico")
    [modelo] = [m for m in apps.get_models() if m._meta.model_name == por]
    padres = tuple(f"{padre.removesuffix('_id')}__id_publico" for padre in antes)
    return Direccion(ruta, modelo, campo, padres)
