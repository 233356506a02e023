"""Turns are taken in one order, each once; on MySQL one at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from alpespartner.comun import turnos
from tests.fabricas import a_la_vez


class _Conexion:
    """MySQL as far as a turn sees it: what is asked of it."""

    vendor = "mysql"

    def __init__(self) -> None:
        self.pedidas: list[tuple[str, list[str]]] = []

    def cursor(self) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def execute(self, orden: str, claves: list[str]) -> None:
        self.pedidas.append((orden, list(claves)))


def test_en_orden_y_una_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that want the same two never wait for each other."""
    mysql = _Conexion()
    monkeypatch.setattr(turnos, "connection", mysql)
    turnos.tomar("hgfedcba" + "abc")
    turnos.tomar(iter("badcfehg"))
    turnos.tomar([])
    assert [claves for _orden, claves in mysql.pedidas] == [list("abcdefgh")] * 2
    assert all("ON DUPLICATE KEY UPDATE" in orden for orden, _claves in mysql.pedidas)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite locks the whole database, not rows"
)
def test_nadie_mas_mientras_dura() -> None:
    """Eight at once, half of them asking the other way round: one inside at a time, no deadlock."""
    dentro: list[int] = []
    a_la_vez_dentro: list[int] = []

    def uno(n: int) -> str:
        with transaction.atomic():
            turnos.tomar(["x", "y"] if n % 2 else ["y", "x"])
            dentro.append(n)
            a_la_vez_dentro.append(len(dentro))
            with connection.cursor() as cursor:
                cursor.execute("SELECT SLEEP(0.02)")
            dentro.remove(n)
        return "bien"

    assert a_la_vez([lambda n=n: uno(n) for n in range(8)]) == ["bien"] * 8  # type: ignore[misc]
    assert a_la_vez_dentro == [1] * 8
