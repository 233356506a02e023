"""Self-billing documents and their series."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0002_cuentas"),
        ("comisiones", "0027_roles_de_conciliacion"),
    ]

    operations = [
        migrations.CreateModel(
            name="SerieLiquidacion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serie", models.CharField(max_length=12, unique=True, verbose_name="serie")),
                ("ultimo", models.PositiveIntegerField(default=0, verbose_name="último número")),
            ],
            options={
                "verbose_name": "serie de liquidaciones",
                "verbose_name_plural": "series de liquidaciones",
            },
        ),
        migrations.CreateModel(
            name="Liquidacion",
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
                ("serie", models.CharField(max_length=12, verbose_name="serie")),
                ("numero", models.PositiveIntegerField(verbose_name="número")),
                (
                    "tipo",
                    models.CharField(
                        choices=[
                            ("liquidacion", "Liquidación"),
                            ("rectificativa", "Rectificativa"),
                        ],
                        max_length=16,
                        verbose_name="tipo",
                    ),
                ),
                (
                    "importe",
                    models.DecimalField(decimal_places=4, max_digits=19, verbose_name="importe"),
                ),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("emisor", models.JSONField(verbose_name="emisor")),
                ("receptor", models.JSONField(verbose_name="receptor")),
                (
                    "emitida_en",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="emitida"),
                ),
                (
                    "afiliado",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liquidaciones",
                        to="afiliados.afiliado",
                        verbose_name="afiliado",
                    ),
                ),
                (
                    "pago",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liquidaciones",
                        to="comisiones.pago",
                        verbose_name="pago",
                    ),
                ),
            ],
            options={
                "verbose_name": "liquidación",
                "verbose_name_plural": "liquidaciones",
            },
        ),
        migrations.AddField(
            model_name="notificacion",
            name="liquidacion",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="comisiones.liquidacion",
                verbose_name="documento adjunto",
            ),
        ),
        migrations.AddIndex(
            model_name="liquidacion",
            index=models.Index(fields=["afiliado", "id"], name="liquidacion_afiliado"),
        ),
        migrations.AddConstraint(
            model_name="liquidacion",
            constraint=models.UniqueConstraint(
                fields=("serie", "numero"), name="liquidacion_numero_unico"
            ),
        ),
        migrations.AddConstraint(
            model_name="liquidacion",
            constraint=models.UniqueConstraint(
                fields=("pago", "tipo"), name="liquidacion_una_por_pago"
            ),
        ),
    ]
