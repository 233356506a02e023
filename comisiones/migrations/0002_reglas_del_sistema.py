"""The two rules without versions: terms agreed with an affiliate, and terms given by hand."""

from django.db import migrations
from ulid import ULID

REGLAS = {"afiliado": "Tarifa acordada con el afiliado", "manual": "Condiciones fijadas a mano"}


def crear(apps, schema_editor):
    regla = apps.get_model("comisiones", "Regla")
    for origen, nombre in REGLAS.items():
        regla.objects.create(id_publico=f"regla_{ULID()}", nombre=nombre, origen=origen)


def quitar(apps, schema_editor):
    apps.get_model("comisiones", "Regla").objects.filter(origen__in=REGLAS).delete()


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0001_initial")]

    operations = [migrations.RunPython(crear, quitar)]
