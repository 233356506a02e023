"""Each task calls what its name says, with what it was given, in the name of the payments."""

from __future__ import annotations

from typing import Any

import pytest

from alpespartner.comun.actores import sistema
from comisiones.pagos import tasks

DE = sistema("pagos")


@pytest.mark.parametrize(
    ("tarea", "donde", "argumentos", "dichos"),
    [
        (tasks.ejecutar, "ejecutar_pago", {"pago_pk": 7}, {"pago_pk": 7, "actor": DE}),
        (tasks.ejecutar_lote, "ciclo.ejecutar_lote", {"lote_pk": 7}, {"lote_pk": 7, "actor": DE}),
        (tasks.avanzar_lote, "avance.avanzar_lote", {"lote_pk": 7}, {"lote_pk": 7}),
        (
            tasks.aplicar_extracto,
            "extractos.aplicar_extracto",
            {"extracto_pk": 7},
            {"extracto_pk": 7},
        ),
        (tasks.barrer, "barrer_pagos", {}, {"actor": DE}),
        (tasks.barrer_lotes_y_extractos, "barrer_trabajos", {}, {"actor": DE}),
    ],
)
def test_cada_tarea(
    monkeypatch: pytest.MonkeyPatch, tarea: Any, donde: str, argumentos: Any, dichos: Any
) -> None:
    llamadas: list[dict[str, Any]] = []
    monkeypatch.setattr(f"comisiones.pagos.tasks.{donde}", lambda **datos: llamadas.append(datos))
    tarea(**argumentos)
    assert llamadas == [dichos]
