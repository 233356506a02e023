"""What the tests of imports share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, User

from alpespartner.comun.actores import Actor, persona
from conversiones.fuentes.avance import avanzar_importacion
from conversiones.fuentes.models import FilaImportada, Importacion
from conversiones.fuentes.services import confirmar_importacion, subir_fichero

CABECERA = "referencia,afiliado,valor,fecha"


def quien(nombre: str = "eva", rol: str = "Revisión") -> Actor:
    """Somebody of the staff with a role."""
    usuario, nuevo = User.objects.get_or_create(username=nombre, defaults={"is_staff": True})
    if nuevo:
        usuario.groups.add(Group.objects.get(name=rol))
    return persona(usuario.pk)


def csv(*filas: str, cabecera: str = CABECERA) -> bytes:
    """A file."""
    return "\n".join([cabecera, *filas]).encode()


def ensayar(contenido: bytes, tipo: str = "ventas", **datos: Any) -> Importacion:
    """A file, uploaded and rehearsed."""
    subida = subir_fichero(
        **{"tipo": tipo, "contenido": contenido, "nombre": "f.csv", "actor": quien(), **datos}
    )
    avanzar_importacion(importacion_pk=subida.pk)
    subida.refresh_from_db()
    return subida


def aplicar(ensayada: Importacion, actor: Actor | None = None) -> Importacion:
    """Confirmed, and worked through."""
    confirmar_importacion(importacion=ensayada, actor=actor or quien())
    avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    return ensayada


def importar(contenido: bytes, tipo: str = "ventas", **datos: Any) -> Importacion:
    """All of it at once."""
    return aplicar(ensayar(contenido, tipo, **datos))


def cuentas(de: Importacion) -> tuple[int, int, int]:
    """Created, already there, refused."""
    return de.creadas, de.ya, de.rechazadas


def malas(de: Importacion) -> Mapping[int, tuple[str, str]]:
    """Column and what to do of each refused row, by its line."""
    filas = FilaImportada.objects.filter(importacion=de, resultado="rechazada")
    return {fila.linea: (fila.columna, fila.detalle) for fila in filas}
