"""A version may be the network of a campaign or of the programme."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0014_libro_inmutable"),
    ]

    operations = [
        migrations.AlterField(
            model_name="comision",
            name="tipo",
            field=models.CharField(
                blank=True,
                choices=[
                    ("porcentual", "Porcentaje de la venta"),
                    ("fija", "Importe fijo"),
                    ("mixta", "Porcentaje más importe fijo"),
                    ("escalonada", "Por tramos"),
                    ("red", "Red de referentes"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        ),
        migrations.AlterField(
            model_name="versionregla",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("porcentual", "Porcentaje de la venta"),
                    ("fija", "Importe fijo"),
                    ("mixta", "Porcentaje más importe fijo"),
                    ("escalonada", "Por tramos"),
                    ("red", "Red de referentes"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        ),
    ]
