"""The last faults of the stack: a second Debezium stays to the end; and the control after them."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fallos.ensayo import Ensayo, Supervisado, debezium_aparte, exigir
from tests.fallos.escenario import RITMO, Escenario
from tests.fallos.proxy import Proxy, estropear
from tests.fallos.testigo import Testigo

# The first start downloads 1 GB.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("fallos"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module", autouse=True)
def _al_acabar(escenario: Escenario, testigo: Testigo) -> Iterator[None]:
    """What comes next in this process has stacks of its own: this one would take their time."""
    yield
    testigo.terminar()
    escenario.bajar()


@pytest.fixture(scope="module")
def otro_debezium(
    escenario: Escenario, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Supervisado, Proxy]]:
    """A second Debezium, with the same state, that reaches MySQL through a proxy.

    The tests that use it are the last ones: it stays, and the stack's own may be down.
    """
    proxy = Proxy(escenario.pila.state()["puertos"]["mysql"])
    with debezium_aparte(
        escenario, tmp_path_factory.mktemp("dbz"), server_id=223399, puerto_mysql=proxy.puerto
    ) as proceso:
        yield proceso, proxy
    proxy.cerrar()


def test_dos_debezium_a_la_vez(ensayo: Ensayo, otro_debezium: Any) -> None:
    e = ensayo.escenario
    e.pila.run("up", "--solo", "debezium")

    def inyectar() -> float:
        fallo = time.time()
        time.sleep(3)
        e.matar("debezium")
        return fallo

    medida = ensayo.bajo_carga("two Debezium servers at once, one killed", inyectar)
    assert medida.repetidos, "the two did not overlap"
    exigir(medida)


@pytest.mark.parametrize("que", ["cut 3 s", "2 s late"])
def test_red_entre_debezium_y_mysql(ensayo: Ensayo, otro_debezium: Any, que: str) -> None:
    proceso, proxy = otro_debezium
    ensayo.escenario.pila.run("down", "--solo", "debezium")
    antes = proceso.reinicios
    medida = ensayo.bajo_carga(f"Debezium ↔ MySQL {que}", lambda: estropear(proxy, que))
    assert proxy.conexiones
    assert proceso.reinicios == antes
    exigir(medida)


def test_al_final_todo_cuadra(escenario: Escenario) -> None:
    assert "0 faltan" in escenario.manage("reconciliar_outbox", "--segundos", "1")
    escenario.manage("verificar")


def test_sin_buzon_los_efectos_se_doblan_y_se_ve(
    escenario: Escenario, testigo: Testigo, tmp_path: Path
) -> None:
    """Control, and the last: without its inbox the same death doubles what the consumer does."""
    assert escenario.doblados() == {}
    desde = escenario.posicion()
    with escenario.carga("ventas", RITMO, tmp_path / "prometido.jsonl"):
        escenario.pila.run("down", "--solo", "consumidor-auditoria")
        for _vez in range(3):
            proceso = escenario.hijo(
                "-m", "tests.fallos.consumo_que_muere", "auditoria", "--sin-buzon"
            )
            assert proceso.wait(60) == -signal.SIGKILL
    vistos = escenario.doblados()
    escenario.quitar_lineas_dobladas()
    escenario.pila.run("up", "--solo", "consumidor-auditoria")
    escenario.asentar(desde, testigo)
    assert vistos.keys() == {"lines in events.jsonl"}
    assert escenario.doblados() == {}
