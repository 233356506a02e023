"""The Celery application. Tasks carry only ids: the database is the queue of record."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")

app = Celery("alpespartner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="tasks")
app.autodiscover_tasks(
    [
        "conversiones.ventas",
        "comisiones.revision",
        "comisiones.libro",
        "comisiones.pagos",
        "comisiones.notificaciones",
        "comisiones.simulaciones",
    ],
    related_name="tasks",
)
