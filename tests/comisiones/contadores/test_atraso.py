"""Since when the counters lack something, whatever brings the events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.admin.formato import aviso_de_atraso
from alpespartner.comun.listas import contadores as listados
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Recuento
from comisiones.contadores.selectors import atrasados_desde, registrar_contadores
from comisiones.contadores.services import anotar_hasta
from comisiones.contadores.tablas import COMISIONES
from comisiones.revision.services import aprobar_comision
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.transportes.embebido import drenar
from outbox.transportes.pulsar.suscripcion import Consumo
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


def test_al_dia_y_atrasados() -> None:
    assert atrasados_desde() is None
    suya = fabricas.comision()
    fabricas.entregar_todo()
    aprobar_comision(comision=suya, actor=ANA)
    primero = EntregaPendiente.objects.filter(suscripcion="contadores").order_by("pk")[0]
    # The others wait for nothing of the counters.
    ahora = primero.evento.created_at
    with time_machine.travel(ahora + timedelta(seconds=3), tick=False):
        assert (atrasados_desde(), aviso_de_atraso()) == (None, "")
    with time_machine.travel(ahora + timedelta(minutes=7), tick=False):
        assert atrasados_desde() == primero.evento.created_at
        assert "hace 7\xa0minutos" in aviso_de_atraso()
        drenar([CONTADORES])
        assert atrasados_desde() is None


def test_lo_aparcado_tambien_falta() -> None:
    fabricas.comision()
    fabricas.entregar_todo()
    evento = OutboxEvent.objects.filter(type="ComisionCalculada").get()
    EventoAparcado.objects.create(suscripcion="contadores", intentos=5, error="x", contenido="no")
    EventoAparcado.objects.create(suscripcion="lenta", evento=evento, intentos=5, error="x")
    with time_machine.travel(timezone.now() + timedelta(minutes=7)):
        assert atrasados_desde() is None
        suyo = EventoAparcado.objects.create(
            suscripcion="contadores", evento=evento, intentos=5, error="x"
        )
        assert atrasados_desde() == evento.created_at
        EventoAparcado.objects.filter(pk=suyo.pk).update(reencolado_en=timezone.now())
        assert atrasados_desde() is None


def test_la_marca_no_vuelve_atras() -> None:
    """Events of two partitions come in any order."""
    for posicion in (7, 3):
        anotar_hasta(COMISIONES, posicion)
    assert Recuento.objects.get().hasta == 7


def test_por_pulsar(settings: Any) -> None:
    """Nothing waits in the database: what comes after the last event that was counted."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    suya = fabricas.comision()
    assert not EntregaPendiente.objects.exists()
    despues = timezone.now() + timedelta(minutes=7)
    with time_machine.travel(despues):
        assert atrasados_desde() == OutboxEvent.objects.get(type="ConversionRegistrada").created_at
    consumo = Consumo(CONTADORES, None)  # type: ignore[arg-type]
    filas = OutboxEvent.objects.filter(type__in=CONTADORES.tipos)
    textos = dict(filas.values_list("type", "payload"))
    consumo.manejar([textos["ConversionRegistrada"]])
    with time_machine.travel(despues):
        assert atrasados_desde() == OutboxEvent.objects.get(type="ComisionCalculada").created_at
    consumo.manejar(list(textos.values()))
    hasta = {r.de: r.hasta for r in Recuento.objects.all()}
    posiciones = dict(filas.values_list("type", "posicion"))
    assert hasta == {"conversion": posiciones["ConversionRegistrada"],
                     "comision": posiciones["ComisionCalculada"],
                     "libro": posiciones["ComisionCalculada"]}  # fmt: skip
    with time_machine.travel(despues, tick=False):
        assert atrasados_desde() is None
        # One that comes again is of before.
        consumo.manejar([textos["ConversionRegistrada"]])
        assert {r.de: r.hasta for r in Recuento.objects.all()} == hasta
        # What is none of theirs keeps nobody waiting.
        fabricas.afiliado(email="otra@example.com")
        assert atrasados_desde() is None
        aprobar_comision(comision=suya, actor=ANA)
        assert atrasados_desde() is None
    with time_machine.travel(despues + timedelta(minutes=1)):
        assert atrasados_desde() is not None


def test_las_listas_saben_a_quien_preguntar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listados, "_ATRASO", [])
    monkeypatch.setattr(listados, "_LECTORES", {})
    registrar_contadores()
    assert [atrasados_desde] == listados._ATRASO
    assert set(listados._LECTORES) == {t.modelo for t in TABLAS if t.listada}
