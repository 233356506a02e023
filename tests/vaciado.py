"""Empties the database after a transactional test, which leaves behind what it committed."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction

from comisiones.libro import disparadores

# What migrating makes, and hardly any test changes.
QUEDAN = (ContentType, Permission, Group, Group.permissions.through)
_de_fabrica: list[Any] = []


def recordar() -> None:
    """Keep in mind the roles of a database that was just migrated."""
    _de_fabrica[:] = _roles()


def vaciar(estilo: Any) -> None:
    """Delete every row but types, permissions and roles; these are made anew if they changed."""
    llenas = _llenas()
    intactos = _roles() == _de_fabrica
    if not intactos:
        llenas += [modelo._meta.db_table for modelo in QUEDAN]
    del_libro = [tabla for tabla in disparadores.TABLAS if tabla in llenas]
    if del_libro:
        disparadores.quitar(connection, del_libro)
    try:
        with transaction.atomic():
            connection.ops.execute_sql_flush(connection.ops.sql_flush(estilo, llenas))
    finally:
        if del_libro:
            disparadores.crear(connection, del_libro)
    if not intactos:
        emit_post_migrate_signal(0, interactive=False, db=connection.alias)
        recordar()


def _roles() -> list[Any]:
    return [
        sorted(Group.objects.values_list("pk", "name")),
        sorted(Group.permissions.through.objects.values_list("group_id", "permission_id")),
        Permission.objects.count(),
        ContentType.objects.count(),
    ]


@cache
def _tablas() -> list[str]:
    quedan = {modelo._meta.db_table for modelo in QUEDAN}
    todas = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [tabla for tabla in todas if tabla not in quedan]


def _llenas() -> list[str]:
    nombre = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{tabla}' WHERE EXISTS (SELECT 1 FROM {nombre(tabla)})"
                for tabla in _tablas()
            )
        )
        return [tabla for (tabla,) in cursor.fetchall()]
