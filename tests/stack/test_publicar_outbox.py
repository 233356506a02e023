"""The path without Debezium on a real MySQL and Pulsar: two publishers, and one that is killed."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.consola import Consola
from tests.stack import flujo
from tests.stack.conftest import PROJECT, Pila

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("real"),
    pytest.mark.timeout(900),
]

BASE = "test_alpes_publicar"
Pedir = Callable[..., str]
# Event, aggregate and version.
Llegada = tuple[str, str, int]
AGREGADOS, VERSIONES, TANDA = 20, 100, 50
# One event per aggregate and transaction, so the rows of an aggregate lie far apart.
EMITIR = f"""
from django.db import transaction
from afiliados.eventos import AfiliadoSuspendido
from outbox.publicacion import publicar
for version in range(1, {VERSIONES} + 1):
    with transaction.atomic():
        for n in range({AGREGADOS}):
            evento = AfiliadoSuspendido(afiliado_id=f"MARCA_{{n}}", motivo="prueba")
            publicar(evento, version=version)
"""


@pytest.fixture(scope="module")
def entorno(pila_comun: Pila) -> dict[str, str]:
    """MySQL and Pulsar, and no Debezium; on a database that it would not read either."""
    pila_comun.run("up", "--solo", "mysql,redis,pulsar")
    env = pila_comun.env()
    conexion = flujo.connect(env["ALPES_DATABASE_URL"])
    with conexion.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {BASE}")
    conexion.close()
    return {
        **os.environ,
        **pila_comun.environ,
        **env,
        "ALPES_DATABASE_URL": env["ALPES_DATABASE_URL"].removesuffix("alpes") + BASE,
        "ALPES_EVENTOS_TRANSPORTE": "manual",
        "DJANGO_SETTINGS_MODULE": "alpespartner.settings",
    }


@pytest.fixture(scope="module")
def pedir(entorno: dict[str, str], pila_comun: Pila) -> Iterator[Pedir]:
    """Output of a command, or of a piece of code, on that database."""
    consola = Consola(entorno, pila_comun.home / "logs" / "pruebas.log")

    def hacer(*orden: str) -> str:
        rc, dicho, errores = consola.pedir(orden[0] if "\n" in orden[0] else orden)
        assert rc == 0, errores
        return dicho

    hacer("migrate", "-v0")
    hacer("crear_topicos")
    yield hacer
    consola.cerrar()


@pytest.fixture
def canal(entorno: dict[str, str], pedir: Pedir) -> Iterator[Any]:
    cliente = flujo.connect_pulsar(entorno["ALPES_PULSAR_URL"])
    consumidor = cliente.subscribe(
        "persistent://public/default/afiliados.eventos",
        "prueba-manual",
        initial_position=flujo.pulsar.InitialPosition.Latest,
    )
    yield consumidor
    consumidor.unsubscribe()
    cliente.close()


def publicador(valores: dict[str, str], *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "publicar_outbox", "--lote", str(TANDA), *args],
        cwd=PROJECT, env=valores,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def en_marcha(valores: dict[str, str]) -> subprocess.Popen[str]:
    """A publisher that is connected and waits for rows."""
    proceso = publicador(valores, "--continuo")
    assert proceso.stdout
    assert proceso.stdout.readline().startswith("Publicando")
    return proceso


def pendientes(pedir: Pedir) -> int:
    """What --simular says, which publishes nothing."""
    return int(pedir("publicar_outbox", "--simular").split()[0])


def recibir(
    canal: Any, distintos: int, segundos: float, antes: Sequence[Llegada] = ()
) -> list[Llegada]:
    """Add arrivals, in order, to those of before until that many distinct ones came."""
    vistos = list(antes)
    limite = time.monotonic() + segundos
    while len(set(vistos)) < distintos:
        assert time.monotonic() < limite, f"{len(set(vistos))} of {distintos}"
        vistos += siguiente(canal)
    return vistos


def recibir_lo_que_quede(canal: Any) -> list[Llegada]:
    """What comes before two quiet seconds."""
    vistos: list[Llegada] = []
    while llegadas := siguiente(canal, 2_000):
        vistos += llegadas
    return vistos


def siguiente(canal: Any, milisegundos: int = 1_000) -> list[Llegada]:
    try:
        mensaje = canal.receive(milisegundos)
    except flujo.pulsar.Timeout:
        return []
    canal.acknowledge(mensaje)
    documento = json.loads(mensaje.data())
    return [(documento["id"], documento["subject"], int(mensaje.properties()["version"]))]


def exigir_orden(vistos: list[Llegada]) -> None:
    """The first arrivals of each aggregate are in the order of its versions."""
    por_agregado = defaultdict(list)
    for _evento, agregado, version in dict.fromkeys(vistos):
        por_agregado[agregado].append(version)
    esperado = list(range(1, VERSIONES + 1))
    assert {a for a, versiones in por_agregado.items() if versiones != esperado} == set()
    assert len(por_agregado) == AGREGADOS


def test_dos_a_la_vez_publican_cada_fila_una_vez_y_en_orden(
    entorno: dict[str, str], pedir: Pedir, canal: Any
) -> None:
    total = AGREGADOS * VERSIONES
    # Both are there before the first row: one alone could be done before the other begins.
    procesos = [en_marcha(entorno) for _ in range(2)]
    pedir(EMITIR.replace("MARCA", "af_dos"))
    vistos = recibir(canal, total, 120)
    # Whatever is published twice would come now.
    vistos += recibir_lo_que_quede(canal)
    for proceso in procesos:
        proceso.terminate()
    cuentas = [int(p.communicate(timeout=30)[0].split()[0]) for p in procesos]
    assert sum(cuentas) == total
    assert min(cuentas) > 0
    assert len(vistos) == total
    exigir_orden(vistos)
    assert pendientes(pedir) == 0


def test_uno_muere_a_medias_y_no_se_pierde_nada(
    entorno: dict[str, str], pedir: Pedir, canal: Any
) -> None:
    total = AGREGADOS * VERSIONES
    pedir(EMITIR.replace("MARCA", "af_muere"))
    victima, otro = publicador(entorno, "--continuo"), publicador(entorno, "--continuo")
    vistos = recibir(canal, total // 10, 120)
    victima.kill()
    victima.communicate(timeout=30)
    # What the dead one had leased goes out when its lease of 30 s expires.
    vistos = recibir(canal, total, 180, vistos)
    vistos += recibir_lo_que_quede(canal)
    otro.terminate()
    otro.communicate(timeout=30)
    assert len(set(vistos)) == total
    # At most the batch in hand is repeated: the consumers' inbox takes care of it.
    assert len(vistos) - total <= TANDA
    exigir_orden(vistos)
    assert pendientes(pedir) == 0
