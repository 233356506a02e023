"""Bulk decisions beside others that decide, and after the death of who worked on them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.revision import avance
from comisiones.revision.avance import avanzar_decision
from comisiones.revision.en_masa import confirmar_decision
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import aprobar_comision, rechazar_comision
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.revision.mesa import dicho, elegir, jefa
from tests.fabricas import ANA, a_la_vez

RAIZ = Path(__file__).resolve().parents[3]


@pytest.fixture
def _de_dos_en_dos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "PORCION", 2)


def varias(n: int) -> list[Comision]:
    de, en = fabricas.afiliado(), fabricas.campana()
    return [fabricas.comision(de=de, en=en) for _n in range(n)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_de_dos_en_dos")
def test_cuatro_obreros() -> None:
    """However many work on it, each commission is decided once."""
    decision = elegir(varias(9))
    confirmar_decision(decision=decision, actor=jefa())
    resultados = a_la_vez([lambda: avanzar_decision(decision_pk=decision.pk)] * 4)
    assert resultados == [None] * 4
    # Whoever found it taken went away: the sweep would come.
    avanzar_decision(decision_pk=decision.pk)
    assert set(dicho(decision).values()) == {"hecha"}
    assert decision.hechas == decision.total == 9
    assert Asiento.objects.count() == Historial.objects.filter(accion="aprobar").count() == 9
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 9
    assert Historial.objects.filter(entidad="decision", accion="terminar").count() == 1


@pytest.mark.lento
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_de_dos_en_dos")
def test_otra_persona_decide_a_la_vez() -> None:
    """Each commission ends as one of the two left it, and its line says which."""
    for _vez in range(3):
        todas = varias(6)
        decision = elegir(todas)
        confirmar_decision(decision=decision, actor=jefa())
        antes = Asiento.objects.count()
        resultados = a_la_vez(
            [
                lambda d=decision: avanzar_decision(decision_pk=d.pk),  # type: ignore[misc]
                # As whoever asks for it does: one that loses a deadlock is done again.
                lambda c=todas[1]: reintentar(lambda: aprobar_comision(comision=c, actor=ANA)),  # type: ignore[misc]
                lambda c=todas[5]: reintentar(  # type: ignore[misc]
                    lambda: rechazar_comision(comision=c, actor=ANA, motivo="m")
                ),
            ]
        )
        avanzar_decision(decision_pk=decision.pk)
        resultado = dicho(decision)
        assert resultados[0] is None
        for comision in todas:
            comision.refresh_from_db()
        suya = isinstance(resultados[1], YaAprobada)
        assert suya or isinstance(resultados[1], Comision), resultados
        assert resultado[todas[1].id_publico] == ("hecha" if suya else "ya")
        assert todas[1].aprobada_por == str(jefa() if suya else ANA)
        rechazada = isinstance(resultados[2], Comision)
        assert resultado[todas[5].id_publico] == ("cambio" if rechazada else "hecha")
        assert todas[5].estado == ("rechazada" if rechazada else "aprobada")
        assert Asiento.objects.count() - antes == 6 - rechazada
    call_command("verificar", verbosity=0)
    call_command("verificar", "--cadena", verbosity=0)


PREPARAR = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import fabricas
from tests.comisiones.revision.mesa import elegir, jefa
from comisiones.revision.en_masa import confirmar_decision
de, en = fabricas.afiliado(), fabricas.campana()
todas = [fabricas.comision(de=de, en=en) for _n in range(7)]
confirmar_decision(decision=elegir(todas), actor=jefa())
"""
# It dies with the second portion written and not committed.
MORIR = """
import os, signal
from comisiones.models import DecisionEnMasa
from comisiones.revision import avance
avance.PORCION = 3
anotar = avance._anotar
def morir(decision, dicho):
    anotar(decision, dicho)
    if decision.hechas > 3:
        os.kill(os.getpid(), signal.SIGKILL)
avance._anotar = morir
avance.avanzar_decision(decision_pk=DecisionEnMasa.objects.get().pk)
"""
# The sweep queues it, and another worker goes on.
SEGUIR = """
import time
from celery import current_app
from comisiones.revision import avance
time.sleep(1.1)
encoladas = []
current_app.send_task = lambda tarea, claves, **_o: encoladas.append((tarea, claves))
avance.barrer_decisiones()
[(tarea, claves)] = encoladas
current_app.loader.import_default_modules()
current_app.tasks[tarea].run(*claves)
from django.core.management import call_command
call_command("verificar")
"""


def correr(entorno: dict[str, str], codigo: str) -> subprocess.CompletedProcess[str]:
    """A process of its own."""
    orden = [sys.executable, "-c", f"import django; django.setup()\n{codigo}"]
    return subprocess.run(orden, cwd=RAIZ, env=entorno, capture_output=True, check=False, text=True)


@pytest.mark.lento
@pytest.mark.timeout(170)
def test_kill_9_en_medio(tmp_path: Path) -> None:
    """What was committed stays decided, the rest is decided once."""
    entorno = {
        **{k: v for k, v in os.environ.items() if not k.startswith("ALPES_")},
        "ALPES_DATOS": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "alpespartner.settings",
    }

    def contar(consulta: str) -> int:
        base = f"file:{tmp_path}/alpespartner.sqlite3?mode=ro"
        with closing(sqlite3.connect(base, uri=True)) as conexion:
            return int(conexion.execute(consulta).fetchone()[0])

    aprobadas = "SELECT COUNT(*) FROM comisiones_comision WHERE estado = 'aprobada'"
    escrito = (
        "SELECT COUNT(*) FROM comisiones_asiento",
        "SELECT COUNT(*) FROM outbox_event WHERE type = 'ComisionAprobada'",
        "SELECT COUNT(*) FROM comun_historial WHERE accion = 'aprobar'",
        "SELECT COUNT(*) FROM comisiones_lineaenmasa WHERE resultado = 'hecha'",
        "SELECT hechas FROM comisiones_decisionenmasa",
    )
    preparado = correr(entorno, PREPARAR)
    assert preparado.returncode == 0, preparado.stderr
    assert correr(entorno, MORIR).returncode == -signal.SIGKILL
    assert [contar(consulta) for consulta in (aprobadas, *escrito)] == [3] * 6
    seguido = correr(entorno, SEGUIR)
    assert seguido.returncode == 0, seguido.stdout + seguido.stderr
    assert [contar(consulta) for consulta in (aprobadas, *escrito)] == [7] * 6
