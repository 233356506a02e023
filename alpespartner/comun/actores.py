"""Who did something: a person of the staff, an API key or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

_Tipo = Literal["persona", "clave", "sistema"]


@dataclass(frozen=True, slots=True)
class Presencia:
    """The session through which a person acts, when they entered, and when they last showed again
    that it is them (None: not since)."""

    sesion: str
    entro: datetime | None
    confirmo: datetime | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Author of a change; its text (``persona:7``) goes to the history and is compared for
    separation of duties. ``presencia`` is of a person who acts through a page of the site."""

    tipo: _Tipo
    id: str
    presencia: Presencia | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.tipo}:{self.id}"


def persona(pk: int | str, presencia: Presencia | None = None) -> Actor:
    """A member of the staff, by user primary key."""
    return Actor("persona", str(pk), presencia)


def clave(id_clave: str) -> Actor:
    """An API key, by its public part."""
    return Actor("clave", id_clave)


def sistema(nombre: str) -> Actor:
    """A part of the system, such as ``consumidor.comisiones``."""
    return Actor("sistema", nombre)


def de_texto(texto: str) -> Actor:
    """The author that a row names."""
    tipo, _dos_puntos, suyo = texto.partition(":")
    return Actor(cast(_Tipo, tipo), suyo)
