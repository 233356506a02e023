"""The project's side of the stream, in miniature: the outbox table, the topics, one consumer."""

import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import MySQLdb
import pulsar

PARTITIONS = {"afiliados": 4, "marketing": 4, "conversiones": 6, "comisiones": 8}
SUBSCRIPTION = "prueba"
TABLE = """
CREATE TABLE IF NOT EXISTS outbox_event (
    posicion BIGINT AUTO_INCREMENT PRIMARY KEY,
    id CHAR(36) NOT NULL UNIQUE,
    aggregatetype VARCHAR(32) NOT NULL,
    aggregateid VARCHAR(64) NOT NULL,
    type VARCHAR(64) NOT NULL,
    aggregate_version INT NOT NULL,
    payload LONGTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL
)
"""


def connect(url: str, **changes: Any) -> Any:
    parts = urlsplit(url)
    settings = {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "passwd": parts.password,
        "db": parts.path.strip("/"),
    }
    return MySQLdb.connect(**{**settings, **changes}, charset="utf8mb4", autocommit=True)


def connect_pulsar(url: str) -> pulsar.Client:
    return pulsar.Client(url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))


def create_topics(admin_url: str, client: pulsar.Client) -> None:
    """Partitioned, with their subscription, before anything is published."""
    for name, partitions in PARTITIONS.items():
        connection = http.client.HTTPConnection(urlsplit(admin_url).netloc, timeout=30)
        path = f"/admin/v2/persistent/public/default/{name}.eventos/partitions"
        headers = {"Content-Type": "application/json"}
        connection.request("PUT", path, body=str(partitions), headers=headers)
        status = connection.getresponse().status
        connection.close()
        assert status in (204, 409)
        subscribe(client, name).close()


def subscribe(client: pulsar.Client, aggregate: str) -> pulsar.Consumer:
    return client.subscribe(
        f"persistent://public/default/{aggregate}.eventos",
        SUBSCRIPTION,
        consumer_type=pulsar.ConsumerType.KeyShared,
        initial_position=pulsar.InitialPosition.Earliest,
    )


def subscribe_again(url: str, aggregate: str, seconds: float = 120) -> Any:
    """A client and its consumer, as soon as a broker that was started again gives them: it is
    healthy before it has loaded its topics."""
    deadline = time.monotonic() + seconds
    while True:
        client = connect_pulsar(url)
        try:
            return client, subscribe(client, aggregate)
        except pulsar.PulsarException:
            client.close()
            if time.monotonic() > deadline:
                raise


def row(aggregate: str, key: str, payload: str) -> tuple[Any, ...]:
    return (str(uuid.uuid4()), aggregate, key, "ComisionCalculada", 1, payload)


def insert(connection: Any, *rows: tuple[Any, ...]) -> float:
    """Insert in one transaction and return the moment just after COMMIT."""
    connection.begin()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO outbox_event (id, aggregatetype, aggregateid, type, aggregate_version,"
            " payload, created_at) VALUES (%s, %s, %s, %s, %s, %s, '2026-01-01')",
            list(rows),
        )
    connection.commit()
    return time.monotonic()


def payload(number: int) -> str:
    """Text that a careless path would change: decimals, nulls, spacing, non-ASCII, escapes."""
    data = {"n": number, "monto": "10.5000", "cero": 0.10, "nulo": None, "texto": "ñandú ✓ \\ \n"}
    return json.dumps(data, ensure_ascii=False, separators=(", ", ":"))


def receive_until(consumer: pulsar.Consumer, event_id: str, seconds: float) -> Any:
    """The message of that outbox row; others before it are acknowledged."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        message = consumer.receive(int(left * 1000) + 1)
        consumer.acknowledge(message)
        if message.properties()["id"] == json.dumps(event_id):
            return message
    raise AssertionError(f"{event_id} did not arrive in {seconds} s")
