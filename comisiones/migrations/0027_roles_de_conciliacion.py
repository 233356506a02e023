"""Treasury imports the bank's statements; the other roles see what they said."""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

VER = ("comisiones.view_extractobanco", "comisiones.view_lineabanco")
ROLES = {
    "Revisión": VER,
    "Tesorería": (*VER, "comisiones.add_extractobanco"),
    "Consulta": VER,
}


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    for app in ("comisiones",):
        config = apps_actuales.get_app_config(app)
        create_permissions(config, verbosity=0, using=alias, apps=apps)
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    grupo = apps.get_model("auth", "Group").objects.using(alias)
    for nombre, permisos in ROLES.items():
        rol = grupo.filter(name=nombre).first()
        for completo in permisos if rol else ():
            app, codigo = completo.split(".")
            rol.permissions.add(permiso.get(content_type__app_label=app, codename=codigo))


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0026_sepa")]

    operations = [migrations.RunPython(crear, migrations.RunPython.noop)]
