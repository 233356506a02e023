"""The Celery application. Tasks carry only ids: the database is the queue of record."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")

app = Celery("alpespartner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="tasks")
app.autodiscover_tasks(
    [
        "afiliados.afiliado",
        "conversiones.campanas",
        "conversiones.rastreo",
        "conversiones.ventas",
        "conversiones.fuentes",
        "comisiones.revision",
        "comisiones.libro",
        "comisiones.pagos",
        "comisiones.notificaciones",
        "comisiones.simulaciones",
    ],
    related_name="tasks",
)


@worker_init.connect
@beat_init.connect
def _exigir_base_de_datos(**_opciones: Any) -> None:
    """Neither starts on a database that takes a text for another."""
    # Here, when Django is ready: this module is what makes it so.
    from django.core.exceptions import ImproperlyConfigured

    from alpespartner.comun.db.cotejo import exigir_al_arrancar

    try:
        exigir_al_arrancar()
    except ImproperlyConfigured as exc:
        # A signal only logs other exceptions.
        raise SystemExit(str(exc)) from None
