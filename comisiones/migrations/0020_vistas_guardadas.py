"""Filters of the review queue under a name."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0019_mesa_de_revision")]

    operations = [
        migrations.CreateModel(
            name="VistaGuardada",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nombre", models.CharField(max_length=60, verbose_name="nombre")),
                ("filtro", models.CharField(blank=True, max_length=1000, verbose_name="filtro")),
                ("compartida", models.BooleanField(default=False, verbose_name="compartida")),
                ("creada_por", models.CharField(max_length=80, verbose_name="guardada por")),
                (
                    "creada_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="guardada"
                    ),
                ),
            ],
            options={
                "verbose_name": "vista guardada",
                "verbose_name_plural": "vistas guardadas",
                "permissions": [
                    ("compartir_vista", "Puede compartir vistas de la cola de revisión")
                ],
                "indexes": [models.Index(fields=["compartida", "nombre"], name="vista_compartida")],
                "constraints": [
                    models.UniqueConstraint(fields=("creada_por", "nombre"), name="vista_unica")
                ],
            },
        ),
    ]
