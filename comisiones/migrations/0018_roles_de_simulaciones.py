"""The staff's roles see backtests; reviewers run them."""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

VER = ("view_simulacion", "view_lineasimulacion")
ROLES = {"Revisión": (*VER, "simular"), "Tesorería": VER, "Consulta": VER}


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    config = apps_actuales.get_app_config("comisiones")
    create_permissions(config, verbosity=0, using=alias, apps=apps)
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    grupo = apps.get_model("auth", "Group").objects.using(alias)
    for nombre, permisos in ROLES.items():
        rol = grupo.filter(name=nombre).first()
        for codigo in permisos if rol else ():
            rol.permissions.add(permiso.get(content_type__app_label="comisiones", codename=codigo))


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0017_simulaciones")]

    operations = [migrations.RunPython(crear, migrations.RunPython.noop)]
