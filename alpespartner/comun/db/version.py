"""Recognising a database that another version of the project made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def ajenas(using: str) -> list[tuple[str, str]]:
    """Migrations (app, name) that a database has and this version of the project does not."""
    conexion = connections[using]
    aplicadas = MigrationRecorder(conexion).applied_migrations()
    cargador = MigrationLoader(None)
    return sorted(
        clave
        for clave in aplicadas
        if clave[0] in cargador.migrated_apps and clave not in cargador.disk_migrations
    )


def exigir_esta_version(using: str, **_opciones: Any) -> None:
    """Refuse to migrate such a database: the receiver of ``pre_migrate``.

    Raises ``CommandError`` with what to do.
    """
    if sobran := ajenas(using):
        app, nombre = sobran[-1]
        raise CommandError(
            f"La base de datos la hizo otra versión de AlpesPartner ({app}.{nombre}). Si es la de "
            f"la demo, borra la carpeta {settings.DATOS_DIR} y repite. Si tiene datos que "
            "conservar, haz una copia y ejecuta «manage.py adoptar_base»."
        )
