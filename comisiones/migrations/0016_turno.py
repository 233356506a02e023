"""What is calculated one sale at a time on MySQL."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0015_red_de_referentes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Turno",
            fields=[
                (
                    "clave",
                    models.CharField(
                        max_length=32, primary_key=True, serialize=False, verbose_name="clave"
                    ),
                ),
            ],
            options={
                "verbose_name": "turno de cálculo",
                "verbose_name_plural": "turnos de cálculo",
            },
        ),
    ]
