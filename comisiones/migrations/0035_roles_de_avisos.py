"""Treasury and who only looks see the notices of gateways."""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ("Tesorería", "Consulta")


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    config = apps_actuales.get_app_config("comisiones")
    create_permissions(config, verbosity=0, using=alias, apps=apps)
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    grupo = apps.get_model("auth", "Group").objects.using(alias)
    ver = permiso.get(content_type__app_label="comisiones", codename="view_avisopasarela")
    for rol in grupo.filter(name__in=ROLES):
        rol.permissions.add(ver)


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0034_avisos_de_pasarelas")]

    operations = [migrations.RunPython(crear, migrations.RunPython.noop)]
