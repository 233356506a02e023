"""Faults under load: nothing that was committed is lost, and no effect happens twice.

The tests share one stack. What each measures is printed as a table at the end.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable

import pytest

from outbox.transportes.pulsar.topicos import POR_CONTEXTO
from tests.fallos.ensayo import Ensayo, consumidores_por, exigir
from tests.fallos.escenario import RITMO, esperar
from tests.fallos.proxy import Proxy, estropear
from tests.stack import flujo

# The first start downloads 1 GB.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("fallos"), pytest.mark.timeout(900)]


def matar(ensayo: Ensayo, parte: str) -> Callable[[], float]:
    return lambda: ensayo.escenario.matar(parte)


def test_debezium_muere_a_mitad_de_una_tanda(ensayo: Ensayo) -> None:
    def inyectar() -> float:
        ensayo.rafaga()
        time.sleep(ensayo.azar.uniform(0, 0.15))
        return ensayo.escenario.matar("debezium")

    exigir(ensayo.bajo_carga("kill -9 Debezium in mid-batch", inyectar))


def test_pulsar_muere(ensayo: Ensayo) -> None:
    exigir(ensayo.bajo_carga("kill -9 Pulsar", matar(ensayo, "pulsar")))


def test_mysql_muere(ensayo: Ensayo) -> None:
    exigir(ensayo.bajo_carga("kill -9 MySQL", matar(ensayo, "mysql")))


@pytest.mark.parametrize("que", ["offsets deleted", "offsets kept"])
def test_sin_offsets_o_sin_binlog(ensayo: Ensayo, que: str) -> None:
    e = ensayo.escenario

    def inyectar() -> float:
        e.pila.run("down", "--solo", "debezium")
        fallo = time.time()
        # Rows that no binlog will have, only the table.
        ensayo.rafaga(200)
        if que == "offsets deleted":
            tablas = [f[0] for f in e.sql(
                "SELECT CONCAT('dbz_state.', table_name) FROM information_schema.tables"
                " WHERE table_schema = 'dbz_state'"
            )] or ["dbz_state.debezium_offset_storage"]  # fmt: skip
            e.como_root(*(f"TRUNCATE {tabla}" for tabla in tablas))
        e.como_root("FLUSH BINARY LOGS")
        ultimo = e.como_root("SHOW BINARY LOGS")[-1][0]
        e.como_root(f"PURGE BINARY LOGS TO '{ultimo}'")
        e.pila.run("up", "--solo", "debezium")
        return fallo

    exigir(ensayo.bajo_carga(f"binlog purged, {que}", inyectar))


def test_consumidores_mueren_muchas_veces(ensayo: Ensayo) -> None:
    def inyectar() -> float:
        primero = time.time()
        for _vez in range(6):
            nombre = ensayo.azar.choice(
                ["comisiones", "contadores", "metricas", "auditoria", "confirmacion"]
            )
            ensayo.escenario.matar(f"consumidor-{nombre}")
            time.sleep(ensayo.azar.uniform(0.2, 1.2))
        return primero

    exigir(ensayo.bajo_carga("kill -9 consumers, 6 times", inyectar))


@pytest.mark.parametrize("nombre", ["comisiones", "auditoria"])
def test_consumidor_muere_entre_commit_y_ack(ensayo: Ensayo, nombre: str) -> None:
    """Three processes die with a batch: committed and not acknowledged, or not yet committed."""
    e = ensayo.escenario

    def inyectar() -> float:
        e.pila.run("down", "--solo", f"consumidor-{nombre}")
        for momento in ([], ["--antes"], []):
            proceso = e.hijo("-m", "tests.fallos.consumo_que_muere", nombre, *momento)
            assert proceso.wait(60) == -signal.SIGKILL
        fallo = time.time()
        e.pila.run("up", "--solo", f"consumidor-{nombre}")
        return fallo

    medida = ensayo.bajo_carga(f"{nombre} dies between commit and ack, or before", inyectar)
    assert medida.reentregados
    exigir(medida)


@pytest.mark.parametrize("que", ["cut 3 s", "2 s late"])
def test_red_entre_consumidores_y_pulsar(ensayo: Ensayo, que: str) -> None:
    e = ensayo.escenario
    proxy = Proxy(e.pila.state()["puertos"]["pulsar"], "pulsar://127.0.0.1:")

    with consumidores_por(e, f"pulsar://127.0.0.1:{proxy.puerto}") as proceso:
        esperar(lambda: proxy.conexiones >= 4, "the consumers to connect")
        medida = ensayo.bajo_carga(f"consumers ↔ Pulsar {que}", lambda: estropear(proxy, que))
        assert proxy.conexiones >= 4
        assert proceso.reinicios == 0
    proxy.cerrar()
    exigir(medida)


VENENO = """
from decimal import Decimal
from django.db import transaction
from afiliados.models import Afiliado
from alpespartner.comun.actores import sistema
from conversiones.models import Campana, Conversion
from conversiones.ventas.services import NuevaConversion, registrar_conversion
with transaction.atomic():
    conversion = registrar_conversion(
        datos=NuevaConversion(
            afiliado=Afiliado.objects.order_by("pk").first(),
            campana=Campana.objects.get(predeterminada=True), valor=Decimal(100),
        ),
        actor=sistema("pruebas"),
    )
    # A currency that nobody knows: its commission cannot be calculated.
    Conversion.objects.filter(pk=conversion.pk).update(moneda="ZZZ")
