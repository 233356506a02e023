"""Each closed day of the ledger gets a seal, and each of its entries a digest."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0021_politicas_de_aprobacion"),
    ]

    operations = [
        migrations.CreateModel(
            name="SelloDiario",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("dia", models.DateField(unique=True, verbose_name="día")),
                ("asientos", models.PositiveIntegerField(verbose_name="asientos")),
                ("huella", models.CharField(max_length=64, verbose_name="huella de los asientos")),
                (
                    "anterior",
                    models.CharField(blank=True, max_length=64, verbose_name="sello anterior"),
                ),
                ("sello", models.CharField(max_length=64, verbose_name="sello")),
            ],
            options={
                "verbose_name": "sello del libro",
                "verbose_name_plural": "sellos del libro",
            },
        ),
        migrations.CreateModel(
            name="Eslabon",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("huella", models.CharField(max_length=64, verbose_name="huella")),
                (
                    "asiento",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eslabon",
                        to="comisiones.asiento",
                        verbose_name="asiento",
                    ),
                ),
                (
                    "sello",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eslabones",
                        to="comisiones.sellodiario",
                        verbose_name="sello",
                    ),
                ),
            ],
            options={
                "verbose_name": "eslabón del libro",
                "verbose_name_plural": "eslabones del libro",
            },
        ),
    ]
