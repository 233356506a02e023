"""Payments with real workers, MySQL and Redis, while everything dies around them.

After each: every commission paid at most once, our ledger equal to the provider's books, and
nothing uncertain settled by a guess. ``ALPES_FALLOS_REPETICIONES`` repeats the whole matrix.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.consola import Hijo
from tests.fallos.banco_malo import Banco
from tests.fallos.banco_stripe import BancoStripe
from tests.fallos.conftest import REPETICIONES, SEMILLA
from tests.fallos.escenario import Escenario, esperar
from tests.fallos.obrero_puntos import PUNTOS
from tests.stack.conftest import Pila

# The first start downloads MySQL.
pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("fallos de pagos"),
    pytest.mark.timeout(900),
]
PAGOS = 60
PREPARAR = """
from tests import fabricas
from comisiones.pagos.lotes import ciclo, propuesta
from alpespartner.comun.actores import persona
en = fabricas.campana()
for n in range({n}):
    suya = fabricas.afiliado()
    if "{pasarela}" == "stripe":
        fabricas.cuenta(suya, "acct_1MTfjCQ9PRzxEwkZ")
    fabricas.aprobada(de=suya, en=en, valor=str(100 + n))
lote = propuesta.proponer_lote(moneda="USD", pasarela="{pasarela}", actor=persona(2))
lote = ciclo.congelar_lote(lote=lote, actor=persona(2))
lote = ciclo.liberar_lote(lote=lote, actor=persona(3))
print(lote.pk)
"""
REPETIR = """
from comisiones.models import Pago
from comisiones.pagos.tasks import ejecutar
for _vez in range(50):
    for pk in Pago.objects.filter(lote={lote}).values_list("pk", flat=True):
        ejecutar.delay(pk)
"""


@dataclass
class Sitio(Escenario):
    """MySQL and Redis, and workers that the test starts and kills."""

    @property
    def entorno(self) -> dict[str, str]:
        return {**super().entorno, "DJANGO_SETTINGS_MODULE": "tests.fallos.ajustes_pagos"}

    def arrancar(self) -> None:
        """Only what payments need."""
        self.pila.run("up", "--solo", "mysql,redis")
        self.env = self.pila.env() | {
            "ALPES_PAGOS_SEGUNDOS_BARRIDO": "1",
            "ALPES_PAGOS_SEGUNDOS_INCIERTO": "2",
        }
        self.manage("migrate", "-v0")

    @contextlib.contextmanager
    def obreros(self, n: int, **entorno: str) -> Iterator[list[Hijo]]:
        """Celery workers, the first with the clock. One that ends is started again, as the stack's
        supervisor does: Celery may give up when Redis goes away twice in a row."""

        def arrancar(i: int) -> Hijo:
            return self.hijo(
                "-m", "celery", "--app=tests.fallos.obrero", "worker", "--concurrency=2",
                f"--hostname=obrero{i}@%h", "--loglevel=ERROR",
                *(["-B", "-s", str(self.pila.home / "latido")] if i == 0 else []),
                env=entorno,
            )  # fmt: skip

        procesos = [arrancar(i) for i in range(n)]
        parar = threading.Event()

        def vigilar() -> None:
            while not parar.wait(0.5):
                for i, proceso in enumerate(procesos):
                    if proceso.poll() is not None:
                        procesos[i] = arrancar(i)

        vigia = threading.Thread(target=vigilar)
        vigia.start()
        try:
            yield procesos
        finally:
            parar.set()
            vigia.join()
            for proceso in procesos:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(proceso.pid, signal.SIGKILL)
                proceso.wait(30)


@pytest.fixture(scope="module")
def sitio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitio]:
    """A stack of its own."""
    home = tmp_path_factory.mktemp("pagos")
    conservadas = {
        nombre: valor
        for nombre, valor in os.environ.items()
        if not nombre.startswith("ALPES_") or nombre == "ALPES_STACK_CACHE"
    }
    # What dies here is not MySQL: nothing waits for the disk.
    suyas = {"ALPES_STACK_HOME": str(home), "ALPES_STACK_MYSQL_SYNC": "0"}
    uno = Sitio(Pila(home, {**conservadas, **suyas}))
    try:
        uno.arrancar()
        yield uno
    finally:
        uno.bajar()


@dataclass
class Caso:
    """A released batch, the provider, and what to demand at the end."""

    sitio: Sitio
    banco: Banco | BancoStripe
    lote: int
    muertes: Path
    entorno: dict[str, str]
    anotar: Callable[[str, Any], None]

    def abiertos(self) -> int:
        """Payments without an answer."""
        return self.sitio.numero(
            "SELECT COUNT(*) FROM comisiones_pago WHERE lote_id = %s AND estado <> 'pagado'",
            self.lote,
        )

    def en_mitad(self) -> None:
        """Wait until some more payments got their answer, with others still open."""
        quedan = self.abiertos()
        esperar(lambda: self.abiertos() < quedan, "some payment", 60)
        assert self.abiertos(), "the batch ended before the fault"

    def terminar(self, que: str, desde: float) -> None:
        """Wait for the end and compare the two sets of books."""
        esperar(lambda: self.abiertos() == 0, f"{que}: every payment to be paid", 150)
        segundos = time.monotonic() - desde
        pagos = dict(
            self.sitio.sql(
                "SELECT id_publico, importe FROM comisiones_pago WHERE lote_id = %s", self.lote
            )
        )
        assert self.banco.pagados == pagos
        assert len(pagos) == PAGOS
        asentado = self.sitio.sql(
            "SELECT a.origen, -p.importe FROM comisiones_apunte p JOIN comisiones_asiento a"
            " ON a.id = p.asiento_id JOIN comisiones_pago g ON g.id_publico = a.origen"
            " WHERE g.lote_id = %s AND p.cuenta = 'banco'",
            self.lote,
        )
        assert len(asentado) == PAGOS
        assert dict(asentado) == pagos
        assert not self.sitio.numero(
            "SELECT COUNT(*) FROM (SELECT comision_id FROM comisiones_itempago GROUP BY comision_id"
            " HAVING COUNT(*) > 1) x"
        )
        esperar(
            lambda: self.sitio.sql(
                "SELECT estado FROM comisiones_lotepago WHERE id = %s", self.lote
            ) == [("liquidado",)],
            "the batch to be settled",
        )  # fmt: skip
        self.sitio.manage("verificar")
        muertes = self.muertes.stat().st_size if self.muertes.exists() else 0
        reenvios = sum(self.banco.envios.values()) - len(self.banco.envios)
        fila = f"| {que} | {PAGOS} | {muertes} | {reenvios} | 0 | 0 | {segundos:.0f} |"
        self.anotar("pagos", fila)


@pytest.fixture(params=range(REPETICIONES))
def repeticion(request: Any) -> int:
    """The matrix, again."""
    return int(request.param)


@pytest.fixture
def caso(
    request: Any,
    sitio: Sitio,
    tmp_path: Path,
    repeticion: int,
    record_property: Callable[[str, Any], None],
) -> Iterator[Caso]:
    """Sixty payments, released."""
    semilla = f"{SEMILLA}/{request.node.name}"
    pasarela = "stripe" if "stripe" in request.node.name else "mala"
    banco: Banco | BancoStripe = (
        BancoStripe(semilla)
        if pasarela == "stripe"
        # What strikes from outside must find payments on their way.
        else Banco(
            semilla,
            malo="malo" in request.node.name,
            demora=0.4 if "pierde" in request.node.name or "grupo" in request.node.name else 0,
        )
    )
    muertes = tmp_path / "muertes"
    preparado = sitio.django(PREPARAR.format(n=PAGOS, pasarela=pasarela))
    lote = int(preparado.splitlines()[-1])
    entorno = {**banco.entorno, "ALPES_MUERTES": str(muertes)}
    yield Caso(sitio, banco, lote, muertes, entorno, record_property)
    banco.cerrar()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("punto", PUNTOS)
def test_el_obrero_muere(caso: Caso, punto: str) -> None:
    """``kill -9`` of the worker's process at each point of one payment in four."""
    desde = time.monotonic()
    with caso.sitio.obreros(1, **caso.entorno, ALPES_MUERE=punto):
        caso.terminar(f"kill -9 {punto}", desde)
    assert caso.muertes.stat().st_size >= 3
    if punto in ("antes_del_intento", "tras_aceptar", "antes_de_resolver"):
        # What the provider has is never sent again: it is asked about.
        assert set(caso.banco.envios.values()) == {1}


