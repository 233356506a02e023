"""Parked events in the admin."""

from __future__ import annotations

from django.urls import reverse

from outbox.models import EntregaPendiente


def test_reencolar(admin, programa):
    aparcado = programa.aparcado()
    url = reverse("admin:outbox_eventoaparcado_accion", args=[aparcado.pk, "reencolar"])
    admin.post(url)
    admin.post(url)
    assert EntregaPendiente.objects.filter(suscripcion="probeta").count() == 1
    aparcado.refresh_from_db()
    assert aparcado.reencolado_en is not None
