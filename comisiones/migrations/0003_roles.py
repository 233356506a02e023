"""Roles of the staff: who reviews, who pays, who only looks.

The permissions of each app are made after migrating; here they are made at once, because the roles
need them.
"""

from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ("afiliados", "conversiones", "comisiones", "outbox", "comun")
VER = (
    "afiliados.view_afiliado",
    "conversiones.view_campana",
    "conversiones.view_conversion",
    "comisiones.view_comision",
    "comisiones.view_regla",
    "comisiones.view_versionregla",
    "comisiones.view_asiento",
    "comisiones.view_apunte",
    "comisiones.view_pago",
    "comisiones.view_itempago",
    "comisiones.view_intentopago",
    "outbox.view_outboxevent",
    "outbox.view_entregapendiente",
    "outbox.view_eventoaparcado",
    "comun.view_historial",
)
ROLES = {
    "Revisión": (
        *VER,
        "afiliados.add_afiliado",
        "afiliados.change_afiliado",
        "afiliados.cambiar_estado_afiliado",
        "conversiones.validar_conversion",
        "comisiones.aprobar_comision",
        "comisiones.rechazar_comision",
    ),
    # Whoever pays neither approves nor registers whom to pay.
    "Tesorería": (*VER, "comisiones.reintentar_pago", "outbox.change_eventoaparcado"),
    "Consulta": VER,
}


def crear(apps, schema_editor):
    alias = schema_editor.connection.alias
    for app in APPS:
        config = apps_actuales.get_app_config(app)
        create_permissions(config, verbosity=0, using=alias, apps=apps)
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    grupo = apps.get_model("auth", "Group").objects.using(alias)
    for nombre, permisos in ROLES.items():
        rol, _nuevo = grupo.get_or_create(name=nombre)
        for completo in permisos:
            app, codigo = completo.split(".")
            rol.permissions.add(permiso.get(content_type__app_label=app, codename=codigo))


def quitar(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0002_reglas_del_sistema"),
        ("afiliados", "0001_initial"),
        ("conversiones", "0001_initial"),
        ("outbox", "0001_initial"),
        ("comun", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(crear, quitar)]
