from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

DIFERENCIAS = ("desconocida", "importe_distinto", "contradice", "de_mas", "ilegible")


def las_de_estos_dias(apps, schema_editor):
    """Those that the front page counted until now: the lines with a difference of seven days."""
    lineas = apps.get_model("comisiones", "LineaBanco")
    esperan = apps.get_model("comisiones", "LineaPorMirar")
    extractos = apps.get_model("comisiones", "ExtractoBanco").objects.filter(
        creado_en__gte=timezone.now() - timedelta(days=7)
    )
    for extracto in extractos.order_by("id"):
        suyas = lineas.objects.filter(extracto=extracto, resultado__in=DIFERENCIAS).order_by("id")
        esperan.objects.bulk_create(
            [esperan(linea_id=pk) for pk in suyas.values_list("pk", flat=True)], batch_size=500
        )


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0021_ficheros_de_decisiones"),
    ]

    operations = [
        migrations.CreateModel(
            name="LineaPorMirar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "linea",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="por_mirar",
                        to="comisiones.lineabanco",
                        verbose_name="línea",
                    ),
                ),
            ],
            options={
                "verbose_name": "línea por mirar",
                "verbose_name_plural": "líneas por mirar",
            },
        ),
        migrations.RunPython(las_de_estos_dias, migrations.RunPython.noop),
    ]
