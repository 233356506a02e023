"""The database itself refuses to change or delete entries and lines of the ledger."""

from django.db import migrations

from comisiones.libro import disparadores


def crear(apps, schema_editor):
    disparadores.crear(schema_editor.connection, disparadores.LIBRO)


def quitar(apps, schema_editor):
    disparadores.quitar(schema_editor.connection, disparadores.LIBRO)


class Migration(migrations.Migration):
    # MySQL commits at each CREATE TRIGGER.
    atomic = False

    dependencies = [("comisiones", "0013_roles_de_ajustes")]

    operations = [migrations.RunPython(crear, quitar)]
