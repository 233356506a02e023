"""The site of a `docker compose up`, asked and treated as the one of `make run` in tests/e2e."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.compose.motor import Motor
from tests.e2e.conftest import Producto, esperar


def de_nadie() -> ssl.SSLContext:
    """TLS with whoever answers."""
    contexto = ssl.create_default_context()
    contexto.check_hostname = False
    contexto.verify_mode = ssl.CERT_NONE
    return contexto


class Sitio(Producto):
    """``carpeta`` is the clone until the site is up, and then the volume of its files."""

    def __init__(self, clon: Path, puerto: int, motor: Motor) -> None:
        super().__init__(carpeta=clon, puerto=puerto)
        self.clon = clon
        self.motor = motor
        # Of several of each, behind their proxy.
        self.archivos: tuple[str, ...] = ()
        self.puerto_tls = 0

    @property
    def ids(self) -> dict[str, Any]:
        """What the demo gave to its users."""
        datos: dict[str, Any] = json.loads((self.clon / "test_data_ids.json").read_text())
        return datos

    @property
    def propias(self) -> dict[str, str]:
        """The shell of who runs the demo on a port of their own."""
        suyas = {"ALPES_PUERTO": str(self.puerto), "ALPES_DEMO": "1"}
        if self.puerto_tls:
            suyas |= {"ALPES_HTTPS": "true", "ALPES_DETRAS_DE_PROXY": "true"}
            suyas |= {"ALPES_PUERTO_HTTPS": f"127.0.0.1:{self.puerto_tls}"}
            suyas |= {"ALPES_PUERTO_HTTP": f"127.0.0.1:{self.puerto}"}
        return suyas

    def conectar(self) -> http.client.HTTPConnection:
        """Of the proxy, when there is one: its certificate is of its own authority."""
        if not self.puerto_tls:
            return super().conectar()
        return http.client.HTTPSConnection(
            "localhost", self.puerto_tls, timeout=30, context=de_nadie()
        )

    @property
    def secretos_falsos(self) -> dict[str, str]:
        """For commands that make nothing, before there is an ``.env``."""
        nombres = ("SECRET_KEY", "MYSQL_ROOT_PASSWORD", "MYSQL_ALPES_PASSWORD")
        return dict.fromkeys((*nombres, "MYSQL_DBZ_PASSWORD", "REDIS_PASSWORD"), "x")

    # --- Commands --------------------------------------------------------------------------------

    def guion(
        self, *opciones: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """``scripts/docker.sh``, as a person runs it."""
        entorno = {"ALPES_PUERTO": str(self.puerto), **(env or {})}
        orden = ["scripts/docker.sh", *opciones]
        return self.motor.ejecutar(orden, cwd=self.clon, env=entorno, check=check)

    def compose(
        self, *palabras: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """``docker compose …`` in the clone."""
        orden = ["docker", "compose", *self.archivos, *palabras]
        entorno = {**self.propias, **(env or {})}
        return self.motor.ejecutar(orden, cwd=self.clon, env=entorno, check=check)

    def respaldo(self, *palabras: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """``scripts/respaldo.sh``."""
        orden = ["scripts/respaldo.sh", *palabras]
        return self.motor.ejecutar(orden, cwd=self.clon, env=self.propias, check=check)

    def comando(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A management command inside."""
        manage = ("python", "manage.py", *args)
        return self.compose("exec", "--no-TTY", "web", *manage, check=False)

    def sql(self, consulta: str) -> list[list[str]]:
        """Rows of a query, by the administrator of MySQL."""
        orden = 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql --user=root --batch -N alpes -e "$1"'
        hecho = self.compose("exec", "--no-TTY", "mysql", "bash", "-c", orden, "-", consulta)
        return [linea.split("\t") for linea in hecho.stdout.splitlines()]

    # --- Containers ------------------------------------------------------------------------------

    def mirar(self, servicio: str) -> dict[str, Any]:
        """What the engine knows of a service's container."""
        dicho = self.motor.docker("inspect", f"alpespartner-{servicio}-1").stdout
        return dict(json.loads(dicho)[0])

    def sano(self, servicio: str) -> bool:
        """Whether it runs, and is well where it says so."""
        estado = self.mirar(servicio)["State"]
        return bool(estado["Running"]) and estado.get("Health", {}).get("Status") in (
            None,
            "healthy",
        )

    def esperar_sano(self, servicio: str, segundos: float = 120) -> None:
        """Wait until it is."""
        esperar(lambda: self.sano(servicio), f"{servicio} sano", segundos)

    def matar_proceso(self, servicio: str) -> int:
        """``kill -9`` of its first process, as a crash does; its pid."""
        pid = int(self.mirar(servicio)["State"]["Pid"])
        assert pid > 1
        os.kill(pid, signal.SIGKILL)
        return pid

    # --- Events ----------------------------------------------------------------------------------

    def asentar(self, segundos: float = 150) -> None:
        """Wait until every subscription received everything; fails when something is missing."""
        limite = time.monotonic() + segundos
        while (hecho := self.comando("reconciliar_outbox", "--segundos", "0")).returncode != 0:
            assert time.monotonic() < limite, hecho.stdout + hecho.stderr
            time.sleep(2)
        lineas = hecho.stdout.splitlines()
        assert lineas
        assert all(linea.endswith(" 0 faltan") for linea in lineas), hecho.stdout

    @contextmanager
    def carga(self, por_segundo: float = 5) -> Iterator[list[str]]:
        """Sales posted meanwhile, each insisted on until it is answered; yields their references,
        which are what the shop was promised."""
        prometidas: list[str] = []
        parar = threading.Event()
        sellos = f"{time.time_ns()}"

        def vender() -> None:
            numero = 0
            while not parar.wait(1 / por_segundo):
                numero += 1
                referencia = f"carga-{sellos}-{numero}"
                venta = {
                    "afiliado_id": "demo-lucia",
                    "valor_conversion": "100.00",
                    "referencia_externa": referencia,
                }
                while True:
                    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                        estado, _cuerpo = self.pedir(
                            "POST", "/api/v1/conversiones", venta, clave="integracion"
                        )
                        # 409: the answer of an earlier try was lost, the sale was not.
                        if estado in (201, 409):
                            prometidas.append(referencia)
                            break
                    time.sleep(0.3)

        hilo = threading.Thread(target=vender)
        hilo.start()
        try:
            yield prometidas
        finally:
            parar.set()
            hilo.join(120)
            assert not hilo.is_alive()

    def perdidas(self, referencias: list[str]) -> list[str]:
        """References without their sale or without its one commission."""
        filas = self.sql(
            "SELECT c.referencia_externa, COUNT(m.id) FROM conversiones_conversion c"
            " LEFT JOIN comisiones_comision m ON m.conversion_id = c.id"
            " WHERE c.referencia_externa LIKE 'carga-%' GROUP BY c.id, c.referencia_externa"
        )
        cuantas = {referencia: int(n) for referencia, n in filas}
        return [r for r in referencias if cuantas.get(r) != 1]
