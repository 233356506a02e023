"""The Celery application. Tasks carry only ids: the database is the queue of record."""

import logging
import os
import time
from contextlib import ExitStack
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_init,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")

app = Celery("alpespartner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="tasks")
app.autodiscover_tasks(
    [
        "afiliados.afiliado",
        "afiliados.claves",
        "conversiones.campanas",
        "conversiones.rastreo",
        "conversiones.ventas",
        "conversiones.fuentes",
        "comisiones.revision",
        "comisiones.libro",
        "comisiones.pagos",
        "comisiones.notificaciones",
        "comisiones.reportes",
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


@before_task_publish.connect
def _con_su_hilo(headers: dict[str, Any] | None = None, **_opciones: Any) -> None:
    """A task goes on with what queued it, also one that nothing but Celery queued."""
    from alpespartner.comun.peticion import HILO, id_de_peticion

    if headers is not None and (hilo := id_de_peticion()):
        headers.setdefault(HILO, hilo)


@task_prerun.connect
def _empezar(task_id: str, task: Any, **_opciones: Any) -> None:
    """What a task does and logs is of who queued it; of the clock's, each time is its own."""
    from alpespartner.comun.peticion import HILO, siguiendo

    hilo = task.request.get(HILO) or (task.request.headers or {}).get(HILO) or task_id
    pila = ExitStack()
    pila.enter_context(siguiendo({"": hilo}, tarea=task.name, tarea_id=task_id))
    task.request.alpes = (pila, time.perf_counter())


@task_postrun.connect
def _terminar(task_id: str, task: Any, state: str | None = None, **_opciones: Any) -> None:
    from alpespartner.comun.medidas import tareas

    pila, empezo = task.request.alpes
    segundos = time.perf_counter() - empezo
    tareas.labels(task.name, state or "").observe(segundos)
    logging.getLogger("rastro").info(
        "%s %s", task.name, state, extra={"estado": state, "ms": round(segundos * 1000)}
    )
    pila.close()
