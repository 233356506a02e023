"""Policies of automatic approval; every role sees them and none publishes one by default."""

import django.db.models.deletion
import django.utils.timezone
from django.apps import apps as apps_actuales
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

ROLES = ("Revisión", "Tesorería", "Consulta")


def permitir(apps, schema_editor):
    alias = schema_editor.connection.alias
    create_permissions(
        apps_actuales.get_app_config("comisiones"), verbosity=0, using=alias, apps=apps
    )
    permiso = apps.get_model("auth", "Permission").objects.using(alias)
    ver = permiso.get(content_type__app_label="comisiones", codename="view_politicaaprobacion")
    for rol in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=ROLES):
        rol.permissions.add(ver)


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0020_roles_de_lotes"),
        ("conversiones", "0010_movimientos"),
    ]

    operations = [
        migrations.CreateModel(
            name="PoliticaAprobacion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "id_publico",
                    models.CharField(
                        editable=False, max_length=40, unique=True, verbose_name="identificador"
                    ),
                ),
                ("numero", models.PositiveIntegerField(verbose_name="número")),
                (
                    "hasta",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=19,
                        null=True,
                        verbose_name="aprobar hasta",
                    ),
                ),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("motivo", models.CharField(max_length=500, verbose_name="motivo")),
                ("publicada_por", models.CharField(max_length=80, verbose_name="publicada por")),
                (
                    "publicada_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="publicada"
                    ),
                ),
                (
                    "campana",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="politicas",
                        to="conversiones.campana",
                        verbose_name="campaña",
                    ),
                ),
            ],
            options={
                "verbose_name": "política de aprobación",
                "verbose_name_plural": "políticas de aprobación",
                "constraints": [
                    models.UniqueConstraint(fields=("campana", "numero"), name="politica_unica"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hasta__isnull", True), ("hasta__gt", 0), _connector="OR"
                        ),
                        name="politica_positiva",
                    ),
                ],
            },
        ),
        migrations.RunPython(permitir, migrations.RunPython.noop),
    ]
