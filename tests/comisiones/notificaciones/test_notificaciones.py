"""Mail: one per event, to the address the affiliate has now, and never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from alpespartner.celery import app
from comisiones.models import Notificacion, Pago
from comisiones.notificaciones import services
from comisiones.notificaciones.services import enviar_pendientes
from comisiones.pagos.pago.envio import ejecutar_pago
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_la_vida_de_una_comision_se_cuenta_por_correo() -> None:
    afiliado = fabricas.afiliado(email="ana@example.com")
    fabricas.aprobada(de=afiliado)
    fabricas.entregar_todo()
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=fabricas.PRUEBAS)
    fabricas.entregar_todo()
    assert enviar_pendientes(segundos=60) == 3
    assert enviar_pendientes(segundos=60) == 0
    assert [c.subject for c in mail.outbox] == [
        "Tu cuenta está activa",
        "Comisión aprobada",
        "Pago enviado",
    ]
    assert {tuple(c.to) for c in mail.outbox} == {("ana@example.com",)}
    assert "10.00 USD" in mail.outbox[1].body


def test_un_fallo_del_servidor_se_reintenta(monkeypatch: pytest.MonkeyPatch) -> None:
    fabricas.afiliado(email="ana@example.com")
    fabricas.entregar_todo()

    def fallar(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionRefusedError("smtp para ana@example.com")

    with monkeypatch.context() as parche:
        parche.setattr(services.EmailMessage, "send", fallar)
        assert enviar_pendientes(segundos=60) == 0
    fallida = Notificacion.objects.get()
    assert (fallida.estado, fallida.detalle) == ("fallida", "ConnectionRefusedError")
    assert enviar_pendientes(segundos=60) == 0
    with time_machine.travel(timezone.now() + services.ESPERA + timedelta(seconds=1)):
        assert enviar_pendientes(segundos=60) == 1
    assert len(mail.outbox) == 1


def test_un_envio_interrumpido_se_repite() -> None:
    fabricas.afiliado()
    fabricas.entregar_todo()
    Notificacion.objects.update(estado="enviando")
    assert enviar_pendientes(segundos=60) == 0
    with time_machine.travel(timezone.now() + services.ESPERA + timedelta(seconds=1)):
        assert enviar_pendientes(segundos=60) == 1


def test_un_rato_y_sigue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task stops after a while and queues the rest; with nothing left, nothing is queued."""
    despertado: list[int] = []
    monkeypatch.setattr(services, "_despertar", lambda: despertado.append(1))
    for _n in range(3):
        fabricas.afiliado()
    fabricas.entregar_todo()
    despertado.clear()
    assert enviar_pendientes(segundos=-1) == 1
    assert len(despertado) == 1
    assert enviar_pendientes(segundos=60) == 2
    assert len(despertado) == 1


@pytest.mark.parametrize(
    ("tarea", "prioridad"),
    [
        ("notificaciones.enviar", 9), ("simulaciones.avanzar", 9),
        ("pagos.ejecutar", 0), ("pagos.barrer", 0), ("pagos.ejecutar_lote", 0),
    ],
)  # fmt: skip
def test_los_pagos_van_antes(tarea: str, prioridad: int) -> None:
    """In Redis, 0 is first and is what a task has that does not say."""
    app.loader.import_default_modules()
    assert tarea in app.tasks
    assert app.amqp.router.route({}, tarea).get("priority", 0) == prioridad
