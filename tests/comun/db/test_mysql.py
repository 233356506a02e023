"""MySQL's transactions and its connection, with nothing asked that is known."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import close_old_connections, connection, connections, transaction

from alpespartner.comun.models import Turno

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="de MySQL"),
]


def contador(nombre: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS WHERE Variable_name = %s", [nombre])
        return int(cursor.fetchone()[1])


def fallar(una: str, otra: str) -> None:
    with transaction.atomic():
        Turno(clave=una).save()
        with transaction.atomic():
            Turno(clave=otra).save()
        raise ZeroDivisionError


def test_una_transaccion_no_cambia_el_modo_de_la_conexion() -> None:
    """It begins and ends, and what it undoes is undone."""
    antes = contador("Com_set_option"), contador("Com_begin"), contador("Com_commit")
    with transaction.atomic():
        Turno(clave="queda").save()
    with pytest.raises(ZeroDivisionError):
        fallar("se va", "también")
    with transaction.atomic():
        Turno(clave="la otra").save()
        with pytest.raises(ZeroDivisionError):
            fallar("solo estas", "dos")
    despues = contador("Com_set_option"), contador("Com_begin"), contador("Com_commit")
    assert [d - a for a, d in zip(antes, despues, strict=True)] == [0, 3, 2]
    assert set(Turno.objects.values_list("clave", flat=True)) == {"queda", "la otra"}


def test_fuera_de_una_transaccion_se_guarda_al_momento() -> None:
    with transaction.atomic():
        pass
    Turno(clave="suelta").save()
    otra: Any = connection.copy()
    try:
        with otra.cursor() as cursor:
            cursor.execute("SELECT clave FROM comun_turno")
            assert cursor.fetchall() == (("suelta",),)
    finally:
        otra.close()


def test_se_pregunta_a_la_conexion_tras_un_rato(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was just used is there; one that rested may not be, and then there is another."""
    preguntas = []
    monkeypatch.setattr(
        type(connections["default"]), "is_usable", lambda _c: preguntas.append(1) or False
    )
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    connection.health_check_enabled = True
    Turno.objects.exists()
    primera = connection.connection
    close_old_connections()
    Turno.objects.exists()
    assert (preguntas, connection.connection is primera) == ([], True)
    connection._usada -= 2
    close_old_connections()
    Turno.objects.exists()
    assert len(preguntas) == 1
    assert connection.connection is not primera
