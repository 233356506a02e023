"""``kill -9`` of the process that pays, at each point where it matters, with the file gateway.

The same with Celery, MySQL, Redis and a provider that misbehaves is in ``tests/fallos``.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from tests.consola import Consola

pytestmark = [pytest.mark.lento, pytest.mark.xdist_group("pagos muertos")]
PREPARAR = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import fabricas
for _n in range(4):
    fabricas.pago()
"""
# What is wrapped, and whether the process dies before or after it.
PUNTOS = {
    "antes del commit del intento": "salida._enviado = tras(salida._enviado)",
    "con el intento y sin enviar": "PasarelaArchivo.enviar = antes(PasarelaArchivo.enviar)",
    "pagado y sin saberlo": "PasarelaArchivo.enviar = tras(PasarelaArchivo.enviar)",
    "antes del commit de la respuesta": "resolucion._pagados = tras(resolucion._pagados)",
}
MORIR = """
import os, signal
from comisiones.models import Pago
from comisiones.pagos.pago import envio, resolucion, salida
from comisiones.pagos.pasarelas.archivo import PasarelaArchivo
from tests.fabricas import PRUEBAS
morir = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
antes = lambda f: lambda *a: morir()
tras = lambda f: lambda *a: (f(*a), morir())
{punto}
envio.ejecutar_pago(pago_pk=Pago.objects.filter(estado="listo").first().pk, actor=PRUEBAS)
"""
SEGUIR = """
from comisiones.models import Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.pago.envio import ejecutar_pago
from tests.fabricas import PRUEBAS
barrer_pagos(actor=PRUEBAS)
for pago in Pago.objects.filter(estado="listo")[:{listos}]:
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
"""


@pytest.fixture(scope="module")
def datos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own."""
    return tmp_path_factory.mktemp("datos")


@pytest.fixture(scope="module")
def correr(datos: Path) -> Iterator[Callable[[str], int]]:
    """Exit status of a process on a database of its own, with a payment for each death."""
    valores = {
        **{k: v for k, v in os.environ.items() if not k.startswith("ALPES_")},
        "ALPES_DATOS": str(datos),
        "ALPES_PAGOS_SEGUNDOS_INCIERTO": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "alpespartner.settings",
    }
    consola = Consola(valores, datos / "consola.log")
    assert consola.pedir(PREPARAR)[0] == 0
    yield lambda codigo: consola.pedir(codigo)[0]
    consola.cerrar()


@pytest.mark.timeout(170)
@pytest.mark.parametrize("punto", PUNTOS)
def test_kill_9(datos: Path, correr: Callable[[str], int], punto: str) -> None:
    """Whatever it was doing, another process ends it: one file, one pair of entries, once paid."""

    def contar(consulta: str) -> int:
        base = f"file:{datos}/alpespartner.sqlite3?mode=ro"
        with closing(sqlite3.connect(base, uri=True)) as conexion:
            return int(conexion.execute(consulta).fetchone()[0])

    pagados = "SELECT COUNT(*) FROM comisiones_pago WHERE estado = 'pagado'"
    antes = contar(pagados)
    assert correr(MORIR.format(punto=PUNTOS[punto])) == -signal.SIGKILL
    assert contar(pagados) == antes
    sin_intento = punto == "antes del commit del intento"
    assert contar("SELECT COUNT(*) FROM comisiones_pago WHERE estado = 'enviando'") == (
        not sin_intento
    )
    assert correr(SEGUIR.format(listos=int(sin_intento))) == 0
    assert contar(pagados) == antes + 1
    assert len(list((datos / "pagos").rglob("*.csv"))) == antes + 1
    de_banco = "SELECT COUNT(*) FROM comisiones_apunte WHERE cuenta = 'banco'"
    assert contar(de_banco) == contar("SELECT COUNT(*) FROM comisiones_intentopago") == antes + 1
    assert contar("SELECT COUNT(*) FROM comisiones_comision WHERE estado = 'pagada'") == antes + 1
