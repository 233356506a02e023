"""Statements are applied by a task, and say how many lines they have."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def contar(apps, schema_editor):
    alias = schema_editor.connection.alias
    extractos = apps.get_model("comisiones", "ExtractoBanco").objects.using(alias)
    for extracto in extractos.annotate(lineas_suyas=models.Count("lineas")):
        extractos.filter(pk=extracto.pk).update(movimientos=extracto.lineas_suyas)


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0035_roles_de_avisos")]

    operations = [
        migrations.AddField(
            model_name="extractobanco",
            name="movimientos",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="líneas"),
            preserve_default=False,
        ),
        migrations.RunPython(contar, migrations.RunPython.noop),
        migrations.CreateModel(
            name="ExtractoPendiente",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contenido_cifrado", models.TextField(editable=False)),
                (
                    "ultimo_error",
                    models.CharField(blank=True, max_length=80, verbose_name="último error"),
                ),
                (
                    "actualizado_en",
                    models.DateTimeField(
                        db_index=True,
                        default=django.utils.timezone.now,
                        verbose_name="actualizado",
                    ),
                ),
                (
                    "extracto",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pendiente",
                        to="comisiones.extractobanco",
                    ),
                ),
            ],
            options={
                "verbose_name": "extracto por aplicar",
                "verbose_name_plural": "extractos por aplicar",
            },
        ),
    ]
