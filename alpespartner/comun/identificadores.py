"""Public identifiers: a prefix that names the kind and an unguessable ULID (``com_01J…``)."""

from __future__ import annotations

import re

import uuid_utils
from django.utils.translation import gettext as _
from ulid import ULID

from alpespartner.comun.errores import ReferenciaReservada

LARGO_ID = 40
# What a page shows of an id: its last characters.
FINAL = 6
# Whatever the prefix, also of a kind that does not exist yet, and however it is typed.
_NUESTRO = re.compile(r"[a-z]{1,12}_[0-9a-z]{26}", re.ASCII | re.IGNORECASE)
_CORTO = re.compile(rf"[a-z]{{1,12}}_(?:…|\.\.\.)([0-9a-z]{{{FINAL}}})", re.ASCII | re.IGNORECASE)


def nuevo_id(prefijo: str) -> str:
    """New public id such as ``af_01ARZ3NDEKTSV4RRFFQ69G5FAV``; ids of a kind sort by creation."""
    return f"{prefijo}_{ULID()}"


def es_nuestro(referencia: str) -> bool:
    """Whether a text has the form of our identifiers."""
    return _NUESTRO.fullmatch(referencia) is not None


def canonico(texto: str) -> str:
    """One of our identifiers as we write it, however it was typed; of a short one, as pages show
    it (``af_…5G5FAV``), what it has of the whole; any other text as it is."""
    if corto := _CORTO.fullmatch(texto):
        return corto[1]
    if not es_nuestro(texto):
        return texto
    prefijo, _guion, cuerpo = texto.partition("_")
    return f"{prefijo.lower()}_{cuerpo.upper()}"


def exigir_ajena(referencia: str, campo: str) -> str:
    """A partner's own name of something, which must not look like one of ours: a request that
    names one of the two would name both. Raises :class:`ReferenciaReservada`."""
    if es_nuestro(referencia):
        raise ReferenciaReservada(
            _("«%(referencia)s» tiene la forma de nuestros identificadores: usa otra.")
            % {"referencia": referencia},
            campo=campo,
        )
    return referencia


def nuevo_uuid7() -> str:
    """New UUIDv7 as text: unique, and increasing within a process."""
    return str(uuid_utils.uuid7())
