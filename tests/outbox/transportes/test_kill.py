"""``kill -9`` of the real consumer process in the middle of its work."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.lento, pytest.mark.xdist_group("consumidores muertos")]
RAIZ = Path(__file__).resolve().parents[3]
CONVERSIONES = 400
SEMBRAR = f"""
from decimal import Decimal
from tests import fabricas
from conversiones.ventas.services import NuevaConversion, registrar_conversiones
campana, afiliado = fabricas.campana(), fabricas.afiliado()
for _ in range({CONVERSIONES // 40}):
    registrar_conversiones(
        datos=[NuevaConversion(afiliado=afiliado, campana=campana, valor=Decimal(100))] * 40,
        actor=fabricas.PRUEBAS,
    )
"""


@pytest.fixture(scope="module")
def entorno(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A database of its own, on disk and migrated."""
    valores = {
        **{k: v for k, v in os.environ.items() if not k.startswith("ALPES_")},
        "ALPES_DATOS": str(tmp_path_factory.mktemp("datos")),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    terminar(manage(valores, "migrate", "-v0"))
    return valores


def manage(entorno: dict[str, str], *args: str) -> subprocess.Popen[bytes]:
    """A management command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *args], cwd=RAIZ, env=entorno,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def terminar(proceso: subprocess.Popen[bytes]) -> None:
    """Wait for a process that must end well."""
    _salida, errores = proceso.communicate(timeout=60)
    assert proceso.returncode == 0, errores.decode()


def esperar_a_que_atienda(proceso: subprocess.Popen[bytes], senal: int) -> None:
    """Wait until a process has installed its handler of a signal, as the kernel tells it."""
    limite = time.monotonic() + 45
    while time.monotonic() < limite:
        estado = Path(f"/proc/{proceso.pid}/status").read_text()
        [mascara] = [x.split()[1] for x in estado.splitlines() if x.startswith("SigCgt")]
        atendidas = int(mascara, 16)
        if atendidas >> (senal - 1) & 1:
            return
        time.sleep(0.05)
    raise AssertionError("it never got ready")


@pytest.mark.timeout(170)
def test_kill_9(entorno: dict[str, str]) -> None:
    """Killed three times half-way: in the end each event is once in the file and each conversion
    has one commission."""
    terminar(manage(entorno, "shell", "-v0", "-c", SEMBRAR))
    datos = Path(entorno["ALPES_DATOS"])

    def contar(consulta: str) -> int:
        base = f"file:{datos}/alpespartner.sqlite3?mode=ro"
        with closing(sqlite3.connect(base, uri=True)) as conexion:
            return int(conexion.execute(consulta).fetchone()[0])

    procesados = "SELECT COUNT(*) FROM outbox_eventoprocesado"
    muertes = 0
    for _ in range(3):
        antes = contar(procesados)
        proceso = manage(entorno, "consumir")
        limite = time.monotonic() + 30
        while contar(procesados) == antes and time.monotonic() < limite:
            time.sleep(0.002)
        proceso.send_signal(signal.SIGKILL)
        proceso.communicate()
        assert proceso.returncode == -signal.SIGKILL
        muertes += contar("SELECT COUNT(*) FROM outbox_entregapendiente") > 0
    assert muertes >= 2, "it was never killed with work to do: give it more"
    terminar(manage(entorno, "consumir", "--una-vez"))

    assert contar("SELECT COUNT(*) FROM outbox_entregapendiente") == 0
    assert contar("SELECT COUNT(*) FROM outbox_eventoaparcado") == 0
    assert contar("SELECT COUNT(*) FROM comisiones_comision") == CONVERSIONES
    assert contar("SELECT COUNT(DISTINCT conversion_id) FROM comisiones_comision") == CONVERSIONES
    total = contar("SELECT COUNT(*) FROM outbox_event")
    texto = (datos / "events.jsonl").read_text()
    documentos = [json.loads(linea) for linea in texto.splitlines()]
    assert len(documentos) == len({d["id"] for d in documentos}) == total
    tipos = Counter(d["type"] for d in documentos)
    assert tipos["ConversionRegistrada"] == tipos["ComisionCalculada"] == CONVERSIONES


@pytest.mark.timeout(120)
def test_sigterm_termina_bien(entorno: dict[str, str]) -> None:
    """A restart is not a crash: it ends what it does and exits with 0."""
    proceso = manage(entorno, "consumir", "auditoria")
    esperar_a_que_atienda(proceso, signal.SIGTERM)
    assert proceso.poll() is None
    proceso.send_signal(signal.SIGTERM)
    terminar(proceso)
    desconocido = manage(entorno, "consumir", "nadie")
    _salida, errores = desconocido.communicate(timeout=30)
    assert desconocido.returncode == 1
    assert "auditoria" in errores.decode()
