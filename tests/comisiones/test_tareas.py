"""Each task of the money, but for those of payments, calls what its name says: with what it was
given, in whose name, and gives what that gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from alpespartner.comun.actores import sistema
from comisiones.libro import tasks as del_libro
from comisiones.revision import tasks as de_revision
from conversiones.ventas import tasks as de_ventas
from outbox import tasks as de_eventos

APROBACION, PRESUPUESTOS = sistema("aprobacion"), sistema("presupuestos")
AHORA = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tarea", "argumentos", "llama", "da"),
    [
        (
            de_revision.barrer, [],
            {"aprobar_por_politicas": {"actor": APROBACION},
             "cerrar_sin_importe": {"actor": APROBACION}},
            1,
        ),
        (
            de_revision.liberar_por_presupuesto, [7],
            {"liberar_las_que_caben": {"campana_pk": 7, "actor": PRESUPUESTOS}}, 1,
        ),
        (
            de_revision.barrer_los_presupuestos, [],
            {"barrer_presupuestos": {"actor": PRESUPUESTOS}}, 1,
        ),
        (de_revision.avanzar, [7], {"avance.avanzar_decision": {"decision_pk": 7}}, None),
        (de_revision.barrer_decisiones, [], {"avance.barrer_decisiones": {}}, 1),
        (de_ventas.barrer, [], {"barrer_pendientes": {}}, 1),
        (del_libro.sellar, [], {"sellar_dias": {}}, 2),
        (de_eventos.avanzar_flujo, [], {"avanzar": {}}, 1),
        (de_eventos.enviar_webhooks, [], {"envio.enviar": {"": 30.0}}, 1),
        (
            de_eventos.purgar_webhooks, [],
            {"purga.purgar": {"antes_de": AHORA - timedelta(days=9)}}, 1,
        ),
    ],
)  # fmt: skip
def test_cada_tarea(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tarea: Any, argumentos: list[int],
    llama: dict[str, Any], da: Any,
) -> None:  # fmt: skip
    settings.WEBHOOKS_DIAS = 9
    llamadas: dict[str, Any] = {}

    def doble(nombre: str) -> Any:
        def hacer(*suelto: Any, **datos: Any) -> Any:
            llamadas[nombre] = {**datos, **({"": suelto[0]} if suelto else {})}
            return [1, 2] if nombre == "sellar_dias" else len(llamadas)

        return hacer

    for nombre in llama:
        monkeypatch.setattr(f"{tarea.__module__}.{nombre}", doble(nombre))
    with time_machine.travel(AHORA, tick=False):
        assert tarea(*argumentos) == da
    assert llamadas == llama


@pytest.mark.parametrize(("transporte", "veces"), [("embebido", 0), ("pulsar", 1)])
def test_el_canario(
    monkeypatch: pytest.MonkeyPatch, settings: Any, transporte: str, veces: int
) -> None:
    settings.EVENTOS_TRANSPORTE = transporte
    llamadas: list[int] = []
    monkeypatch.setattr("outbox.tasks.emitir_canario", lambda: llamadas.append(1))
    de_eventos.canario()
    assert len(llamadas) == veces