print(conversion.id_publico)
"""
REENCOLAR = """
from alpespartner.comun.actores import persona
from outbox.models import EventoAparcado
from outbox.entrega import reencolar
for aparcado in EventoAparcado.objects.filter(reencolado_en=None).exclude(evento=None):
    reencolar(aparcado=aparcado, actor=persona(1))
"""


def test_veneno_entre_lo_bueno(ensayo: Ensayo) -> None:
    e = ensayo.escenario
    aparcados = "SELECT COUNT(*) FROM outbox_eventoaparcado WHERE {}"
    antes = e.numero(aparcados.format("evento_id IS NULL"))

    def inyectar() -> float:
        fallo = time.time()
        cliente = flujo.connect_pulsar(e.env["ALPES_PULSAR_URL"])
        productor = cliente.create_producer(POR_CONTEXTO["conversiones"].nombre)
        for basura in (b"\xff\xfe no es JSON", b"{}", b"[1, 2]"):
            productor.send(basura, partition_key="ajeno")
        cliente.close()
        envenenada = e.django(VENENO)
        esperar(
            lambda: e.numero(aparcados.format("evento_id IS NOT NULL AND reencolado_en IS NULL")),
            "the poison to be parked",
        )
        intentos = e.sql(
            "SELECT intentos FROM outbox_eventoaparcado WHERE reencolado_en IS NULL"
            " AND evento_id IS NOT NULL"
        )
        assert intentos == [(5,)]
        e.sql_escribir(
            "UPDATE conversiones_conversion SET moneda = 'USD' WHERE id_publico = %s", envenenada
        )
        e.django(REENCOLAR)
        return fallo

    medida = ensayo.bajo_carga("poison event among good ones, then mended", inyectar)
    # Three messages that are not ours, for each of the six subscriptions of the topic.
    assert e.numero(aparcados.format("evento_id IS NULL")) - antes == 3 * 6
    exigir(medida)
    # No event told of the hand that mended the sale.
    e.manage("reconstruir_contadores")
    e.manage("reconstruir_metricas")


GIGANTE = """
from django.db import transaction
from outbox.errores import EventoDemasiadoGrande
from outbox.eventos import CanarioEmitido
from outbox.publicacion import publicar
try:
    with transaction.atomic():
        publicar(CanarioEmitido(canario_id="x" * 6_000_000), version=1)
except EventoDemasiadoGrande:
    print("refused")
"""


def test_una_fila_de_6_mb(ensayo: Ensayo) -> None:
    """Refused when written; around the guard, the reconciliation raises the alarm."""
    e = ensayo.escenario
    assert e.django(GIGANTE) == "refused"
    gigante = ""

    def inyectar() -> float:
        nonlocal gigante
        gigante = str(e.sql("SELECT UUID()")[0][0])
        documento = {"specversion": "1.0", "id": gigante, "type": "CanarioEmitido",
                     "subject": "gigante", "data": {"relleno": "x" * 6_000_000}}  # fmt: skip
        fallo = time.time()
        e.sql_escribir(
            "INSERT INTO outbox_event (id, aggregatetype, aggregateid, type, aggregate_version,"
            " payload, created_at) VALUES (%s, 'afiliados', 'gigante', 'CanarioEmitido', 1, %s,"
            " UTC_TIMESTAMP(6))",
            gigante,
            json.dumps(documento),
        )
        return fallo

    with ensayo.escenario.carga("ventas", RITMO, ensayo.prometido):
        time.sleep(ensayo.azar.uniform(1, 3))
        fallo = inyectar()
        recuperacion = esperar(lambda: e.recuperacion(ensayo.desde, fallo), "events after it", 120)

        def llego_o_falta() -> str:
            if ensayo.testigo.copias(gigante):
                return "arrived"
            alarma = e.manage("reconciliar_outbox", "--segundos", "3", check=False)
            falta = f"falta {gigante}" in alarma
            return "dropped by the stream: the alarm named it" if falta else ""

        ensayo.notas = esperar(llego_o_falta, "it, or the alarm")
    # The control's own row is no part of the figures.
    e.sql_escribir("DELETE FROM outbox_event WHERE id = %s", gigante)
    exigir(ensayo.medir("a 6 MB row around the guard", recuperacion))
