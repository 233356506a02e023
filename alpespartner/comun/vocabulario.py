"""How the admin calls what the apps keep in the history: each app registers its own words.

An app's ``vocabulario.py`` does it when the app is ready; the kernel knows no word of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

Tono = Literal["bien", "aviso", "info", "espera", "mal", "neutro"]


@dataclass(frozen=True, slots=True)
class Entidad:
    """What the history calls ``entidad``: its name, its actions as nouns, the tone of the badge of
    each of its states (neutral unless it says), and the model whose fields its steps name."""

    nombre: Any
    acciones: Mapping[str, Any]
    tonos: Mapping[str, Tono] = field(default_factory=dict)
    modelo: str = ""


ENTIDADES: dict[str, Entidad] = {}
# What happens to whatever a proposal is about is called as the proposal's own steps.
_DE_TODAS = "propuesta"
_TONOS: dict[str, Tono] = {}


def registrar(entidad: str, palabras: Entidad) -> None:
    """Declare an entity. Raises ValueError when a state has another tone elsewhere: a badge is read
    without its entity."""
    for estado, tono in palabras.tonos.items():
        if _TONOS.setdefault(estado, tono) != tono:
            raise ValueError(f"«{estado}» es {_TONOS[estado]} y {entidad} dice {tono}")
    ENTIDADES[entidad] = palabras


def tono_de(estado: str) -> Tono:
    """Tone of the badge of a state."""
    return _TONOS.get(estado, "neutro")


# What the parts that act by themselves are called.
PARTES: dict[str, Any] = {}


def nombre_de_campo(entidad: str, campo: str) -> str:
    """What people call a field of an entity; its bare word when nobody does."""
    palabras = ENTIDADES.get(entidad)
    if palabras and palabras.modelo:
        try:
            hallado: Any = apps.get_model(palabras.modelo)._meta.get_field(campo)
        except FieldDoesNotExist:
            return campo
        return str(getattr(hallado, "verbose_name", campo))
    return campo


def nombre_de_entidad(entidad: str) -> str:
    """What the history keeps a step of; its bare word when nobody registered it."""
    palabras = ENTIDADES.get(entidad)
    return str(palabras.nombre) if palabras else entidad.replace("_", " ").capitalize()


def nombre_de_parte(parte: str) -> str:
    """A part of the system that did something; its bare word when nobody registered it."""
    return str(PARTES.get(parte, parte))


def nombre_de_accion(entidad: str, accion: str) -> str:
    """Action of an entity as a noun; its bare word when nobody registered it."""
    for palabras in filter(None, (ENTIDADES.get(entidad), ENTIDADES.get(_DE_TODAS))):
        if accion in palabras.acciones:
            return str(palabras.acciones[accion])
    return accion.replace("_", " ").capitalize()
