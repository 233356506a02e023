"""JSON in: numbers arrive as exact decimals, and hostile documents as a 400."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# Whatever is nested deeper is no document of ours, and would exhaust the stack further on.
PROFUNDIDAD = 32


def _exigir_llano(documento: Any) -> None:
    pendientes = [(documento, 1)]
    while pendientes:
        valor, nivel = pendientes.pop()
        if nivel > PROFUNDIDAD:
            raise ValueError("demasiados niveles")
        if isinstance(valor, dict):
            valor = list(valor.values())
        if isinstance(valor, list):
            pendientes += ((parte, nivel + 1) for parte in valor)


def _legible(clave: str) -> str:
    return clave[:64].encode("utf-8", "replace").decode()


class _Repetida(Exception):
    """An object says two things under one name."""


def _sin_repetir(pares: list[tuple[str, Any]]) -> dict[str, Any]:
    objeto = dict(pares)
    if len(objeto) < len(pares):
        veces = Counter(clave for clave, _valor in pares)
        raise _Repetida(veces.most_common(1)[0][0])
    return objeto


class JSONDecimalParser(JSONParser):
    """Parses JSON numbers with a point or exponent as Decimal.

    NaN and Infinity become Decimals that no field takes, so that the refusal names the field.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document; raises ParseError (400) for anything that is not JSON."""
        try:
            texto = stream.read().decode("utf-8")
            documento = json.loads(
                texto,
                parse_float=Decimal,
                parse_constant=Decimal,
                object_pairs_hook=_sin_repetir,
            )
            _exigir_llano(documento)
        except _Repetida as exc:
            # Which of two amounts counts depends on who reads: nobody can say what was meant.
            raise ParseError(
                _("El cuerpo dice dos veces «%(clave)s».") % {"clave": _legible(exc.args[0])}
            ) from None
        except (ValueError, RecursionError, ArithmeticError):
            # ValueError covers bad UTF-8, bad JSON and integers of thousands of digits.
            raise ParseError(_("El cuerpo no es JSON válido en UTF-8.")) from None
        return documento