@pytest.mark.timeout(400)
def test_un_banco_malo(caso: Caso) -> None:
    """Time-outs that pay, errors that pay, errors that do not, cut connections, slow answers."""
    desde = time.monotonic()
    with caso.sitio.obreros(2, **caso.entorno):
        caso.terminar("provider misbehaving", desde)
    assert isinstance(caso.banco, Banco)
    assert len(caso.banco.hecho) == 6, caso.banco.hecho


@pytest.mark.timeout(400)
def test_un_banco_malo_y_un_obrero_que_muere(caso: Caso) -> None:
    """Both at once."""
    desde = time.monotonic()
    with caso.sitio.obreros(2, **caso.entorno, ALPES_MUERE="tras_aceptar"):
        caso.terminar("provider misbehaving + kill -9", desde)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("punto", PUNTOS)
def test_stripe_malo_y_un_obrero_que_muere(caso: Caso, punto: str) -> None:
    """The gateway of Stripe, with its own library: it misbehaves and the worker dies."""
    desde = time.monotonic()
    with caso.sitio.obreros(2, **caso.entorno, ALPES_MUERE=punto):
        caso.terminar(f"Stripe misbehaving + kill -9 {punto}", desde)
    assert isinstance(caso.banco, BancoStripe)
    assert len(caso.banco.transferencias) == PAGOS
    assert not caso.banco.maldades
    assert caso.muertes.stat().st_size >= 3


@pytest.mark.timeout(400)
def test_dos_obreros_y_cincuenta_veces_la_misma_tarea(caso: Caso) -> None:
    """Each payment is queued fifty times more, to two workers: each is sent once."""
    desde = time.monotonic()
    caso.sitio.django(REPETIR.format(lote=caso.lote))
    with caso.sitio.obreros(2, **caso.entorno):
        caso.terminar("2 workers, 50 claims each", desde)
    assert set(caso.banco.envios.values()) == {1}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("que", ["FLUSHALL", "kill -9"])
def test_redis_se_pierde(caso: Caso, que: str) -> None:
    """The queue is emptied, or killed, three times with payments in it."""
    desde = time.monotonic()
    with caso.sitio.obreros(1, **caso.entorno):
        for _vez in range(3):
            caso.en_mitad()
            if que == "FLUSHALL":
                assert caso.sitio.redis("FLUSHALL") == "+OK"
            else:
                caso.sitio.matar("redis")
        caso.terminar(f"Redis {que} × 3", desde)
    assert set(caso.banco.envios.values()) == {1}


@pytest.mark.timeout(400)
def test_muere_el_grupo_entero(caso: Caso) -> None:
    """The whole worker, its children too, three times in mid-batch; another one goes on."""
    desde = time.monotonic()
    for _vez in range(3):
        with caso.sitio.obreros(1, **caso.entorno):
            caso.en_mitad()
    with caso.sitio.obreros(1, **caso.entorno):
        caso.terminar("kill -9 of worker and children × 3", desde)
