"""How often each asks: in memory and in a real Redis, one after another and at once."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from redis import Redis, RedisError

from alpespartner.comun import frecuencia
from alpespartner.comun.frecuencia import Contador, EnRedis, Memoria, contar
from stack.ports import is_free
from tests.fabricas import a_la_vez

MINUTO = 60_000_000


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the test's own."""
    programa = which("redis-server")
    if programa is None:
        pytest.skip("no redis-server here")
    puerto = next(p for p in range(23_000, 24_000) if is_free(p))
    carpeta: Path = tmp_path_factory.mktemp("redis")
    with subprocess.Popen(
        [programa, "--port", str(puerto), "--bind", "127.0.0.1", "--save", "", "--dir", carpeta],
        stdout=subprocess.DEVNULL,
    ) as servidor:
        url = f"redis://127.0.0.1:{puerto}/0"
        cliente = Redis.from_url(url)
        limite = time.monotonic() + 20
        while True:
            try:
                cliente.ping()
                break
            except RedisError:
                assert time.monotonic() < limite
                time.sleep(0.05)
        yield url
        cliente.close()
        servidor.terminate()


@pytest.fixture(params=["memoria", "redis"])
def contador(request: pytest.FixtureRequest) -> Contador:
    if request.param == "memoria":
        return Memoria()
    return EnRedis(request.getfixturevalue("redis"))


def pasa(contador: Contador, quien: str, cada: int) -> bool:
    contado = contador.contar(quien, cada)
    assert contado is not None
    return contado[0]


def test_lo_suyo_de_una_vez_y_despues_poco_a_poco(contador: Contador) -> None:
    """Others have their own; what is refused costs nothing; what comes back, comes back evenly."""
    cada = MINUTO // 10
    assert [pasa(contador, "a", cada) for _vez in range(12)] == [True] * 10 + [False] * 2
    assert pasa(contador, "b", cada)
    # A bigger quota gives back a piece every 20 ms.
    poco = MINUTO // 3_000
    while pasa(contador, "c", poco):
        pass
    time.sleep(0.025)
    assert pasa(contador, "c", poco)


def test_muchos_a_la_vez_no_pasan_de_lo_suyo(contador: Contador) -> None:
    cada = MINUTO // 40
    pasados = a_la_vez([lambda: [pasa(contador, "m", cada) for _vez in range(10)]] * 8)
    assert sum(sum(uno) for uno in pasados) == 40


def test_un_reloj_que_vuelve_atras_no_deja_a_nadie_fuera(redis: str) -> None:
    """What the clock of before wrote is hours ahead."""
    contador = EnRedis(redis)
    assert pasa(contador, "r", 1_000)
    segundos, micros = contador._redis.time()
    contador._redis.set("alpes:frecuencia:r", (segundos + 36_000) * 1_000_000 + micros)
    assert contador.contar("r", 1_000) == (True, 1_000)
    # And within a window it waits no longer than a window.
    contador._redis.set("alpes:frecuencia:r", (segundos + 50) * 1_000_000 + micros)
    contado = contador.contar("r", MINUTO // 2)
    assert contado is not None
    assert not contado[0]
    assert contado[1] <= MINUTO


def test_lo_que_redis_pierde_se_rehace_sin_dejar_de_contar(
    redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that it closed, as when it is started anew, and the script."""
    contador, cada = EnRedis(redis), MINUTO // 10
    assert pasa(contador, "p", cada)
    with Redis.from_url(redis) as cliente:
        cliente.client_kill_filter(_type="normal", skipme=True)
        assert pasa(contador, "p", cada)
        cliente.script_flush()
        contado = contador.contar("p", cada)
    assert contado is not None
    assert contado[1] > 2 * cada
    assert not caplog.records


def test_quien_tarda_no_contesta_a_otro(redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer that nobody waited for is of no other question."""
    contador = EnRedis(redis)
    assert pasa(contador, "s", 1)
    with Redis.from_url(redis) as cliente:
        cliente.client_pause(300)
    assert contador.contar("s", MINUTO) is None
    time.sleep(0.2)
    monkeypatch.setattr(contador, "_no_antes_de", 0)
    assert contador.contar("otro", 7) == (True, 7)


def test_un_proceso_hijo_no_usa_la_conexion_de_su_padre() -> None:
    suyo = frecuencia.contador()
    hijo = os.fork()
    if hijo == 0:
        os._exit(int(frecuencia.contador() is suyo))
    assert os.waitstatus_to_exitcode(os.waitpid(hijo, 0)[1]) == 0


def test_nada_queda_escrito_para_siempre(redis: str) -> None:
    contador = EnRedis(redis)
    contador.contar("t", MINUTO // 2)
    assert 29_000 < contador._redis.pttl("alpes:frecuencia:t") <= 30_001


def test_sin_redis_nadie_espera_ni_se_queda_fuera(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so once, and asks again after a while."""
    puerto = next(p for p in range(24_000, 25_000) if is_free(p))
    contador = EnRedis(f"redis://127.0.0.1:{puerto}/0")
    with caplog.at_level(logging.ERROR):
        assert [contador.contar("a", 1) for _vez in range(50)] == [None] * 50
    assert len(caplog.records) == 1
    assert "no tienen límite" in caplog.text
    assert not contador.responde()
    monkeypatch.setattr(contador, "_no_antes_de", 0)
    contador.contar("a", 1)
    assert len(caplog.records) == 2


def test_lo_que_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left, when all of it is there again, and when to come back."""
    memoria = Memoria()
    monkeypatch.setattr(frecuencia, "contador", lambda: memoria)
    cuentas = [contar("a", 3) for _vez in range(4)]
    dicho = [(c.pasa, c.quedan, c.entera_en, c.espera) for c in cuentas if c is not None]
    assert dicho == [(True, 2, 20, 0), (True, 1, 40, 0), (True, 0, 60, 0), (False, 0, 60, 20)]


def test_se_olvida_a_quien_ya_lo_tiene_todo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of a process does not grow with all that ever asked."""
    monkeypatch.setattr(frecuencia, "_MUCHOS", 5)
    memoria = Memoria()
    for n in range(100):
        memoria.contar(str(n), 1)
        time.sleep(0.0001)
    assert len(memoria._enteras) < 50


@pytest.mark.parametrize(
    ("url", "clase"), [("redis://x/0", EnRedis), ("memory://localhost/", Memoria)]
)
def test_donde_se_cuenta(settings: object, url: str, clase: type) -> None:
    settings.CELERY_BROKER_URL = url  # type: ignore[attr-defined]
    assert isinstance(frecuencia.contador.__wrapped__(), clase)
