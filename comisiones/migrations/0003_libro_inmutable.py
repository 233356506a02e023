"""The database itself refuses to change or delete the ledger and its seals."""

from django.db import migrations

from comisiones.libro import disparadores


def crear(apps, schema_editor):
    disparadores.crear(schema_editor.connection)


def quitar(apps, schema_editor):
    disparadores.quitar(schema_editor.connection)


class Migration(migrations.Migration):
    # MySQL commits at each CREATE TRIGGER.
    atomic = False

    dependencies = [("comisiones", "0002_reglas_del_sistema")]

    operations = [migrations.RunPython(crear, quitar)]
