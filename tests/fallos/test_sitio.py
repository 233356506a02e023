"""Faults of the site under load: the queue of payments is lost, and the web dies after a COMMIT."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fallos.ensayo import Ensayo, exigir
from tests.fallos.escenario import esperar
from tests.stack import flujo

# The first start downloads 1 GB.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("fallos"), pytest.mark.timeout(900)]


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
