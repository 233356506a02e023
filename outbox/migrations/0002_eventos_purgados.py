import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EventoPurgado",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evento_id", models.CharField(max_length=36, unique=True, verbose_name="evento")),
                ("aggregateid", models.CharField(max_length=64, verbose_name="agregado")),
                ("type", models.CharField(max_length=64, verbose_name="tipo")),
                ("created_at", models.DateTimeField(verbose_name="fecha")),
                (
                    "purgado_en",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="purgado"),
                ),
            ],
            options={
                "verbose_name": "evento purgado",
                "verbose_name_plural": "eventos purgados",
                "indexes": [
                    models.Index(fields=["type", "aggregateid"], name="evento_purgado_hecho")
                ],
            },
        ),
    ]
