"""Rounds: what a sweep cannot move on does not stand in front of the rest."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from alpespartner.comun.rondas import Ronda

pytestmark = pytest.mark.django_db


def grupos(n: int) -> list[int]:
    return [Group.objects.create(name=f"g{i}").pk for i in range(n)]


def test_a_todos_les_toca() -> None:
    claves, ronda = grupos(5), Ronda()
    filas = Group.objects.filter(pk__in=claves)
    assert list(ronda.siguientes(filas, 2)) == claves[:2]
    assert list(ronda.siguientes(filas, 2)) == claves[2:4]
    # Past the last, from the first again; never one twice in a turn.
    assert list(ronda.siguientes(filas, 2)) == [claves[4], claves[0]]
    assert list(ronda.siguientes(filas, 9)) == [*claves[1:], claves[0]]
    # One that looked at all begins at the first.
    assert list(ronda.siguientes(filas, 2)) == claves[:2]
    assert list(ronda.siguientes(filas.none(), 9)) == []
    assert list(ronda.siguientes(filas, 1)) == claves[:1]


def test_lo_que_se_deja_a_medias_sigue_donde_estaba() -> None:
    """One that ran out of time goes on behind the last one that it looked at."""
    claves, ronda = grupos(4), Ronda()
    filas = Group.objects.filter(pk__in=claves)
    for clave in ronda.siguientes(filas, 4):
        if clave == claves[1]:
            break
    assert list(ronda.siguientes(filas, 4)) == [*claves[2:], *claves[:2]]


def test_con_lo_que_ya_esta_leido() -> None:
    ronda = Ronda()
    pares = [(2, "USD"), (1, "USD"), (1, "EUR")]
    turno = ronda.desde_la_ultima(pares)
    assert next(turno) == (1, "EUR")
    assert list(ronda.desde_la_ultima(pares)) == [(1, "USD"), (2, "USD"), (1, "EUR")]
    assert list(ronda.desde_la_ultima(pares)) == [(1, "EUR"), (1, "USD"), (2, "USD")]
    assert list(ronda.desde_la_ultima([])) == []
