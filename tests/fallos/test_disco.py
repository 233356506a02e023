"""A disk that really fills while it is sold, approved and paid, and then has room again.

The data of the database are on a small file system of their own, which a file fills to the last
byte. It takes root, to mount it.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fallos.escenario import AJUSTES, esperar
from tests.stack.conftest import PROJECT, Pila

pytestmark = [
    pytest.mark.lento,
    pytest.mark.xdist_group("fallos de disco"),
    pytest.mark.timeout(300),
]
# What a new MySQL takes, and room for a few seconds of work.
MEGAS = {"mysql": 420, "sqlite": 24}
SEGUNDOS_LLENO = 5
PREPARAR = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import fabricas
fabricas.campana(predeterminada=True, dias_retencion=0)
for n in range(20):
    fabricas.afiliado(nombre=f"Socia {n}")
"""
# What is left when everybody has stopped, done as the next minutes would; and what there is then.
TERMINAR = """
import json
from django.core.management import call_command
from datetime import timedelta
from django.utils import timezone
import time_machine
from alpespartner.comun.actores import persona, sistema
from comisiones.comision.models import Comision
from comisiones.models import ItemPago, Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.models import Conversion
from outbox.models import EventoAparcado
from outbox.transportes.embebido import drenar
for _vuelta in range(20):
    hecho = drenar()
    for comision in Comision.objects.filter(estado="pendiente"):
        aprobar_comision(comision=comision, actor=persona(1))
        hecho += 1
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        barrer_pagos(actor=sistema("pagos"))
    for pk in list(Pago.objects.filter(estado="listo").values_list("pk", flat=True)):
        ejecutar_pago(pago_pk=pk, actor=sistema("pagos"))
        hecho += 1
    if not hecho:
        break
assert not EventoAparcado.objects.exists()
call_command("verificar")
call_command("verificar", "--cadena")
print(json.dumps({
    "ventas": list(Conversion.objects.values_list("referencia_externa", flat=True)),
    "comisiones": dict(Comision.objects.values_list("id_publico", "estado")),
    "en_dos": ItemPago.objects.values("comision").count()
    - ItemPago.objects.values("comision").distinct().count(),
    "pagos": {p.id_publico: [p.estado, f"{p.importe:.2f}"] for p in Pago.objects.all()},
}))
"""


