"""Public identifiers: a prefix that names the kind and an unguessable ULID (``com_01J…``)."""

from __future__ import annotations

import uuid

import uuid_utils
from ulid import ULID

LARGO_ID = 40


def nuevo_id(prefijo: str) -> str:
    """New public id such as ``af_01ARZ3NDEKTSV4RRFFQ69G5FAV``; ids of a kind sort by creation."""
    return f"{prefijo}_{ULID()}"


def nuevo_uuid7() -> str:
    """New UUIDv7 as text: unique, and increasing within a process."""
    return str(uuid.UUID(int=uuid_utils.uuid7().int))
