"""Pulsar's own Debezium source, as connectors/pulsar/ describes it, on a MariaDB."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from tests.stack import flujo, pulsar_io

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("pulsar_io"), pytest.mark.timeout(900)]
CRUDO, EVENTOS = "alpes-mysql.alpes.outbox_event", "outbox-events"


@pytest.fixture(scope="module")
def listo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pulsar_io.Entorno]:
    try:
        with pulsar_io.entorno(tmp_path_factory.mktemp("io")) as entorno:
            yield entorno
    except pulsar_io.NoDisponible as exc:
        pytest.skip(f"Pulsar IO no se puede probar aquí: {exc}")


@pytest.fixture(scope="module")
def base(listo: pulsar_io.Entorno) -> Iterator[Any]:
    conexion = MySQLdb.connect(
        unix_socket=listo.socket, user="root", charset="utf8mb4", autocommit=True
    )
    with conexion.cursor() as cursor:
        for orden in (
            "CREATE DATABASE alpes CHARACTER SET utf8mb4",
            f"CREATE USER 'dbz'@'127.0.0.1' IDENTIFIED BY '{pulsar_io.CLAVE}'",
            "GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT"
            " ON *.* TO 'dbz'@'127.0.0.1'",
            "USE alpes",
            flujo.TABLE,
        ):
            cursor.execute(orden)
    yield conexion
    conexion.close()


def test_las_filas_llegan_a_los_dos_topicos(listo: pulsar_io.Entorno, base: Any) -> None:
    cliente = flujo.connect_pulsar(listo.pulsar_url)
    canales = {
        topico: cliente.subscribe(
            f"persistent://public/default/{topico}",
            "prueba",
            initial_position=flujo.pulsar.InitialPosition.Earliest,
        )
        for topico in (CRUDO, EVENTOS)
    }
    # One before the sources exist, which their snapshot finds, and the others in the binlog.
    filas = [flujo.row("comisiones", f"com_{n}", flujo.payload(n)) for n in range(5)]
    flujo.insert(base, filas[0])
    listo.crear_fuente("debezium-mysql-outbox")
    listo.crear_fuente("debezium-mysql-outbox-events")
    crudas = _recibir(canales[CRUDO], 1) + _recibir(canales[EVENTOS], 1)
    assert len(crudas) == 2
    for fila in filas[1:]:
        flujo.insert(base, fila)
    for mensaje, fila in zip(_recibir(canales[CRUDO], 4), filas[1:], strict=True):
        assert fila[0].encode() in mensaje
    eventos = _recibir(canales[EVENTOS], 4)
    assert eventos == [flujo.payload(n).encode() for n in range(1, 5)]
    cliente.close()


def _recibir(canal: Any, cuantos: int, segundos: float = 120) -> list[bytes]:
    vistos: list[bytes] = []
    limite = time.monotonic() + segundos
    while len(vistos) < cuantos:
        assert time.monotonic() < limite, f"{len(vistos)} of {cuantos}"
        try:
            mensaje = canal.receive(1_000)
        except flujo.pulsar.Timeout:
            continue
        canal.acknowledge(mensaje)
        vistos.append(mensaje.data())
    return vistos


def test_las_plantillas_nombran_lo_mismo() -> None:
    """Each source has its own place in the binlog, and its own number among the replicas."""
    carpeta = Path(__file__).resolve().parents[2] / "connectors" / "pulsar"
    fuentes = [json.loads(ruta.read_text()) for ruta in sorted(carpeta.glob("debezium-*.json"))]
    # Pulsar opens it with a schema of its own, so it is not one of those that the rows go to.
    assert not {fuente["topicName"] for fuente in fuentes} & {CRUDO, EVENTOS}
    # Two of one name in the same process fight for their metrics for two minutes.
    for clave in (
        "database.server.id",
        "database.server.name",
        "offset.storage.topic",
        "database.history.pulsar.topic",
    ):
        assert len({fuente["configs"][clave] for fuente in fuentes}) == len(fuentes)
    for fuente in fuentes:
        assert all(isinstance(valor, str) for valor in fuente["configs"].values())
