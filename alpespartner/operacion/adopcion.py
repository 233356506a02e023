"""Keeping the rows of a database made before the migrations began again.

Its tables are the present ones under a few other names. Each step looks first whether it is done,
so that the whole may be repeated after an interruption: MySQL commits each change of a table.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F

from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.db.version import ajenas
from comisiones.pagos.estados import EstadoLote
from comisiones.pagos.models import LotePago
from comisiones.simulaciones.models import Simulacion
from outbox.models import EntregaPendiente

# The last migration of each app before they began again.
ULTIMAS = frozenset(
    {
        ("afiliados", "0003_cuentas_de_stripe"),
        ("comisiones", "0039_lotes_por_tramos"),
        ("conversiones", "0012_cupon_y_enlace"),
        ("outbox", "0002_confirmaciones"),
    }
)
TABLAS = {"comisiones_turno": "comun_turno"}
COLUMNAS = (
    (CuentaBancaria, "iban_cifrado", "destino_cifrado"),
    (CuentaBancaria, "iban_final", "destino_final"),
    (LotePago, "por_donde", "propuesto_hasta"),
    (Simulacion, "tramo", "porcion"),
    (EntregaPendiente, "proximo_intento_en", "no_antes_de"),
)
NUEVAS = ("soltado_hasta", "reintentado_hasta")


def adoptar() -> Iterator[str]:
    """Give an earlier database the present names; yields what it does, step by step.

    Raises ``CommandError`` for one that is not of the version right before.
    """
    sobran = set(ajenas("default"))
    if not sobran:
        raise CommandError("La base de datos ya es de esta versión.")
    if not sobran >= ULTIMAS:
        faltan = ", ".join(sorted(".".join(una) for una in ULTIMAS - sobran))
        raise CommandError(
            f"La base de datos es más antigua: le faltan {faltan}. Migra antes con la versión "
            "que las tenía."
        )
    for hacer in (_tablas, _columnas, _porciones, _migraciones):
        yield from hacer()


def _ejecutar(orden: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(orden)


def _tablas() -> Iterator[str]:
    hay = connection.introspection.table_names()
    for antes, ahora in TABLAS.items():
        if antes in hay:
            nombre = connection.ops.quote_name
            _ejecutar(f"ALTER TABLE {nombre(antes)} RENAME TO {nombre(ahora)}")
            yield f"{antes} es {ahora}"
    # Its permissions follow it.
    ContentType.objects.filter(app_label="comisiones", model="turno").update(app_label="comun")


def _columnas_de(tabla: str) -> set[str]:
    with connection.cursor() as cursor:
        return {c.name for c in connection.introspection.get_table_description(cursor, tabla)}


def _columnas() -> Iterator[str]:
    for modelo, antes, ahora in COLUMNAS:
        tabla = modelo._meta.db_table
        if antes not in _columnas_de(tabla):
            continue
        campo: Any = modelo._meta.get_field(ahora)
        anterior = copy.copy(campo)
        anterior.name = anterior.column = antes
        # Not a bare RENAME: on MySQL the constraints of a column stand in its way.
        with connection.schema_editor() as editor:
            editor.alter_field(modelo, anterior, campo)
        yield f"{tabla}.{antes} es {ahora}"


def _porciones() -> Iterator[str]:
    """What one column said of three kinds of work, by the state of its batch, goes to each one."""
    tabla = LotePago._meta.db_table
    for nueva in NUEVAS:
        if nueva not in _columnas_de(tabla):
            with connection.schema_editor() as editor:
                editor.add_field(LotePago, LotePago._meta.get_field(nueva))  # type: ignore[arg-type]
            yield f"{tabla}.{nueva} es nueva"
    a_medias = LotePago.objects.filter(propuesto_hasta__isnull=False)
    with transaction.atomic():
        a_medias.filter(estado=EstadoLote.DESCARTADO).update(
            soltado_hasta=F("propuesto_hasta"), propuesto_hasta=None
        )
        a_medias.filter(
            estado__in=(EstadoLote.EN_EJECUCION, EstadoLote.PARCIALMENTE_FALLIDO)
        ).update(reintentado_hasta=F("propuesto_hasta"), propuesto_hasta=None)
        a_medias.exclude(estado=EstadoLote.PROPONIENDO).update(propuesto_hasta=None)


def _migraciones() -> Iterator[str]:
    """The record says what a new database would."""
    propias = {config.label for config in apps.get_app_configs()} & {
        app for app, _nombre in ajenas("default")
    }
    registro: Callable[..., None] = MigrationRecorder(connection).record_applied
    with transaction.atomic():
        MigrationRecorder.Migration.objects.using("default").filter(app__in=propias).delete()
        for app, nombre in sorted(MigrationLoader(None).disk_migrations):
            if app in propias:
                registro(app, nombre)
    yield "las migraciones constan como las de esta versión"
