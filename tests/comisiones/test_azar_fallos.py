"""The same random life while the database refuses statements, runs full, and its clock jumps.

A fault strikes any statement of any service: what was under way leaves nothing half done, whoever
asked asks again, and at rest every invariant holds.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection

from comisiones.models import Pago
from tests.comisiones.azar import Azar
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.comisiones.test_azar import SEMILLA, VECES, comprobar

pytestmark = [
    pytest.mark.lento,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("por_porciones"),
]

# Number, text, and whether the server undoes the whole transaction and not only the statement.
_MYSQL = {
    "interbloqueo": (1213, "Deadlock found when trying to get lock", True),
    "espera": (1205, "Lock wait timeout exceeded", False),
    "lleno": (1114, "The table is full", False),
}
_SQLITE = {
    "ocupada": ("database is locked", False),
    "lleno": ("database or disk is full", True),
}


class Golpes:
    """One statement of so many fails as the database at hand fails."""

    def __init__(self, semilla: int, uno_de: int) -> None:
        self.azar = random.Random(semilla)
        self.uno_de = uno_de
        self.dados: Counter[str] = Counter()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.azar.randrange(self.uno_de) or sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")):
            return execute(sql, params, many, context)
        if connection.vendor == "mysql":
            nombre = self.azar.choice(list(_MYSQL))
            numero, texto, entera = _MYSQL[nombre]
            argumentos: tuple[Any, ...] = (numero, texto)
        else:
            nombre = self.azar.choice(list(_SQLITE))
            texto, entera = _SQLITE[nombre]
            argumentos = (texto,)
        self.dados[nombre] += 1
        if entera and connection.in_atomic_block:
            connection.connection.rollback()
        raise OperationalError(*argumentos)

    @contextmanager
    def dando(self) -> Iterator[None]:
        with connection.execute_wrapper(self):
            yield


def test_verificar_con_una_base_que_falla(pasarela: Any) -> None:
    azar, golpes = Azar(SEMILLA), Golpes(SEMILLA, 60)
    azar.correr(60)
    with golpes.dando():
        azar.correr(VECES)
    comprobar(azar)
    assert sum(golpes.dados.values()) > VECES // 10, golpes.dados
    assert any("ocupada" in hecha for hecha in azar.hechas)
    _nadie_cobro_dos_veces()


def test_verificar_con_un_reloj_que_salta(pasarela: Any) -> None:
    """Days forward, hours back, in the middle of everything."""
    azar, dado = Azar(SEMILLA + 1), random.Random(SEMILLA)
    for _ in range(VECES // 10):
        azar.correr(10)
        azar.viaje.shift(timedelta(seconds=dado.choice([-7200, -60, -1, 3600, 90_000])))
    azar.viaje.shift(timedelta(days=2))
    comprobar(azar)
    _nadie_cobro_dos_veces()


def _nadie_cobro_dos_veces() -> None:
    """What the bank moved is what our payments say."""
    banco: dict[str, Decimal] = defaultdict(Decimal)
    for orden in PasarelaDePruebas.pagadas.values():
        banco[orden.moneda] += orden.importe
    nuestros: dict[str, Decimal] = defaultdict(Decimal)
    for pago in Pago.objects.filter(estado="pagado"):
        nuestros[pago.moneda] += pago.importe
    assert banco == nuestros
