"""Cursors: a place in a list, as a text that says nothing to whoever carries it and that nobody
else makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import InvalidToken

from alpespartner.comun.cifrado import cifrar, descifrar
from alpespartner.comun.listas.errores import CursorAjeno

_USO = "cursor"


def cerrar(valores: Sequence[Any], *, de: str) -> str:
    """The cursor of some values (texts and numbers) for the list called ``de``.

    Encrypted, since a key of a row tells how many there are.
    """
    return cifrar(json.dumps([de, *valores]), _USO).rstrip("=")


def abrir(cursor: str, *, de: str) -> list[Any]:
    """The values of a cursor; raises :class:`CursorAjeno` when we did not make it for that list."""
    try:
        lista, *valores = json.loads(descifrar(cursor + "=" * (-len(cursor) % 4), _USO))
    except (InvalidToken, ValueError) as exc:
        raise CursorAjeno(str(exc)) from None
    if lista != de:
        raise CursorAjeno("de otra lista")
    return valores
