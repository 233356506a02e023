"""A database that takes a text for another is refused, with what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection

from alpespartner.comun.db import cotejo

pytestmark = pytest.mark.django_db(transaction=True)


def ejecutar(*sentencias: str) -> None:
    with connection.cursor() as cursor:
        for sentencia in sentencias:
            cursor.execute(sentencia)


def test_la_de_estas_pruebas_los_distingue() -> None:
    assert cotejo.comprobar() == []
    cotejo.exigir_cotejo()


@pytest.fixture
def del_servidor() -> Iterator[None]:
    """The database of these tests, as one made without saying its collation, and a table."""
    base = connection.settings_dict["NAME"]
    ejecutar(
        f"ALTER DATABASE `{base}` COLLATE utf8mb4_0900_ai_ci",
        "CREATE TABLE vieja (nombre VARCHAR(9))",
    )
    try:
        yield
    finally:
        ejecutar("DROP TABLE vieja", f"ALTER DATABASE `{base}` COLLATE {cotejo.COTEJO}")


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite compara bytes")
def test_la_del_servidor_no(del_servidor: None) -> None:
    """Neither command nor server starts; the statements that it says are what it takes."""
    with pytest.raises(SystemCheckError, match="ALTER DATABASE"):
        call_command("verificar", skip_checks=False)
    with pytest.raises(CommandError, match="ALTER DATABASE"):
        call_command("migrate", verbosity=0)
    with pytest.raises(Exception, match="ALTER TABLE `vieja` CONVERT TO"):
        cotejo.exigir_al_arrancar()
    sentencias = cotejo.sentencias_que_faltan()
    assert len(sentencias) == 2
    ejecutar(*sentencias)
    assert cotejo.sentencias_que_faltan() == []


def test_una_base_que_no_responde_lo_dice_ella(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check must not hide it behind a trace of its own."""

    def cae(*_args: Any) -> list[str]:
        raise OperationalError(2003, "Can't connect")

    monkeypatch.setattr(cotejo, "sentencias_que_faltan", cae)
    assert cotejo.comprobar() == []
    monkeypatch.setattr(cotejo, "sentencias_que_faltan", lambda *_a: ["ALTER DATABASE `x` …"])
    with pytest.raises(Exception, match="ALTER DATABASE `x`"):
        cotejo.exigir_al_arrancar()
