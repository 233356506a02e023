"""Emptying the sandbox: all that was tried goes, and its programme is there again. Keys stay, since
whoever tries things has them in their configuration, and so does who made and emptied what."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction

from afiliados.claves.models import ClaveAPI
from alpespartner.comun.actores import Actor
from alpespartner.comun.models import Historial
from alpespartner.operacion.errores import PruebasImposibles
from alpespartner.operacion.pruebas.programa import (
    ENTIDAD,
    afiliado_de_prueba,
    es_de_pruebas,
    sembrar_pruebas,
)
from alpespartner.pruebas.errores import SoloEnPruebas
from alpespartner.pruebas.services import anotar
from comisiones.libro import disparadores
from comisiones.reglas.models import OrigenRegla, Regla

# What migrations make, and what stays.
_QUEDAN = (
    ContentType, Permission, Group, Group.permissions.through, ClaveAPI, Historial, Regla,
)  # fmt: skip


def vaciar_pruebas(*, actor: Actor, pide: str = "") -> None:
    """Delete every row of the sandbox and make its programme again; ``pide`` is who asked for it on
    the live site. Keys stay, those of an affiliate with a new one of the same reference.

    Raises :class:`SoloEnPruebas` outside the sandbox, and :class:`PruebasImposibles` in a database
    that was not made for it.
    """
    if not settings.PRUEBAS:
        raise SoloEnPruebas()
    if not es_de_pruebas():
        raise PruebasImposibles("Esta base de datos no es de pruebas: no se vacía.")
    # The ledger refuses every DELETE. On MySQL lifting that ends a transaction: it is in none.
    disparadores.quitar(connection)
    try:
        with transaction.atomic(durable=True):
            de_afiliados = _claves_de_afiliados()
            _borrar_filas()
            sembrar_pruebas()
            for clave, referencia in de_afiliados:
                suyo = afiliado_de_prueba(referencia)
                ClaveAPI.objects.filter(pk=clave).update(afiliado=suyo)
            anotar(accion="vaciar", actor=actor, **({"pide": pide} if pide else {}))
    finally:
        disparadores.crear(connection)
    # What people's names were written in.
    for correo in Path(settings.EMAIL_FILE_PATH).glob("*"):
        correo.unlink(missing_ok=True)


def _claves_de_afiliados() -> list[tuple[int, str]]:
    suyas = ClaveAPI.objects.filter(afiliado__isnull=False)
    # One that nobody could name again has no affiliate to be of.
    suyas.filter(afiliado__referencia_externa__in=("", None)).delete()
    return [
        (clave, referencia or "")
        for clave, referencia in suyas.values_list("pk", "afiliado__referencia_externa")
    ]


def _borrar_filas() -> None:
    quedan = {modelo._meta.db_table for modelo in _QUEDAN}
    todas = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tablas = [tabla for tabla in todas if tabla not in quedan]
    # Numbers go on from where they were: a cursor of before is of nothing, never of something else.
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tablas))
    Regla.objects.filter(origen=OrigenRegla.VERSION).delete()
    # Rows of the history are only ever added, but for this.
    nombre = connection.ops.quote_name(Historial._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {nombre} WHERE entidad NOT IN (%s, %s)",  # noqa: S608 - its own name
            [ENTIDAD, "clave"],
        )
