"""Who changed the most, from the counters alone."""

from __future__ import annotations

from typing import Any

import pytest

from comisiones.contadores import mayores
from comisiones.contadores.mayores import los_que_mas_cambian
from comisiones.contadores.models import Contador
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


def test_cambian_los_mayores(relato: Relato, monkeypatch: Any) -> None:
    """Two at a time, up to so many, where several rise or fall by as much."""
    for numero, (antes, ahora) in enumerate(
        ((50, 50), (40, 45), (30, 35), (20, 30), (5, 0), (0, 4), (9, 9)), 1
    ):
        for cual, importe in ((202603, antes), (202604, ahora)):
            Contador.objects.create(
                de="libro", corte="afiliado", quien=numero, mes=cual, estado="ganado",
                moneda="USD", cuantas=1, importe=importe * 10_000,
            )  # fmt: skip
    for cual, estado, moneda in ((202603, "ganado", "USD"), (202604, "revertido", "EUR")):
        Contador.objects.create(
            de="libro", corte="", quien=0, mes=cual, estado=estado, moneda=moneda, cuantas=1,
            importe=1,
        )  # fmt: skip
    for tope in (500, 2, 4, 6):
        monkeypatch.setattr(mayores, "TOPE", tope)
        monkeypatch.setattr(mayores, "_POR_VEZ", 2)
        for cuantos in (1, 2, 3):
            for uno in los_que_mas_cambian(202603, 202604, cuantos):
                relato.dice(
                    f"hasta {tope}, {cuantos}",
                    [uno.moneda, *([[c.afiliado, c.antes, c.ahora] for c in unos]
                                   for unos in (uno.suben, uno.bajan)), uno.seguro],
                )  # fmt: skip
