"""The staff's roles see refunds and adjustments; reviewers draft and approve them (four eyes)."""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

VER = (
    "comisiones.view_ajuste",
    "comisiones.view_reverso",
    "conversiones.view_movimientoconversion",
    "conversiones.view_devolucionpendiente",
)
ROLES = {
    "Revisión": (*VER, "comisiones.add_ajuste", "comisiones.aprobar_ajuste"),
    "Tesorería": VER,
    "Consulta": VER,
}


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    for app in ("conversiones", "comisiones"):
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
    dependencies = [("comisiones", "0012_ajustes"), ("conversiones", "0010_movimientos")]

    operations = [migrations.RunPython(crear, migrations.RunPython.noop)]
