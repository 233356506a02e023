"""Parked events in the admin."""

from __future__ import annotations

from django.urls import reverse

from outbox.entrega import reencolar
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from tests.admin.conftest import PRUEBA


def test_reencolar(admin, programa):
    aparcado = programa.aparcado()
    url = reverse("admin:outbox_eventoaparcado_accion", args=[aparcado.pk, "reencolar"])
    admin.post(url)
    admin.post(url)
    assert EntregaPendiente.objects.filter(suscripcion="probeta").count() == 1
    aparcado.refresh_from_db()
    assert aparcado.reencolado_en is not None


def test_reencolar_varios_dice_cuantos_no(admin, programa):
    programa.ventas(1)
    suyos = [
        EventoAparcado.objects.create(suscripcion="probeta", evento=evento, intentos=5, error="x")
        for evento in OutboxEvent.objects.order_by("posicion")[:3]
    ]
    reencolar(aparcado=suyos[0], actor=PRUEBA)
    reencolar(aparcado=suyos[1], actor=PRUEBA)
    pagina = admin.post(
        reverse("admin:outbox_eventoaparcado_changelist"),
        {"action": "reencolar_varios", "_selected_action": [uno.pk for uno in suyos]},
        follow=True,
    ).content.decode()
    assert "1 evento vuelve a su cola." in pagina
    assert "2 no: ya se reencolaron, o son mensajes ajenos." in pagina
