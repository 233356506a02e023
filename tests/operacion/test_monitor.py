"""The monitor: what it reads, what it takes for wrong, and what goes on when a part is away."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from alpespartner.comun.models import CorreoAlPersonal, QueCorreo
from alpespartner.operacion.management.commands import monitor as orden_monitor
from alpespartner.operacion.monitor import partes
from alpespartner.operacion.monitor.lectura import leer
from alpespartner.operacion.monitor.partes import PARTES
from alpespartner.operacion.monitor.problemas import decir, problemas
from comisiones.pagos.models import Pago
from outbox.models import EntregaConfirmada, EntregaPendiente, EventoAparcado, OutboxEvent
from tests import fabricas

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _carpetas(settings: Any, tmp_path: Any) -> None:
    settings.CLICS_DIR = tmp_path / "clics"


def claves() -> set[str]:
    return {p.clave for p in problemas(leer())}


def escritos(cuantos: int, hace_s: float = 0) -> list[OutboxEvent]:
    cuando = timezone.now() - timedelta(seconds=hace_s)
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            evento_id=f"{hace_s}-{n}", aggregatetype="comisiones", aggregateid=f"com_{n}",
            type="ComisionCalculada", aggregate_version=1, payload="{}", created_at=cuando,
        )
        for n in range(cuantos)
    )  # fmt: skip
    # MySQL does not say the keys of what it inserts.
    return list(OutboxEvent.objects.order_by("-pk")[:cuantos])


def test_recien_hecho_todo_esta_bien() -> None:
    lectura = leer()
    assert lectura.fallos == {}
    assert lectura.partes.keys() == PARTES.keys()
    assert list(problemas(lectura)) == []
    assert json.loads(json.dumps(lectura.como_json()))["transporte"] == "embebido"


def test_el_ritmo_es_el_del_ultimo_minuto() -> None:
    escritos(5, hace_s=90)
    escritos(30, hace_s=10)
    ritmo = leer().partes["eventos"]
    assert ritmo["por_segundo"] == {
        "afiliados": 0, "conversiones": 0, "marketing": 0, "comisiones": 0.5,
    }  # fmt: skip
    assert 9 <= ritmo["ultimo_hace_s"] <= 12


def test_de_muchos_se_miran_los_mas_nuevos() -> None:
    """However many there are, so many are read."""
    escritos(partes._MIRADOS + 100, hace_s=10)
    assert leer().partes["eventos"]["total_por_segundo"] == pytest.approx(30, rel=0.1)


def _atraso() -> None:
    EntregaPendiente.objects.bulk_create(
        EntregaPendiente(suscripcion="auditoria", evento=e) for e in escritos(101)
    )


def _outbox() -> None:
    EntregaPendiente.objects.create(suscripcion="auditoria", evento=escritos(1, hace_s=70)[0])


def _pagos() -> None:
    Pago.objects.filter(pk=fabricas.pago().pk).update(estado="incierto")


def _correo() -> None:
    CorreoAlPersonal.objects.create(
        que=QueCorreo.CONTRASENA, creado_en=timezone.now() - timedelta(minutes=11)
    )


def _clics() -> None:
    partes.settings.CLICS_DIR.mkdir()
    fichero = partes.settings.CLICS_DIR / "1-1-ab.lista"
    fichero.write_text("{}\n")
    os.utime(fichero, (time.time() - 70,) * 2)


@pytest.mark.parametrize(
    ("romper", "clave"),
    [
        (_atraso, "suscripciones:auditoria"),
        (_outbox, "outbox"),
        (_pagos, "pagos"),
        (_correo, "correo"),
        (_clics, "clics"),
    ],
)
def test_lo_que_va_mal_se_ve(romper: Callable[[], None], clave: str) -> None:
    romper()
    assert clave in claves()
    [problema] = [p for p in problemas(leer()) if p.clave == clave]
    assert all(decir(problema.clave, problema.datos))


def test_justo_en_el_limite_no() -> None:
    """A hundred wait, and the oldest for less than a minute."""
    EntregaPendiente.objects.bulk_create(
        EntregaPendiente(suscripcion="auditoria", evento=e) for e in escritos(100, hace_s=50)
    )
    assert claves() == set()


def test_el_disco(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partes.shutil, "disk_usage", lambda _d: (10**12, 10**12, 999_000_000))
    assert claves() == {"disco"}
    monkeypatch.undo()
    monkeypatch.setattr(partes, "estado_del_disco", lambda: "solo_lectura")
    assert claves() == {"disco"}


def test_sin_pulsar_ni_redis_lo_demas_sigue(settings: Any) -> None:
    settings.EVENTOS_TRANSPORTE = "pulsar"
    settings.PULSAR_ADMIN_URL = "http://127.0.0.1:1"
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    empezo = time.monotonic()
    lectura = leer()
    assert time.monotonic() - empezo < 3
    assert lectura.fallos == {"suscripciones": "PulsarNoResponde", "tareas": "ConnectionError"}
    assert {p.clave for p in problemas(lectura)} == {"sin_leer:suscripciones", "sin_leer:tareas"}


def test_lo_que_espera_no_se_pierde_entre_lo_nuevo(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing comes back, many new events do not make the oldest one young."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    monkeypatch.setattr(partes, "_MIRADOS", 3)
    vuelto, *_ = escritos(1, hace_s=500)
    EntregaConfirmada(evento_id=vuelto.evento_id, tipo="x", retraso_ms=1).save()
    escritos(1, hace_s=90)
    escritos(4, hace_s=2)
    assert partes.outbox()["edad_s"] in (90, 91)
    for evento in OutboxEvent.objects.all()[1:]:
        EntregaConfirmada(evento_id=evento.evento_id, tipo="x", retraso_ms=1).save()
    assert partes.outbox()["edad_s"] == 0


def test_lo_que_dice_pulsar(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all topics together, besides what waits to be tried again; and the newest canary."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    settings.PULSAR_ADMIN_URL = "http://pulsar.invalid"

    def pedir(metodo: str, ruta: str, *, plazo: int) -> Any:
        lectores = [{}] if "comisiones.eventos" in ruta else []
        suya = {"msgBacklog": 30, "consumers": lectores}
        return {"subscriptions": {"auditoria": suya, "de-otros": suya}}

    monkeypatch.setattr("outbox.transportes.pulsar.atrasos.pedir", pedir)
    viejo, nuevo = escritos(1, hace_s=40) + escritos(1, hace_s=20)
    EntregaConfirmada(evento_id=viejo.evento_id, tipo="CanarioEmitido", retraso_ms=7).save()
    EntregaPendiente.objects.create(suscripcion="auditoria", evento=nuevo)
    lectura = leer()
    assert lectura.fallos == {}
    assert lectura.partes["suscripciones"]["auditoria"] == {"atraso": 121, "lectores": 1}
    assert "de-otros" not in lectura.partes["suscripciones"]
    assert lectura.partes["canario"] == {"retraso_ms": 7, "perdido": False}
    assert 19 <= lectura.partes["outbox"]["edad_s"] <= 25
    OutboxEvent.objects.bulk_create([
        OutboxEvent(
            evento_id="canario", aggregatetype="marketing", aggregateid="canario_1",
            type="CanarioEmitido", aggregate_version=1, payload="{}",
            created_at=timezone.now() - timedelta(seconds=9),
        )
    ])  # fmt: skip
    assert "canario" in {p.clave for p in problemas(leer())}


def test_pocas_consultas_haya_lo_que_haya(django_assert_max_num_queries: Any) -> None:
    EventoAparcado.objects.create(suscripcion="auditoria", intentos=5, error="x")
    with django_assert_max_num_queries(30):
        leer()


def test_en_la_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _pagos()
    salida = io.StringIO()
    call_command("monitor", "--json", stdout=salida)
    assert json.loads(salida.getvalue())["partes"]["pagos"]["incierto"] == 1
    salida = io.StringIO()
    call_command("monitor", "--registro", "--veces=1", stdout=salida)
    [linea] = salida.getvalue().splitlines()
    assert "pagos.incierto=1" in linea
    assert "atraso.auditoria=" in linea
    assert linea.endswith("MAL: «Hay pagos inciertos»")
    call_command("monitor", "--veces=1")
    pantalla = capsys.readouterr().out
    assert "Hay pagos inciertos" in pantalla
    assert "auditoria" in pantalla


def test_ctrl_c_no_se_pierde_donde_caiga(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after the reading that is going on; another one, at once."""
    leidas: list[int] = []

    def leer() -> Any:
        leidas.append(1)
        os.kill(os.getpid(), signal.SIGINT)
        return SimpleNamespace(fallos=[])

    monkeypatch.setattr(orden_monitor, "leer", leer)
    antes = signal.getsignal(signal.SIGINT)
    with orden_monitor._hasta_ctrl_c() as parar:
        assert len(list(orden_monitor._cada(30, 9, parar))) == len(leidas) == 1
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == antes
