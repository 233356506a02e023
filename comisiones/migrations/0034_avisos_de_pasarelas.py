"""What gateways tell by themselves."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0033_roles_de_retenciones"),
    ]

    operations = [
        migrations.CreateModel(
            name="AvisoPasarela",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pasarela", models.CharField(max_length=32, verbose_name="pasarela")),
                ("id_externo", models.CharField(max_length=255, verbose_name="aviso")),
                ("tipo", models.CharField(max_length=64, verbose_name="tipo")),
                ("referencia", models.CharField(max_length=255, verbose_name="referencia")),
                (
                    "dicho",
                    models.CharField(blank=True, max_length=16, verbose_name="estado que dice"),
                ),
                (
                    "resultado",
                    models.CharField(
                        choices=[
                            ("aplicado", "Aplicado"),
                            ("ya_sabido", "Ya se sabía"),
                            ("desconocido", "De ningún pago nuestro"),
                            ("otra_cosa", "No es lo que se pidió"),
                            ("en_parte", "Se revirtió en parte"),
                            ("contradice", "Contradice lo que ya se sabía"),
                        ],
                        max_length=20,
                        verbose_name="resultado",
                    ),
                ),
                ("detalle", models.CharField(blank=True, max_length=200, verbose_name="detalle")),
                (
                    "creado_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="recibido"
                    ),
                ),
                (
                    "pago",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="avisos",
                        to="comisiones.pago",
                        verbose_name="pago",
                    ),
                ),
            ],
            options={
                "verbose_name": "aviso de una pasarela",
                "verbose_name_plural": "avisos de pasarelas",
                "indexes": [models.Index(fields=["resultado", "id"], name="aviso_resultado")],
                "constraints": [
                    models.UniqueConstraint(fields=("pasarela", "id_externo"), name="aviso_unico")
                ],
            },
        ),
    ]
