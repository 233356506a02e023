"""The stack with the site on it, the load, and what is measured after a fault."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import MySQLdb

from outbox.consumo import CONSUMIDORES
from outbox.transportes.pulsar.topicos import TOPICOS
from stack.app import CONSUMERS
from tests.consola import Consola, Hijo
from tests.fallos.testigo import SUSCRIPCION, Testigo
from tests.stack import flujo
from tests.stack.conftest import PROJECT, Pila

SUSCRIPCIONES = ("comisiones", "contadores", "metricas", "auditoria", "confirmacion")
# Sales per second, of two events each: enough for every moment to have some on their way.
RITMO = float(os.environ.get("ALPES_FALLOS_RITMO", "20"))
# Settings of the site that a fault test would otherwise wait for, or need a person for.
AJUSTES = {
    "ALPES_API_POR_MINUTO": "60000000",
    "ALPES_PAGOS_SEGUNDOS_BARRIDO": "2",
    "ALPES_PAGOS_SEGUNDOS_INCIERTO": "10",
    "ALPES_PAGOS_AUTOMATICOS": "1",
    "ALPES_APROBACION_CLAVE_POR_VENTA": "*",
    "ALPES_APROBACION_CLAVE_POR_DIA": "*",
}


def esperar(condicion: Callable[[], Any], que: str, segundos: float = 90) -> Any:
    """What ``condicion`` returns as soon as it is true; fails after ``segundos``."""
    limite = time.monotonic() + segundos
    while time.monotonic() < limite:
        if valor := condicion():
            return valor
        time.sleep(0.1)
    raise AssertionError(f"it did not come in {segundos} s: {que}")


@dataclass
class Escenario:
    """A running stack with the site's processes, and hands on each of them."""

    pila: Pila
    env: dict[str, str] = field(default_factory=dict)
    # Somebody else's stays up.
    propia: bool = True
    _consola: Consola | None = field(default=None, init=False)

    @property
    def entorno(self) -> dict[str, str]:
        """Environment of the site's own commands."""
        return {
            **os.environ,
            **AJUSTES,
            **self.env,
            "DJANGO_SETTINGS_MODULE": "alpespartner.settings",
        }

    @property
    def datos(self) -> Path:
        """Folder of the site's files."""
        return Path(self.env["ALPES_DATOS"])

    @property
    def secretos(self) -> dict[str, str]:
        """Passwords of the parts."""
        return dict(json.loads((self.pila.home / "secretos.json").read_text()))

    def arrancar(self) -> None:
        """Bring everything up in the order a person does."""
        self.pila.environ |= AJUSTES
        self.pila.run("up", "--solo", "mysql,redis,pulsar")
        self.env = self.pila.env()
        self.manage("migrate", "-v0")
        self.manage("crear_topicos")
        self.manage("sembrar", "--afiliados", "20", "--conversiones", "0")
        self.pila.run("up", "--solo", "debezium,app")

    def bajar(self) -> None:
        """Take everything down; again, it changes nothing."""
        if self._consola is not None:
            self._consola.cerrar()
            self._consola = None
        if self.propia:
            self.pila.run("down", check=False)

    # --- Processes -------------------------------------------------------------------------------

    def proceso(self, *argumentos: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """A Python process of the project on this stack, with settings of its own."""
        with (self.pila.home / "logs" / "pruebas.log").open("ab") as registro:
            return subprocess.Popen(
                [sys.executable, *argumentos], cwd=PROJECT, env={**self.entorno, **env},
                stdout=registro, stderr=registro,
            )  # fmt: skip

    @property
    def consola(self) -> Consola:
        """Who runs what is ordered, with the site's settings."""
        if self._consola is None:
            self._consola = Consola(self.entorno, self.pila.home / "logs" / "pruebas.log")
        return self._consola

    def hijo(
        self, *argumentos: str, env: Mapping[str, str] | None = None, entrada: bool = False
    ) -> Hijo:
        """A process of the project on this stack, with the site's settings."""
        return self.consola.lanzar(*argumentos, env=env or {}, entrada=entrada)

    def _pedir(self, orden: str | Sequence[str], *, check: bool = True) -> tuple[str, str]:
        rc, dicho, errores = self.consola.pedir(orden)
        assert not check or rc == 0, dicho + errores
        return dicho, errores

    def manage(self, *argumentos: str, check: bool = True) -> str:
        """Output of a management command."""
        return "".join(self._pedir(argumentos, check=check))

    def django(self, codigo: str) -> str:
        """Run a few lines in the site's shell; returns what they print."""
        return self._pedir(codigo)[0].strip()

    def pid(self, parte: str) -> int:
        """Process of a part that is up."""
        return int(esperar(lambda: self.pila.part(parte)["pid"], f"a process of {parte}"))

    def matar(self, parte: str) -> float:
        """``kill -9`` of a part; returns the moment."""
        os.kill(self.pid(parte), signal.SIGKILL)
        return time.time()

    def esperar_sanas(self) -> None:
        """Wait until every part answers."""
        esperar(
            lambda: all(p["sana"] for p in self.pila.state()["partes"].values()),
            "every part to answer",
        )

    # --- Database --------------------------------------------------------------------------------

    def sql(self, consulta: str, *valores: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, as soon as the server takes it."""
        limite = time.monotonic() + 90
        while True:
            try:
                conexion = flujo.connect(self.env["ALPES_DATABASE_URL"], connect_timeout=5)
                with contextlib.closing(conexion), conexion.cursor() as cursor:
                    cursor.execute("SET time_zone='+00:00'")
                    cursor.execute(consulta, valores)
                    return list(cursor.fetchall())
            except MySQLdb.OperationalError:
                if time.monotonic() > limite:
                    raise
                time.sleep(0.2)

    def numero(self, consulta: str, *valores: Any) -> int:
        """The only value of a query."""
        return int(self.sql(consulta, *valores)[0][0] or 0)

    def sql_escribir(self, sentencia: str, *valores: Any) -> None:
        """Run one statement; it fails as it fails."""
        conexion = flujo.connect(self.env["ALPES_DATABASE_URL"])
        with contextlib.closing(conexion), conexion.cursor() as cursor:
            cursor.execute("SET time_zone='+00:00'")
            cursor.execute(sentencia, valores)

    def como_root(self, *sentencias: str) -> list[tuple[Any, ...]]:
        """Run statements as MySQL's administrator, through its socket; rows of the last."""
        conexion = flujo.connect(
            self.env["ALPES_DATABASE_URL"], user="root", db="mysql", host="localhost",
            unix_socket=str(self.pila.home / "run/mysql.sock"),
            passwd=self.secretos["mysql_root"],
        )  # fmt: skip
        with contextlib.closing(conexion), conexion.cursor() as cursor:
            for sentencia in sentencias:
                cursor.execute(sentencia)
            return list(cursor.fetchall() or ())

    # --- Pulsar and Redis ------------------------------------------------------------------------

    def reentregas(self) -> dict[str, int]:
        """Messages that the broker handed to each subscription beyond those it stored.

        Its counters start again with it.
        """
        suma: Counter[str] = Counter()
        for topico in TOPICOS:
            ruta = f"/admin/v2/persistent/public/default/{topico.contexto}.eventos"
            estado = self._admin(f"{ruta}/partitioned-stats")
            for nombre, suscripcion in estado["subscriptions"].items():
                if not nombre.startswith(SUSCRIPCION):
                    suma[nombre] += suscripcion["msgOutCounter"] - estado["msgInCounter"]
        return dict(suma)

    def _admin(self, ruta: str) -> Any:
        conexion = http.client.HTTPConnection(
            urlsplit(self.env["ALPES_PULSAR_ADMIN_URL"]).netloc, timeout=30
        )
        with contextlib.closing(conexion):
            conexion.request("GET", ruta)
            return json.loads(conexion.getresponse().read())

    def redis(self, *orden: str) -> str:
        """Answer of Redis to one command."""
        partes = urlsplit(self.env["ALPES_REDIS_URL"])
        with socket.create_connection((partes.hostname, partes.port), timeout=5) as canal:
            canal.sendall(f"AUTH {partes.password}\r\n{' '.join(orden)}\r\n".encode())
            respuesta = b""
            while respuesta.count(b"\r\n") < 2:
                respuesta += canal.recv(1000)
        return respuesta.decode().splitlines()[1]

    # --- Load ------------------------------------------------------------------------------------

    @contextmanager
    def carga(self, tipo: str, ritmo: float, archivo: Path) -> Iterator[None]:
        """A load that runs meanwhile."""
        proceso = self.hijo(
            "-m", "tests.fallos.carga", tipo, f"{ritmo}", str(archivo), entrada=True
        )
        assert proceso.stdin is not None
        try:
            esperar(
                lambda: (archivo.exists() and archivo.stat().st_size) or proceso.poll() is not None,
                "the load's first line",
            )
            yield
            assert proceso.poll() in (None, 0), "the load died: see pruebas.log"
        finally:
            proceso.stdin.close()
            proceso.wait(120)

    def posicion(self) -> int:
        """Place of the newest event."""
        return self.numero("SELECT MAX(posicion) FROM outbox_event")

    def pendientes(self, desde: int) -> int:
        """Deliveries that events after ``desde`` still lack."""
        total = 0
        for suscripcion in SUSCRIPCIONES:
            # Only the stream has `confirmacion`, which takes everything.
            consumidor = CONSUMIDORES.get(suscripcion)
            tipos = sorted(consumidor.tipos) if consumidor is not None else []
            suyos = f" AND type IN ({', '.join(['%s'] * len(tipos))})" if tipos else ""
            total += self.numero(
                f"SELECT COUNT(*) FROM outbox_event e WHERE posicion > %s{suyos}"
                " AND NOT EXISTS (SELECT 1 FROM outbox_eventoprocesado p WHERE p.evento_id = e.id"
                " AND p.suscripcion = %s)",
                desde,
                *tipos,
                suscripcion,
            )
        return total

    def asentar(self, desde: int, testigo: Testigo, segundos: float = 120) -> None:
        """Wait until nothing more arrives; what is lost never does, so the wait has an end."""
        limite = time.monotonic() + segundos
        quieto = 0
        antes: Any = None
        while time.monotonic() < limite and quieto < 4:
            ahora = (self.posicion(), self.pendientes(desde), len(testigo.mensajes))
            quieto = quieto + 1 if ahora == antes and ahora[1] == 0 else 0
            antes = ahora
            time.sleep(0.5)

    def recuperacion(
        self, desde: int, fallo: float, suscripciones: Sequence[str] = SUSCRIPCIONES
    ) -> float | None:
        """Seconds from the fault until each subscription had an event committed after it."""
        instante = datetime.fromtimestamp(fallo, UTC).replace(tzinfo=None)
        filas = self.sql(
            "SELECT p.suscripcion, MIN(p.procesado_en) FROM outbox_event e"
            " JOIN outbox_eventoprocesado p ON p.evento_id = e.id"
            " WHERE e.posicion > %s AND e.created_at > %s GROUP BY p.suscripcion",
            desde,
            instante,
        )
        primeros = dict(filas)
        if not set(suscripciones) <= primeros.keys():
            return None
        return max((primeros[s] - instante).total_seconds() for s in suscripciones)

    # --- Measure ---------------------------------------------------------------------------------

    def lineas(self) -> Counter[str]:
        """How many lines of ``events.jsonl`` each event has."""
        archivo = self.datos / "events.jsonl"
        with archivo.open("rb") as entrada:
            return Counter(json.loads(linea)["id"] for linea in entrada)

    def quitar_lineas_dobladas(self) -> None:
        """Mend ``events.jsonl`` after a control that doubled some; nobody may be writing it."""
        archivo = self.datos / "events.jsonl"
        unicas = b"".join(dict.fromkeys(archivo.read_bytes().splitlines(keepends=True)))
        archivo.write_bytes(unicas)
        self.sql_escribir(
            "UPDATE outbox_posicionarchivo SET bytes = %s WHERE nombre = %s",
            len(unicas),
            archivo.name,
        )

    def perdidos(self, desde: int, prometido: Path, testigo: Testigo) -> dict[str, int]:
        """What was committed after ``desde``, or promised to the client, and is not somewhere."""
        hechos = {json.loads(linea)["hecho"] for linea in prometido.read_text().splitlines()}
        filas = {
            f[0]
            for f in self.sql(
                "SELECT referencia_externa FROM conversiones_conversion"
                " WHERE referencia_externa IS NOT NULL UNION"
                " SELECT id_publico FROM comisiones_comision WHERE estado <> 'pendiente'"
            )
        }
        eventos = [f[0] for f in self.sql("SELECT id FROM outbox_event WHERE posicion > %s", desde)]
        lineas = self.lineas()
        reconciliado = self.manage("reconciliar_outbox", "--segundos", "0", check=False)
        perdidos = {
            "promised to the client and not in the database": len(hechos - filas),
            "conversions without a commission": self.numero(
                "SELECT COUNT(*) FROM conversiones_conversion c WHERE NOT EXISTS"
                " (SELECT 1 FROM comisiones_comision m WHERE m.conversion_id = c.id)"
            ),
            "not in Pulsar": sum(not testigo.copias(e) for e in eventos),
            "not in events.jsonl": sum(not lineas[e] for e in eventos),
            "deliveries waiting": self.numero("SELECT COUNT(*) FROM outbox_entregapendiente"),
        }
        for linea in reconciliado.splitlines():
            if linea.endswith(" faltan"):
                suscripcion = linea.split(":")[0]
                perdidos[f"not received by {suscripcion}"] = int(linea.split()[-2])
        assert len(perdidos) == 5 + len(CONSUMERS), reconciliado
        return {que: n for que, n in perdidos.items() if n}

    def doblados(self) -> dict[str, int]:
        """Effects that happened more than once."""
        repetidas = "SELECT COUNT(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING COUNT(*) > 1) x"
        doblados = {
            "commissions of a conversion": self.numero(
                repetidas.format("comisiones_comision", "conversion_id")
            ),
            "conversions of a reference": self.numero(
                repetidas.format(
                    "conversiones_conversion WHERE referencia_externa IS NOT NULL",
                    "referencia_externa",
                )
            ),
            "events of a fact": self.numero(
                repetidas.format(
                    "outbox_event WHERE type IN ('ConversionRegistrada', 'ComisionCalculada',"
                    " 'ComisionAprobada', 'ComisionPagada', 'PagoConfirmado')",
                    "aggregateid, type",
                )
            ),
            "confirmations of an event": self.numero(
                repetidas.format("outbox_entregaconfirmada", "evento_id")
            ),
            "payments of a commission": self.numero(
                repetidas.format("comisiones_itempago", "comision_id")
            ),
            "lines in events.jsonl": sum(n > 1 for n in self.lineas().values()),
        }
        return {que: n for que, n in doblados.items() if n}
