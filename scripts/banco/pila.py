"""The real stack for a benchmark: one of its own in a temporary folder, or the one it is given."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from banco.informe import RAIZ


@dataclass
class Pila:
    """A stack that is up, and the environment that Django needs to use it."""

    home: Path
    propia: bool
    entorno: dict[str, str] = field(default_factory=dict)

    def orden(self, *args: str) -> str:
        """``python -m stack …``; returns what it printed."""
        return subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "stack", *args],
            cwd=RAIZ,
            env=os.environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def subir(self, *partes: str) -> None:
        """Bring parts up and learn the addresses of those that are up."""
        print(f"arrancando {', '.join(partes)}…", file=sys.stderr, flush=True)
        self.orden("up", "--solo", ",".join(partes))
        from stack import app, config, files

        actual = config.current()
        puertos = files.read_json(actual.specs_file)["puertos"]
        # A benchmark of the web server alone has no port for the parts that it does without.
        self.entorno = app.environment(
            actual, {**config.DEFAULT_PORTS, **puertos}, files.load_secrets(actual.secrets_file)
        )
        if "redis" not in puertos:
            # Whoever listens there is of another stack.
            self.entorno["ALPES_REDIS_URL"] = "memory://localhost/"

    def bajar(self, *partes: str) -> None:
        """Stop some parts."""
        self.orden("down", "--solo", ",".join(partes))

    def partes(self) -> dict[str, Any]:
        """What runs, with its pid."""
        from stack.files import read_json

        partes: dict[str, Any] = read_json(self.home / "estado.json").get("partes", {})
        return partes

    def procesos(self) -> list[int]:
        """Every process of the stack, its supervisor too."""
        from stack.processes import marked

        return marked(self.home)

    def durabilidad(self) -> dict[str, Any]:
        """What a commit and a publication are worth here: nothing is cached without saying so."""
        from stack.config import current

        config = current()
        return {
            "sync_binlog": config.mysql_sync,
            "innodb_flush_log_at_trx_commit": config.mysql_sync or 2,
            "journalSyncData": config.pulsar_sync,
        }


@contextmanager
def pila() -> Iterator[Pila]:
    """The stack of ``ALPES_STACK_HOME``, which stays up; without one, a temporary stack."""
    if str(RAIZ) not in sys.path:
        sys.path.insert(0, str(RAIZ))
    dada = os.environ.get("ALPES_STACK_HOME")
    home = Path(dada).resolve() if dada else Path(tempfile.mkdtemp(prefix="alpes-banco-"))
    os.environ["ALPES_STACK_HOME"] = str(home)
    viva = Pila(home, propia=not dada)
    if "web" in viva.partes():
        sys.exit(
            "Esta pila tiene el sitio en marcha, que falsearía las cifras. Antes: "
            "python -m stack down --solo app"
        )
    # What `kill` sends must also pass through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield viva
    finally:
        if viva.propia:
            viva.orden("down")
            shutil.rmtree(home, ignore_errors=True)


def preparar_django(viva: Pila, extra: Mapping[str, str] | None = None) -> None:
    """Point this process's Django at the stack and make its tables and the programme."""
    os.environ.update(viva.entorno)
    os.environ.update(extra or {})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")
    os.environ.setdefault("ALPES_LOG", "WARNING")
    # Each key is counted, and none is refused.
    os.environ.setdefault("ALPES_API_POR_MINUTO", "60000000")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from alpespartner.operacion.siembra import asegurar_programa

    call_command("migrate", interactive=False, verbosity=0)
    asegurar_programa(timezone.now())


def crear_topicos() -> None:
    """Those of the product, with what the consumers subscribe to."""
    from django.core.management import call_command

    call_command("crear_topicos", verbosity=0, stdout=io.StringIO())


def esperar(hecho: Callable[[], bool], que: str, segundos: float = 180) -> None:
    """Until it is done; raises TimeoutError."""
    limite = time.monotonic() + segundos
    while not hecho():
        if time.monotonic() > limite:
            raise TimeoutError(que)
        time.sleep(0.05)


def vender(marca: str, numeros: Iterable[int]) -> list[Any]:
    """Sales of twenty affiliates in one transaction, each referred to by its number."""
    from alpespartner.operacion.siembra import ACTOR
    from conversiones.campanas.models import Campana
    from conversiones.ventas.services import NuevaConversion, registrar_conversiones

    campana, quienes = Campana.objects.get(predeterminada=True), afiliados(20)
    return registrar_conversiones(
        datos=[
            NuevaConversion(
                afiliado=quienes[n % len(quienes)], campana=campana, valor=Decimal("129.90"),
                referencia_externa=f"banco-{marca}-{n}",
            )
            for n in numeros
        ],
        actor=ACTOR,
    )  # fmt: skip


def afiliados(cuantos: int) -> Sequence[Any]:
    """Active affiliates for a benchmark, made once."""
    from afiliados.afiliado.models import Afiliado
    from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliados
    from alpespartner.operacion.siembra import ACTOR

    propios = Afiliado.objects.filter(referencia_externa__startswith="banco-").order_by("pk")
    if propios.count() < cuantos:
        registrar_afiliados(
            datos=[
                NuevoAfiliado(
                    nombre=f"Banco {n}",
                    email=f"banco{n}@ejemplo.test",
                    referencia_externa=f"banco-{n}",
                )
                for n in range(propios.count(), cuantos)
            ],
            actor=ACTOR,
            activo=True,
        )
    return list(propios[:cuantos])
