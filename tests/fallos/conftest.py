"""One stack for every fault, and the table of what was measured.

``ALPES_FALLOS_REPETICIONES`` (1): times that each fault is injected. ``ALPES_FALLOS_SEMILLA``: the
moments it chooses; printed, so that a run can be repeated. ``ALPES_FALLOS_INFORME``: file for the
table. ``ALPES_FALLOS_PILA``: folder of a stack that is up with the site and stays up.
``ALPES_FALLOS_RITMO`` (20): sales per second of the load.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fallos.ensayo import Ensayo, Medida, como_json, informe
from tests.fallos.escenario import Escenario
from tests.fallos.testigo import Testigo
from tests.stack.conftest import Pila

REPETICIONES = int(os.environ.get("ALPES_FALLOS_REPETICIONES", "1"))
# In the environment: the processes of a parallel run have the same.
SEMILLA = os.environ.setdefault("ALPES_FALLOS_SEMILLA", f"{random.SystemRandom().randrange(10**6)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each fault."""
    if "ensayo" in metafunc.fixturenames:
        metafunc.parametrize("repeticion", range(REPETICIONES))


@pytest.fixture(scope="package")
def escenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Escenario]:
    """MySQL, Redis, Pulsar, Debezium and the site's own processes."""
    prestada = os.environ.get("ALPES_FALLOS_PILA")
    home = Path(prestada) if prestada else tmp_path_factory.mktemp("fallos")
    conservadas = {
        nombre: valor
        for nombre, valor in os.environ.items()
        if not nombre.startswith("ALPES_") or nombre == "ALPES_STACK_CACHE"
    }
    pila = Pila(home, {**conservadas, "ALPES_STACK_HOME": str(home)})
    uno = Escenario(pila, propia=not prestada)
    try:
        uno.arrancar()
        yield uno
    finally:
        uno.bajar()


@pytest.fixture(scope="package")
def testigo(escenario: Escenario) -> Iterator[Testigo]:
    """Whoever counts what Pulsar stores."""
    uno = Testigo(escenario.env["ALPES_PULSAR_URL"])
    uno.empezar()
    yield uno
    uno.terminar()


@pytest.fixture
def ensayo(
    request: pytest.FixtureRequest,
    escenario: Escenario,
    testigo: Testigo,
    tmp_path: Path,
    repeticion: int,
    record_property: Callable[[str, Any], None],
) -> Ensayo:
    """A fault about to be injected."""
    semilla = f"{SEMILLA}/{request.node.originalname}/{repeticion}"
    return Ensayo(escenario, testigo, tmp_path, repeticion, semilla, record_property)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The tables, whatever became of the tests, and in whichever process they ran."""
    anotado = [
        propiedad
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for propiedad in report.user_properties
    ]
    # Fault, payments, deaths, sent again, lost, paid twice, seconds.
    if pagos := [fila for que, fila in anotado if que == "pagos"]:
        terminalreporter.section("faults of payments")
        terminalreporter.write_line("\n".join(pagos))
    medidas = [Medida(**cifras) for que, cifras in anotado if que == "medida"]
    if not medidas:
        return
    terminalreporter.section(f"faults (ALPES_FALLOS_SEMILLA={SEMILLA})")
    terminalreporter.write_line(informe(medidas))
    if archivo := os.environ.get("ALPES_FALLOS_INFORME"):
        Path(archivo).write_text(informe(medidas) + "\n")
        Path(archivo).with_suffix(".json").write_text(como_json(medidas) + "\n")
