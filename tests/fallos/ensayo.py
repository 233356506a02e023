"""One fault: load, the moment it strikes, recovery, and the figures that come out."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stack import config, health, parts
from tests.consola import Hijo
from tests.e2e.conftest import puerto_libre
from tests.fallos.escenario import RITMO, SUSCRIPCIONES, Escenario, esperar
from tests.fallos.testigo import Testigo
from tests.stack.conftest import PROJECT


@dataclass(frozen=True)
class Medida:
    """Figures of one repetition of a fault."""

    fallo: str
    repeticion: int
    semilla: str
    eventos: int
    perdidos: dict[str, int]
    # Messages stored more than once in Pulsar, and handed more than once to a subscription; the
    # second is None when the broker's counters restarted in between.
    repetidos: int
    reentregados: int | None
    doblados: dict[str, int]
    recuperacion: float | None
    espera_maxima: float | None
    notas: str = ""


def exigir(medida: Medida) -> None:
    """Nothing lost, nothing doubled."""
    assert (medida.perdidos, medida.doblados) == ({}, {}), medida


@dataclass
class Ensayo:
    """Runs a fault on the scenario and keeps its figures."""

    escenario: Escenario
    testigo: Testigo
    carpeta: Path
    repeticion: int
    semilla: str
    anotar: Callable[[str, Any], None]
    azar: random.Random = field(init=False)
    desde: int = field(init=False)
    notas: str = ""
    sembrador: Hijo | None = None

    def __post_init__(self) -> None:
        self.azar = random.Random(self.semilla)
        self.escenario.esperar_sanas()
        self.desde = self.escenario.posicion()
        self._repetidos = self._copias_de_mas()
        self._reentregas = self.escenario.reentregas()
        self._broker = self.escenario.pid("pulsar")

    @property
    def prometido(self) -> Path:
        """What the load's client was told that is done."""
        return self.carpeta / "prometido.jsonl"

    def bajo_carga(
        self,
        nombre: str,
        inyectar: Callable[[], float],
        *,
        suscripciones: Sequence[str] = SUSCRIPCIONES,
        ritmo: float = RITMO,
    ) -> Medida:
        """Strike at a random moment of a load that goes on until the path works again."""
        with self.escenario.carga("ventas", ritmo, self.prometido):
            time.sleep(self.azar.uniform(1.0, 3.0))
            fallo = inyectar()
            recuperacion = esperar(
                lambda: self.escenario.recuperacion(self.desde, fallo, suscripciones),
                "an event committed after the fault",
                150,
            )
            time.sleep(1.5)
        if self.sembrador is not None:
            assert self.sembrador.wait(60) == 0
        return self.medir(nombre, recuperacion)

    def medir(self, nombre: str, recuperacion: float | None) -> Medida:
        """Wait until nothing moves, count, and demand that nothing was lost or doubled."""
        e = self.escenario
        e.asentar(self.desde, self.testigo)
        e.esperar_sanas()
        reentregas = e.reentregas()
        espera = e.numero(
            "SELECT MAX(c.retraso_ms) FROM outbox_entregaconfirmada c"
            " JOIN outbox_event e ON e.id = c.evento_id WHERE e.posicion > %s",
            self.desde,
        )
        medida = Medida(
            fallo=nombre,
            repeticion=self.repeticion,
            semilla=self.semilla,
            eventos=e.numero("SELECT COUNT(*) FROM outbox_event WHERE posicion > %s", self.desde),
            perdidos=e.perdidos(self.desde, self.prometido, self.testigo),
            repetidos=self._copias_de_mas() - self._repetidos,
            reentregados=None
            if e.pid("pulsar") != self._broker
            else sum(n - self._reentregas.get(s, 0) for s, n in reentregas.items()),
            doblados=e.doblados(),
            recuperacion=recuperacion,
            espera_maxima=espera / 1000,
            notas=self.notas,
        )
        self.anotar("medida", asdict(medida))
        print(medida)
        return medida

    def rafaga(self, conversiones: int = 1_000) -> None:
        """Commit many sales at once; returns when they are visible, with the stream at work."""
        antes = self.escenario.posicion()
        self.sembrador = self.escenario.hijo(
            "manage.py", "sembrar", "--afiliados", "20", "--conversiones", str(conversiones),
            "--semilla", str(self.azar.randrange(10**9)),
        )  # fmt: skip
        esperar(lambda: self.escenario.posicion() - antes > conversiones, "the burst")

    def _copias_de_mas(self) -> int:
        # A copy: the witness writes meanwhile.
        return sum(len(ids) - 1 for ids in list(self.testigo.mensajes.values()))


