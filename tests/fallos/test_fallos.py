"""Faults under load: nothing that was committed is lost, and no effect happens twice.

The tests share one stack. What each measures is printed as a table at the end.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outbox.transportes.pulsar.topicos import POR_CONTEXTO
from tests.fallos.ensayo import (
    Ensayo,
    Medida,
    Supervisado,
    consumidores_por,
    debezium_aparte,
)
from tests.fallos.escenario import RITMO, Escenario, esperar
from tests.fallos.proxy import Proxy
from tests.fallos.testigo import Testigo
from tests.stack import flujo

# The first start downloads 1 GB.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
CORTE = 3.0
LATENCIA = 2.0


def exigir(medida: Medida) -> None:
    """Nothing lost, nothing doubled."""
    assert (medida.perdidos, medida.doblados) == ({}, {}), medida


def matar(ensayo: Ensayo, parte: str) -> Callable[[], float]:
    return lambda: ensayo.escenario.matar(parte)


def test_debezium_muere_a_mitad_de_un_lote(ensayo: Ensayo) -> None:
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
            nombre = ensayo.azar.choice(["comisiones", "auditoria", "confirmacion"])
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
            proceso = e.proceso("-m", "tests.fallos.consumo_que_muere", nombre, *momento)
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


def estropear(proxy: Proxy, que: str) -> float:
    fallo = time.time()
    if que.startswith("cut"):
        proxy.cortar()
        time.sleep(CORTE)
        proxy.unir()
    else:
        proxy.poner_latencia(LATENCIA)
        time.sleep(4 * LATENCIA)
        proxy.poner_latencia(0)
    return fallo


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
    # Three messages that are not ours, for each of the three subscriptions of the topic.
    assert e.numero(aparcados.format("evento_id IS NULL")) - antes == 3 * 3
    exigir(medida)


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
        time.sleep(5)
    alarma = e.manage("reconciliar_outbox", "--segundos", "3", check=False)
    llego = ensayo.testigo.copias(gigante)
    ensayo.notas = "arrived" if llego else "dropped by the stream: the alarm named it"
    assert llego or f"falta {gigante}" in alarma, alarma
    # The control's own row is no part of the figures.
    e.sql_escribir("DELETE FROM outbox_event WHERE id = %s", gigante)
    exigir(ensayo.medir("a 6 MB row around the guard", recuperacion))


@pytest.mark.parametrize("que", ["FLUSHALL", "kill -9"])
def test_redis_pierde_la_cola(ensayo: Ensayo, que: str) -> None:
    """The queue of payments is lost under their feet: each is paid exactly once all the same."""
    e = ensayo.escenario
    faltan = 400 - e.numero("SELECT COUNT(*) FROM comisiones_comision WHERE estado = 'pendiente'")
    if faltan > 0:
        e.manage("sembrar", "--afiliados", "20", "--conversiones", f"{faltan}", "--semilla", "77")
        e.asentar(ensayo.desde, ensayo.testigo)
    with e.carga("aprobaciones", 40, ensayo.prometido):
        time.sleep(ensayo.azar.uniform(1, 2))
        fallo = time.time()
        if que == "FLUSHALL":
            assert e.redis("FLUSHALL") == "+OK"
        else:
            e.matar("redis")
        time.sleep(4)
    por_pagar = (
        "SELECT COUNT(*) FROM comisiones_comision WHERE monto > 0 AND estado IN"
        " ('aprobada', 'programada')"
    )
    esperar(lambda: e.numero(por_pagar) == 0, "every approved commission to be paid", 120)
    recuperacion = float(
        e.sql(
            "SELECT MIN(UNIX_TIMESTAMP(pagada_en)) FROM comisiones_comision"
            " WHERE UNIX_TIMESTAMP(aprobada_en) > %s",
            fallo,
        )[0][0]
    )
    pagadas = e.numero("SELECT COUNT(*) FROM comisiones_comision WHERE estado = 'pagada'")
    assert pagadas >= 20
    archivos = list((e.datos / "pagos").rglob("*.csv"))
    assert len(archivos) == e.numero("SELECT COUNT(*) FROM comisiones_pago")
    # A payment may hold several commissions of its affiliate.
    assert e.numero("SELECT COUNT(comision_id) FROM comisiones_itempago") == pagadas
    exigir(ensayo.medir(f"Redis {que}, payments in flight", recuperacion - fallo))


class Cliente:
    """Posts sales, each until it is answered, with the same key every time."""

    def __init__(self, puerto: int, clave: str) -> None:
        self._puerto = puerto
        self._cabeceras = {"Authorization": f"Bearer {clave}", "Content-Type": "application/json"}

    def abrir(self, referencia: str, afiliado: str) -> http.client.HTTPConnection:
        """Send one and do not wait for the answer."""
        conexion = http.client.HTTPConnection("127.0.0.1", self._puerto, timeout=20)
        cuerpo = {
            "afiliado_id": afiliado,
            "valor_conversion": "100.00",
            "referencia_externa": referencia,
        }
        try:
            conexion.request(
                "POST",
                "/api/v1/conversiones",
                json.dumps(cuerpo),
                {**self._cabeceras, "Idempotency-Key": referencia},
            )
        except OSError:
            conexion.close()
            raise
        return conexion

    def insistir(self, referencia: str, afiliado: str) -> dict[str, Any]:
        """The answer, however many tries it takes."""
        for _intento in range(300):
            try:
                with contextlib.closing(self.abrir(referencia, afiliado)) as conexion:
                    respuesta = conexion.getresponse()
                    cuerpo: dict[str, Any] = json.loads(respuesta.read())
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            assert respuesta.status in (200, 201), cuerpo
            return cuerpo
        raise AssertionError(f"{referencia} was never answered")


def trabajadores(maestro: int) -> list[int]:
    """Processes that serve requests."""
    return [
        int(ruta.parent.name)
        for ruta in Path("/proc").glob("[0-9]*/stat")
        if _padre(ruta) == maestro
    ]


def _padre(ruta: Path) -> int:
    try:
        return int(ruta.read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def senalar(pids: list[int], senal: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, senal)
        except ProcessLookupError:
            pass


def test_la_web_muere_tras_el_commit(ensayo: Ensayo) -> None:
    """The sale is committed, its client gets no answer, and asks again."""
    e = ensayo.escenario
    clave = e.django("from tests.fabricas import clave; print(clave())")
    afiliado = str(e.sql("SELECT id_publico FROM afiliados_afiliado ORDER BY id LIMIT 1")[0][0])
    cliente = Cliente(e.pila.state()["puertos"]["web"], clave)
    base = flujo.connect(e.env["ALPES_DATABASE_URL"])
    parar = threading.Event()
    candado = threading.Lock()
    hechas: list[str] = []
    fallos: list[BaseException] = []
    buscar = "SELECT 1 FROM conversiones_conversion WHERE referencia_externa = %s"

    def vender(quien: int) -> None:
        try:
            for n in range(10_000):
                referencia = f"web-{ensayo.repeticion}-{quien}-{n}-{ensayo.desde}"
                cliente.insistir(referencia, afiliado)
                with candado:
                    hechas.append(referencia)
                if parar.wait(0.03):
                    return
        except BaseException as exc:
            fallos.append(exc)

    def golpear(n: int) -> bool:
        """Stop the workers a moment after a request: killed if it was committed, not answered."""
        referencia = f"web-{ensayo.repeticion}-golpe-{n}-{ensayo.desde}"
        pids = trabajadores(e.pid("web"))
        conexion = cliente.abrir(referencia, afiliado)
        limite = time.monotonic() + 3
        with base.cursor() as cursor:
            visto = False
            while not visto and time.monotonic() < limite:
                cursor.execute(buscar, [referencia])
                visto = bool(cursor.fetchall())
        senalar(pids, signal.SIGSTOP)
        sin_respuesta = visto and not select.select([conexion.sock], [], [], 0.02)[0]
        senalar(pids, signal.SIGKILL if sin_respuesta else signal.SIGCONT)
        conexion.close()
        cuerpo = cliente.insistir(referencia, afiliado)
        assert cuerpo["referencia_externa"] == referencia
        hechas.append(referencia)
        return sin_respuesta

    hilos = [threading.Thread(target=vender, args=(quien,)) for quien in range(4)]
    for hilo in hilos:
        hilo.start()
    try:
        aciertos = intentos = 0
        fallo = time.time()
        while aciertos < 3 and intentos < 150:
            acierto = golpear(intentos)
            intentos += 1
            if acierto:
                aciertos += 1
                fallo = time.time()
        # And once the whole server.
        time.sleep(2)
        os.killpg(e.pid("web"), signal.SIGKILL)
        fallo = time.time()
        recuperacion = esperar(lambda: e.recuperacion(ensayo.desde, fallo), "sales after it")
        time.sleep(1)
    finally:
        parar.set()
        for hilo in hilos:
            hilo.join(60)
        base.close()
    assert not fallos, fallos
    assert aciertos == 3, f"{intentos} tries never caught a worker between COMMIT and answer"
    ensayo.notas = f"{aciertos} workers killed between COMMIT and answer"
    ensayo.prometido.write_text(
        "".join(json.dumps({"hecho": referencia}) + "\n" for referencia in hechas)
    )
    assert e.numero(
        "SELECT COUNT(*) FROM conversiones_conversion WHERE referencia_externa LIKE %s",
        f"web-{ensayo.repeticion}-%-{ensayo.desde}",
    ) == len(hechas)
    exigir(ensayo.medir("web workers killed between COMMIT and answer", recuperacion))


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
            proceso = escenario.proceso(
                "-m", "tests.fallos.consumo_que_muere", "auditoria", "--sin-buzon"
            )
            assert proceso.wait(60) == -signal.SIGKILL
    vistos = escenario.doblados()
    escenario.quitar_lineas_dobladas()
    escenario.pila.run("up", "--solo", "consumidor-auditoria")
    escenario.asentar(desde, testigo)
    assert vistos.keys() == {"lines in events.jsonl"}
    assert escenario.doblados() == {}
