"""The database itself refuses to change or delete the seals of the ledger."""

from django.db import migrations

from comisiones.libro import disparadores


def crear(apps, schema_editor):
    disparadores.crear(schema_editor.connection, disparadores.CADENA)


def quitar(apps, schema_editor):
    disparadores.quitar(schema_editor.connection, disparadores.CADENA)


class Migration(migrations.Migration):
    # MySQL commits at each CREATE TRIGGER.
    atomic = False

    dependencies = [("comisiones", "0022_cadena_del_libro")]

    operations = [migrations.RunPython(crear, quitar)]