class Supervisado:
    """A process that is started again when it dies, as the stack's supervisor does."""

    def __init__(self, arrancar: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._arrancar = arrancar
        self._parar = threading.Event()
        self.reinicios = 0
        self.proceso = arrancar()
        self._hilo = threading.Thread(target=self._vigilar, daemon=True)
        self._hilo.start()

    def _vigilar(self) -> None:
        while not self._parar.wait(0.2):
            if self.proceso.poll() is not None:
                self.reinicios += 1
                self.proceso = self._arrancar()

    def terminar(self) -> None:
        """Stop it for good."""
        self._parar.set()
        self._hilo.join()
        self.proceso.send_signal(signal.SIGTERM)
        try:
            self.proceso.wait(30)
        except subprocess.TimeoutExpired:
            self.proceso.kill()
            self.proceso.wait(10)


@contextmanager
def consumidores_por(escenario: Escenario, url: str) -> Iterator[Supervisado]:
    """Every consumer in a process that reaches Pulsar at ``url``, instead of the stack's own."""
    nombres = ",".join(p for p in escenario.pila.state()["partes"] if p.startswith("consumidor-"))
    escenario.pila.run("down", "--solo", nombres)
    proceso = Supervisado(
        lambda: escenario.proceso("manage.py", "consumir", env={"ALPES_PULSAR_URL": url})
    )
    try:
        yield proceso
    finally:
        proceso.terminar()
        escenario.pila.run("up", "--solo", nombres)


@contextmanager
def debezium_aparte(
    escenario: Escenario, carpeta: Path, *, server_id: int, puerto_mysql: int | None = None
) -> Iterator[Supervisado]:
    """A Debezium of our own, with the same state and another id as a replica."""
    original = escenario.pila.home / "debezium" / "data"
    shutil.copytree(original, carpeta / "debezium" / "data")
    ajustes = config.load({**escenario.pila.environ, "ALPES_STACK_HOME": str(carpeta)}, PROJECT)
    puertos = {**escenario.pila.state()["puertos"], "debezium": puerto_libre()}
    if puerto_mysql is not None:
        puertos["mysql"] = puerto_mysql
    spec: dict[str, Any] = parts.build(ajustes, "debezium", puertos, escenario.secretos)
    propiedades = carpeta / "debezium" / "config" / "application.properties"
    texto = propiedades.read_text()
    cambiado = texto.replace("server.id=223344", f"server.id={server_id}")
    assert cambiado != texto
    propiedades.write_text(cambiado)

    def arrancar() -> subprocess.Popen[bytes]:
        with (escenario.pila.home / "logs" / "debezium-aparte.log").open("ab") as registro:
            return subprocess.Popen(
                spec["argv"], cwd=spec["cwd"], env=spec["env"], stdout=registro, stderr=registro
            )

    proceso = Supervisado(arrancar)
    try:
        esperar(lambda: health.is_healthy(spec["salud"]), "the other Debezium")
        yield proceso
    finally:
        proceso.terminar()


def informe(medidas: Sequence[Medida]) -> str:
    """The figures as a Markdown table, a row per fault."""
    filas = [
        "| fault | times | events | lost | stored twice | handed again | effects doubled |"
        " seconds to recover | longest wait, s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for nombre in dict.fromkeys(m.fallo for m in medidas):
        suyas = [m for m in medidas if m.fallo == nombre]
        reentregados = [m.reentregados for m in suyas if m.reentregados is not None]
        filas.append(
            f"| {nombre} | {len(suyas)} | {sum(m.eventos for m in suyas):,}"
            f" | {sum(sum(m.perdidos.values()) for m in suyas)}"
            f" | {sum(m.repetidos for m in suyas):,}"
            f" | {f'{sum(reentregados):,}' if reentregados else 'n/a'}"
            f" | {sum(sum(m.doblados.values()) for m in suyas)}"
            f" | {_rango([m.recuperacion for m in suyas])}"
            f" | {_rango([m.espera_maxima for m in suyas])} |"
        )
    return "\n".join(filas)


def _rango(valores: Sequence[float | None]) -> str:
    numeros = sorted(v for v in valores if v is not None)
    if not numeros:
        return "–"
    if len(numeros) == 1:
        return f"{numeros[0]:.1f}"
    return f"{numeros[0]:.1f} – {numeros[-1]:.1f}"


def como_json(medidas: Sequence[Medida]) -> str:
    """The figures of each repetition."""
    return json.dumps([vars(m) for m in medidas], indent=1, ensure_ascii=False)
