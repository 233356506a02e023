"""Identifiers: unique, as long as their column, sorted."""

from __future__ import annotations

import re

from alpespartner.comun.identificadores import LARGO_ID, nuevo_id, nuevo_uuid7


def test_identificadores() -> None:
    """An id that repeats, or does not fit its column, loses a row."""
    ids = [nuevo_id("regla") for _ in range(1000)]
    assert len(set(ids)) == 1000
    for uno in ids:
        assert re.fullmatch(r"regla_[0-9A-HJKMNP-TV-Z]{26}", uno)
        assert len(uno) <= LARGO_ID


def test_uuid7_creciente() -> None:
    """Event ids sort by creation within a process: the index of the outbox stays compact."""
    ids = [nuevo_uuid7() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert all(len(uno) == 36 and uno[14] == "7" for uno in ids)
