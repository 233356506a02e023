"""The staff's roles see what is withheld; the treasury says it."""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ("Revisión", "Tesorería", "Consulta")


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    config = apps_actuales.get_app_config("comisiones")
    create_permissions(config, verbosity=0, using=alias, apps=apps)
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    grupo = apps.get_model("auth", "Group").objects.using(alias)
    propios = permiso.filter(content_type__app_label="comisiones")
    ver = propios.get(codename="view_retencionfiscal")
    for rol in grupo.filter(name__in=ROLES):
        rol.permissions.add(ver)
    for rol in grupo.filter(name="Tesorería"):
        rol.permissions.add(propios.get(codename="add_retencionfiscal"))


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0032_retenciones_fiscales")]

    operations = [migrations.RunPython(crear, migrations.RunPython.noop)]
