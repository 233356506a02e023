"""Declared event types. Each app declares its own as frozen dataclasses in ``eventos.py``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

CONTEXTOS = ("afiliados", "conversiones", "marketing", "comisiones")

# Fields in which people write what they like. The rest of an event are ids, codes, amounts and
# instants; these may name somebody, and are all of it that changes when somebody is erased.
TEXTO_LIBRE = frozenset({"concepto", "motivo", "nombre"})
# What is left of somebody's account, which goes with them.
SUYO = frozenset({"termina_en"})

T = TypeVar("T")


@dataclass(frozen=True)
class TipoEvento:
    """A declared type: its name, its context (topic) and the field that holds the aggregate id."""

    nombre: str
    contexto: str
    sujeto: str
    esquema: int


TIPOS: dict[str, TipoEvento] = {}
_POR_CLASE: dict[type, TipoEvento] = {}


def evento(*, contexto: str, sujeto: str, esquema: int = 1) -> Callable[[type[T]], type[T]]:
    """Declare a frozen dataclass as an event of ``contexto`` whose key is field ``sujeto``."""

    def declarar(clase: type[T]) -> type[T]:
        if contexto not in CONTEXTOS:
            raise ValueError(f"contexto desconocido: {contexto}")
        if clase.__name__ in TIPOS:
            raise ValueError(f"evento declarado dos veces: {clase.__name__}")
        campos = {campo.name for campo in dataclasses.fields(clase)}  # type: ignore[arg-type]
        if sujeto not in campos:
            raise ValueError(f"{clase.__name__} no tiene el campo {sujeto}")
        tipo = TipoEvento(clase.__name__, contexto, sujeto, esquema)
        TIPOS[tipo.nombre] = tipo
        _POR_CLASE[clase] = tipo
        return clase

    return declarar


def tipo_de(instancia: object) -> TipoEvento | None:
    """Declared type of an event instance, or None."""
    return _POR_CLASE.get(type(instancia))


def instante(valor: datetime) -> str:
    """RFC 3339 text in UTC with microseconds: 2026-01-31T10:00:00.000000Z."""
    return valor.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _a_json(valor: Any) -> Any:
    if isinstance(valor, float):
        raise TypeError("un evento no lleva float")
    if isinstance(valor, Decimal):
        return f"{valor:f}"
    if isinstance(valor, datetime):
        return instante(valor)
    if isinstance(valor, (list, tuple)):
        return [_a_json(v) for v in valor]
    if isinstance(valor, dict):
        return {k: _a_json(v) for k, v in valor.items()}
    return valor


def datos_de(instancia: Any) -> dict[str, Any]:
    """JSON-able fields of an event: decimals as plain strings, instants in UTC."""
    return {
        campo.name: _a_json(getattr(instancia, campo.name))
        for campo in dataclasses.fields(instancia)
    }
