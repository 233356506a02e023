"""Mail: one per event, to the address the affiliate has now, and never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from comisiones.models import Notificacion, Pago
from comisiones.notificaciones import services
from comisiones.notificaciones.services import enviar_pendientes
from comisiones.pagos.envio import ejecutar_pago
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_la_vida_de_una_comision_se_cuenta_por_correo() -> None:
    afiliado = fabricas.afiliado(email="ana@example.com")
    fabricas.aprobada(de=afiliado)
    fabricas.entregar_todo()
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=fabricas.PRUEBAS)
    fabricas.entregar_todo()
    assert enviar_pendientes() == 3
    assert enviar_pendientes() == 0
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
        assert enviar_pendientes() == 0
    fallida = Notificacion.objects.get()
    assert (fallida.estado, fallida.detalle) == ("fallida", "ConnectionRefusedError")
    assert enviar_pendientes() == 0
    with time_machine.travel(timezone.now() + services.ESPERA + timedelta(seconds=1)):
        assert enviar_pendientes() == 1
    assert len(mail.outbox) == 1


def test_un_envio_interrumpido_se_repite() -> None:
    fabricas.afiliado()
    fabricas.entregar_todo()
    Notificacion.objects.update(estado="enviando")
    assert enviar_pendientes() == 0
    with time_machine.travel(timezone.now() + services.ESPERA + timedelta(seconds=1)):
        assert enviar_pendientes() == 1