@contextlib.contextmanager
def montado(donde: Path, megas: int) -> Iterator[None]:
    """A file system of so many megabytes."""
    donde.mkdir(parents=True)
    hecho = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megas}m,mode=0700", "alpes", str(donde)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if hecho.returncode:
        pytest.skip(f"no se puede montar un disco pequeño: {hecho.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(donde)], check=False)


class Base:
    """A database whose data are on the small disk, and the office's commands on it."""

    def __init__(
        self, cual: str, carpeta: Path, disco: Path, env: dict[str, str], pila: Pila | None = None
    ) -> None:
        self.disco, self.carpeta, self.pila = disco, carpeta, pila
        self.env = {
            **{n: v for n, v in os.environ.items() if not n.startswith("ALPES_")},
            **AJUSTES,
            "ALPES_PAGOS_SEGUNDOS_BARRIDO": "1",
            "ALPES_EVENTOS_TRANSPORTE": "embebido",
            "ALPES_DATOS": str(disco if cual == "sqlite" else carpeta / "datos"),
            "DJANGO_SETTINGS_MODULE": "alpespartner.settings",
            **env,
        }
        self.lastre = disco / "lastre"

    def correr(self, *argumentos: str) -> str:
        hecho = subprocess.run(
            [sys.executable, *argumentos], cwd=PROJECT, env=self.env, capture_output=True,
            text=True, timeout=200, check=False,
        )  # fmt: skip
        assert hecho.returncode == 0, hecho.stdout + hecho.stderr
        return hecho.stdout

    def django(self, codigo: str) -> str:
        return self.correr("-c", f"import django; django.setup()\n{codigo}")

    def libres(self) -> int:
        sistema = os.statvfs(self.disco)
        return sistema.f_bavail * sistema.f_frsize

    def llenar(self) -> None:
        """To the last byte, also what somebody gives back meanwhile."""
        with self.lastre.open("ab") as fichero:
            while libres := self.libres():
                with contextlib.suppress(OSError):
                    os.posix_fallocate(fichero.fileno(), os.fstat(fichero.fileno()).st_size, libres)

    def vaciar(self) -> None:
        """Room again. A MySQL that could not write its binary log looks for it once a minute;
        whoever gave it kills it, and the supervisor starts it anew."""
        self.lastre.unlink()
        if self.pila is not None:
            os.kill(int(self.pila.part("mysql")["pid"]), signal.SIGKILL)


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.stack)])
def base(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    carpeta = tmp_path_factory.mktemp("disco")
    cual = request.param
    disco = carpeta / "mysql"
    with montado(disco, MEGAS[cual]):
        if cual == "sqlite":
            yield Base(cual, carpeta, disco, {})
            return
        conservadas = {
            nombre: valor
            for nombre, valor in os.environ.items()
            if not nombre.startswith("ALPES_") or nombre == "ALPES_STACK_CACHE"
        }
        pila = Pila(carpeta, {**conservadas, "ALPES_STACK_HOME": str(carpeta)})
        try:
            pila.run("up", "--solo", "mysql")
            yield Base(cual, carpeta, disco, pila.env(), pila)
        finally:
            pila.run("down", check=False)


def test_un_disco_que_se_llena_y_se_vacia(base: Base) -> None:
    """What was answered is there, nothing is parked, and nobody is paid twice."""
    base.django(PREPARAR)
    registro = base.carpeta / "oficina.jsonl"
    with (base.carpeta / "oficina.log").open("wb") as errores:
        oficina = subprocess.Popen(
            [sys.executable, "-m", "tests.fallos.oficina", str(registro)], cwd=PROJECT,
            env=base.env, stdin=subprocess.PIPE, stdout=errores, stderr=errores,
        )  # fmt: skip
        try:
            esperar(lambda: _hechos(registro)["aprobada"] > 20, "some work")
            base.llenar()
            antes, limite = _hechos(registro), time.monotonic() + SEGUNDOS_LLENO
            while time.monotonic() < limite:
                base.llenar()
                time.sleep(0.2)
            lleno = _hechos(registro)
            base.vaciar()
            for que in ("venta", "aprobada"):
                mas = lleno[que] + 20
                esperar(lambda que=que, mas=mas: _hechos(registro)[que] > mas, f"more {que}", 120)
        finally:
            assert oficina.stdin is not None
            oficina.stdin.close()
            try:
                oficina.wait(60)
            finally:
                oficina.kill()
    # Errors, or nothing done at all while it was full.
    assert lleno["fallo"] > antes["fallo"] or lleno["venta"] <= antes["venta"] + 1
    _comparar(base, registro, json.loads(base.django(TERMINAR).splitlines()[-1]))


def _lineas(registro: Path) -> list[dict[str, Any]]:
    texto = registro.read_text() if registro.exists() else ""
    return [json.loads(linea) for linea in texto.splitlines(keepends=True) if linea.endswith("\n")]


def _hechos(registro: Path) -> Counter[str]:
    return Counter(next(iter(linea)) for linea in _lineas(registro))


def _comparar(base: Base, registro: Path, hay: dict[str, Any]) -> None:
    """What was promised, what is stored, and what the gateway wrote."""
    prometidas = [linea["venta"] for linea in _lineas(registro) if "venta" in linea]
    assert len(hay["ventas"]) == len(set(hay["ventas"])) == len(hay["comisiones"])
    assert set(prometidas) <= set(hay["ventas"])
    assert set(hay["comisiones"].values()) == {"pagada"}
    assert hay["en_dos"] == 0
    assert {estado for estado, _importe in hay["pagos"].values()} == {"pagado"}
    escritos: Counter[str] = Counter()
    importes = {}
    for fichero in (Path(base.env["ALPES_DATOS"]) / "pagos").rglob("*.csv"):
        [fila] = csv.DictReader(fichero.read_text().splitlines())
        escritos[fila["pago_id"]] += 1
        importes[fila["pago_id"]] = fila["importe"]
    assert set(escritos.values()) == {1}
    assert importes == {pago: importe for pago, (_e, importe) in hay["pagos"].items()}
    assert sum(map(Decimal, importes.values())) == 10 * len(hay["comisiones"])
