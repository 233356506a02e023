"""Everything that runs by itself or from a terminal, found where it is registered."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management import CommandError, call_command, get_commands
from django.db import models
from django.utils import timezone

from alpespartner.celery import app as celery
from alpespartner.comun.models import Exportacion
from comisiones.models import (
    DecisionEnMasa,
    ExtractoBanco,
    LotePago,
    Notificacion,
    Pago,
    Simulacion,
)
from conversiones.models import Campana, Cliente, Importacion
from outbox.consumo import CONSUMIDORES
from outbox.entrega import entregar
from outbox.models import EntregaPendiente
from tests.hostiles.mundo import APPS
from tests.hostiles.visitas import Visitas, donde

# Commands that are not run, and why. Everything else is, without arguments unless told below.
FUERA = {
    "servir": "it starts processes and stays", "trabajar": "it starts a worker and stays",
    "vaciar_pruebas": "it orders another process",
    "servir_pruebas": "it becomes another process, and stays",
    "demo": "it makes a demo of its own", "sembrar": "it makes rows by the services",
    "adoptar_base": "it moves a whole database of an earlier version",
    "crear_clave_api": "it makes a key", "simular": "it reads files and no database",
    "importar": "it reads files",
    "crear_topicos": "it needs Pulsar", "publicar_outbox": "it needs Pulsar",
}  # fmt: skip
ARGUMENTOS: dict[str, list[list[str]]] = {
    "consumir": [["--una-vez"]],
    "verificar": [[], ["--cadena"]],
    "monitor": [["--json"], ["--veces=1"]],
}
# Of the sandbox's clock.
DE_PRUEBAS = {"pruebas.purgar"}
# Whose key a task carries.
CLAVES: dict[str, type[models.Model]] = {
    "clientes.mover_ventas": Cliente,
    "en_masa.avanzar": DecisionEnMasa,
    "importaciones.avanzar": Importacion,
    "exportaciones.avanzar": Exportacion,
    "pagos.ejecutar": Pago,
    "pagos.ejecutar_lote": LotePago,
    "pagos.avanzar_lote": LotePago,
    "pagos.aplicar_extracto": ExtractoBanco,
    "presupuestos.liberar": Campana,
    "simulaciones.avanzar": Simulacion,
}


def ordenes() -> list[tuple[str, list[str]]]:
    """Commands of the project, with their arguments."""
    propias = sorted(
        nombre
        for nombre, de in get_commands().items()
        if de.rpartition(".")[2] in APPS and nombre not in FUERA
    )
    return [(nombre, args) for nombre in propias for args in ARGUMENTOS.get(nombre, [[]])]


def ordenar(visitas: Visitas, nombre: str, *args: str) -> str:
    """What a command writes. That it says no is an answer; anything else it raises is not."""
    visitas.hechas["órdenes"] += 1
    salida = io.StringIO()
    try:
        call_command(nombre, *args, stdout=salida, stderr=salida, no_color=True)
    except CommandError as exc:
        salida.write(str(exc))
    except Exception as exc:
        visitas.fallar(donde(exc), f"manage.py {nombre} {args}")
    return salida.getvalue()


def tareas() -> Iterator[tuple[str, type[models.Model] | None]]:
    """Tasks with whose key each takes: those of the clock first, which take none."""
    celery.loader.import_default_modules()
    propias = {nombre for nombre in celery.tasks if not nombre.startswith("celery.")}
    del_reloj = {dicho["task"] for dicho in celery.conf.beat_schedule.values()} | DE_PRUEBAS
    assert del_reloj <= propias, "el reloj llama a una tarea que no hay"
    sin_clave = propias - del_reloj - CLAVES.keys()
    assert not sin_clave, f"di en CLAVES de qué modelo es la clave de {sin_clave}"
    for nombre in sorted(propias, key=lambda nombre: (nombre not in del_reloj, nombre)):
        yield nombre, CLAVES.get(nombre)


def correr(visitas: Visitas, nombre: str, *clave: Any, suya: bool = False) -> None:
    """Run a task here and now. One of a hostile row, which is ``suya``, may fail: it is alone."""
    visitas.hechas["tareas"] += 1
    try:
        celery.tasks[nombre].run(*clave)
    except Exception as exc:
        if suya:
            visitas.hechas["tareas de filas hostiles que fallan"] += 1
        else:
            visitas.fallar(donde(exc), f"{nombre}{clave}")


def correr_todas(visitas: Visitas, buenas: dict[type[models.Model], set[Any]]) -> None:
    """Each task once: of the clock's, the mail's until nobody waits for its own; of the others,
    one for each row."""
    for nombre, modelo in tareas():
        if modelo is None:
            correr(visitas, nombre)
            continue
        for pk in modelo._base_manager.order_by("pk").values_list("pk", flat=True):
            correr(visitas, nombre, pk, suya=pk not in buenas[modelo])
    for _vez in range(30):
        if not Notificacion.objects.filter(
            estado="pendiente", toca_en__lte=timezone.now()
        ).exists():
            return
        correr(visitas, "notificaciones.enviar")


def consumir(visitas: Visitas, *, vueltas: int) -> None:
    """Each consumer until nothing is due; what failed is due again in each round."""
    for _vuelta in range(vueltas):
        for consumidor in CONSUMIDORES.values():
            try:
                while entregar(consumidor):
                    visitas.hechas["entregas"] += 1
            except Exception as exc:
                visitas.fallar(donde(exc), consumidor.nombre)
        EntregaPendiente.objects.exclude(no_antes_de=None).update(
            no_antes_de=timezone.now() - timedelta(seconds=1)
        )
