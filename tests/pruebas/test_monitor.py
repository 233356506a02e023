"""The monitor and the sandbox: who looks asks it, what shows it does not, and the live site is well
without it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alpespartner import salud
from alpespartner.comun.acceso import correos
from alpespartner.comun.models import Historial
from alpespartner.operacion import alertas, tasks
from alpespartner.operacion.models import MiradaAPruebas
from alpespartner.operacion.monitor import entorno, lectura, vista
from alpespartner.operacion.monitor.entorno import pruebas
from alpespartner.operacion.monitor.lectura import leer
from alpespartner.operacion.monitor.problemas import problemas
from alpespartner.operacion.monitor.prometheus import metricas
from tests.pruebas.conftest import Falso
from tests.pruebas.conftest import decir as contestar

pytestmark = pytest.mark.django_db
CADA = timedelta(seconds=15)


@pytest.fixture(autouse=True)
def _carpetas(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CLICS_DIR = tmp_path / "clics"
    monkeypatch.setattr(lectura._reciente, "_hasta", 0.0)
    monkeypatch.setattr(lectura, "_VALE", 0.0)


@pytest.fixture
def reloj() -> Any:
    with time_machine.travel(timezone.now(), tick=False) as suyo:
        yield suyo


def _mal(falso: Falso) -> None:
    falso.responder = lambda h, _r: contestar(h, 503)


def _mirar(reloj: Any, veces: int = 1) -> list[str]:
    """What is open after some looks."""
    for _vez in range(veces):
        reloj.shift(CADA)
        tasks.vigilar()
    return [a.clave for a in alertas.abiertas()]


def _gauge() -> str | None:
    lineas = metricas().decode().splitlines()
    suyas = [x.split()[1] for x in lineas if x.startswith("alpes_pruebas_responde ")]
    return suyas[0] if suyas else None


def _cifra() -> Any:
    [suya] = [c for c in vista.cifras(leer()) if c.titulo == "Entorno de pruebas"]
    return suya


def test_bien(falso: Falso, reloj: Any) -> None:
    assert _mirar(reloj, 3) == []
    [una, *_otras] = falso.recibidas
    assert (una.metodo, una.ruta) == ("GET", "/health/ready")
    assert una.de("Host") == ["pruebas.localhost"]
    assert (pruebas()["responde"], _gauge(), _cifra().mal) == (True, "1.0", False)
    assert _cifra().valor.endswith(" ms")


@pytest.mark.lento
def test_si_no_contesta_se_abre_se_avisa_una_vez_y_se_cierra_sola(falso: Falso, reloj: Any) -> None:
    """Not for a moment, as it starts; then with what to do, once."""
    User.objects.create_superuser("jefa", "jefa@ejemplo.co", is_staff=True)
    _mirar(reloj)
    _mal(falso)
    assert _mirar(reloj) == []
    assert (_cifra().valor, _cifra().mal, _gauge()) == ("No contesta", False, "0.0")
    assert _mirar(reloj) == []
    assert (_cifra().mal, _cifra().nota) == (True, "desde hace 15 s")
    assert _mirar(reloj) == ["pruebas"]
    assert _mirar(reloj, 3) == ["pruebas"]
    correos.enviar_pendientes()
    [carta] = mail.outbox
    assert "El entorno de pruebas no contesta" in carta.subject
    assert "servir_pruebas" in carta.body
    falso.responder = lambda h, _r: contestar(h, 200)
    assert _mirar(reloj) == ["pruebas"]
    assert _mirar(reloj) == []
    correos.enviar_pendientes()
    assert len(mail.outbox) == 1
    pasos = Historial.objects.filter(entidad="alerta").order_by("pk")
    assert [p.accion for p in pasos] == ["abrir", "cerrar"]


def test_en_la_pagina(falso: Falso, reloj: Any) -> None:
    """It shows what was seen, and asks nothing."""
    _mal(falso)
    _mirar(reloj, 3)
    falso.recibidas.clear()
    admin = Client(headers={"Accept-Language": "es"})
    admin.force_login(User.objects.create_superuser("jefa"))
    contenido = admin.get(reverse("admin:operacion_alerta_monitor")).content.decode()
    assert "El entorno de pruebas no contesta" in contenido
    assert "Mira que corra servir_pruebas" in contenido
    assert falso.recibidas == []


@pytest.mark.lento
def test_colgado_solo_lo_espera_quien_mira(falso: Falso, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entorno, "_ESPERA", 0.2)
    falso.responder = lambda h, _r: time.sleep(0.6)
    empezo = time.monotonic()
    entorno.mirar_pruebas()
    assert 0.2 <= time.monotonic() - empezo < 0.6
    falso.recibidas.clear()
    monkeypatch.setattr(salud._preparado, "_hasta", 0.0)
    assert Client().get("/health/ready").status_code == 200
    assert Client().get("/health").status_code == 200
    leer()
    metricas()
    assert falso.recibidas == []
    assert pruebas()["responde"] is False


def test_sin_entorno(settings: Any, reloj: Any) -> None:
    """An installation without one has nothing to watch, and an alert of before closes."""
    settings.PRUEBAS_URL = "http://127.0.0.1:1"
    assert _mirar(reloj, 4) == ["pruebas"]
    settings.PRUEBAS_URL = ""
    assert _mirar(reloj, 2) == []
    assert (_gauge(), _cifra().nota) == (None, "aquí no hay")


def test_si_nadie_mira_no_se_sabe(falso: Falso, reloj: Any) -> None:
    """What was seen long ago is no news; and who was away sees it fail anew."""
    _mal(falso)
    _mirar(reloj, 2)
    reloj.shift(timedelta(minutes=2))
    assert (pruebas()["responde"], _gauge()) == (None, None)
    assert _cifra().nota == "nadie ha mirado hace poco"
    assert list(problemas(leer())) == []
    entorno.mirar_pruebas()
    assert pruebas()["mal_s"] == 0
    assert MiradaAPruebas.objects.count() == 1
