"""Model fields that mean the same in every app."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.dinero import DECIMALES, DIGITOS
from alpespartner.comun.identificadores import LARGO_ID


def campo_dinero(verbose_name: object, **opciones: Any) -> models.DecimalField[Any, Any]:
    """Amount in the main unit of the row's currency: Decimal(19,4)."""
    return models.DecimalField(
        verbose_name,  # type: ignore[arg-type]
        max_digits=DIGITOS,
        decimal_places=DECIMALES,
        **opciones,
    )


def campo_porcentaje(verbose_name: object, **opciones: Any) -> models.DecimalField[Any, Any]:
    """Percentage (15 means 15 %): Decimal(7,4)."""
    return models.DecimalField(
        verbose_name,  # type: ignore[arg-type]
        max_digits=7,
        decimal_places=4,
        **opciones,
    )


def campo_moneda(**opciones: Any) -> models.CharField[Any, Any]:
    """ISO 4217 code."""
    return models.CharField(_("moneda"), max_length=3, **opciones)


def es_moneda_de(campo: models.Field[Any, Any]) -> bool:
    """Whether a column is one of :func:`campo_moneda`."""
    return isinstance(campo, models.CharField) and campo.name.split("_")[0] == "moneda"


_PLANO = json.JSONDecoder()
# The largest exponent that a reader of JSON takes.
_MAYOR = 307


def _sin_fin(numero: str) -> Any:
    """A number that JSON may write and not every reader can: one without end is a text."""
    return numero if Decimal(numero).adjusted() > _MAYOR else _PLANO.decode(numero)


def _entero(numero: str) -> int | str:
    return int(numero) if len(numero) < 40 else numero


_LECTOR = json.JSONDecoder(parse_float=_sin_fin, parse_int=_entero, parse_constant=str)
# How deep a document may be: deeper than any that is taken.
_HONDURA = 64
# Half of a character: JSON may write it, and no answer can be.
_MEDIO = "\\ud"


def _enteros(valor: Any) -> Any:
    """With each half of a character replaced."""
    if isinstance(valor, str):
        return valor.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(valor, list):
        return [_enteros(v) for v in valor]
    if isinstance(valor, dict):
        return {_enteros(k): _enteros(v) for k, v in valor.items()}
    return valor


def _cabe(valor: Any, queda: int = _HONDURA) -> bool:
    """Whether a document is no deeper than others can write it again."""
    if not isinstance(valor, (dict, list)):
        return True
    partes = valor.values() if isinstance(valor, dict) else valor
    return queda > 0 and all(_cabe(parte, queda - 1) for parte in partes)


def documento(texto: str, clase: type) -> Any:
    """A JSON document as an object or a list (``clase``); an empty one when it is none."""
    try:
        leido = _LECTOR.decode(texto)
    except (ValueError, RecursionError):
        return clase()
    if not isinstance(leido, clase):
        return clase()
    if texto.count("[") + texto.count("{") > _HONDURA and not _cabe(leido):
        return clase()
    return _enteros(leido) if _MEDIO in texto.lower() else leido


class CampoJSON(models.JSONField):
    """A document that is always of the kind of its default, ``dict`` or ``list``.

    What was written around the services and is not reads as an empty one: nobody who reads it has
    to ask, and ``verificar`` names the row (``comun/db/filas.py``).
    """

    def __init__(self, *args: Any, **opciones: Any) -> None:
        super().__init__(*args, **opciones)
        self.clase: type = list if self.default is list else dict

    def from_db_value(self, valor: Any, expresion: Any, conexion: Any) -> Any:
        """As Django's, for any text."""
        if valor is None:
            return None if self.null else self.clase()
        if isinstance(expresion, KeyTransform) or not isinstance(valor, str):
            # A part of a document, asked by its key.
            return super().from_db_value(valor, expresion, conexion)
        return documento(valor, self.clase)

    def deconstruct(self) -> Any:
        """A plain one to the migrations: the column is the same."""
        nombre, _ruta, args, kwargs = super().deconstruct()
        return nombre, "django.db.models.JSONField", args, kwargs


def campo_id_publico() -> models.CharField[Any, Any]:
    """Prefixed public id; the primary key never leaves the system."""
    return models.CharField(_("identificador"), max_length=LARGO_ID, unique=True, editable=False)


def largo_de(modelo: type[models.Model], campo: str) -> int:
    """How many characters a text column holds."""
    columna = modelo._meta.get_field(campo)
    assert isinstance(columna, models.CharField)  # noqa: S101
    return columna.max_length or 0
