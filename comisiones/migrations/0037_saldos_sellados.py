"""Balances of the accounts when a day is sealed, so that nobody adds up the whole ledger."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Sum


def sumar(apps, schema_editor):
    """The last sealed day, which the next ones go on from."""
    alias = schema_editor.connection.alias
    modelo = {
        nombre: apps.get_model("comisiones", nombre)
        for nombre in ("SelloDiario", "Apunte", "SaldoSellado")
    }
    ultimo = modelo["SelloDiario"].objects.using(alias).order_by("-dia").first()
    if ultimo is None:
        return
    fin = datetime.combine(ultimo.dia + timedelta(days=1), time.min, UTC)
    sumas = (
        modelo["Apunte"].objects.using(alias).filter(asiento__creado_en__lt=fin)
        .values("cuenta", "moneda").annotate(suma=Sum("importe")).order_by()
    )  # fmt: skip
    modelo["SaldoSellado"].objects.using(alias).bulk_create(
        [
            modelo["SaldoSellado"](
                sello=ultimo,
                cuenta=f["cuenta"],
                moneda=f["moneda"],
                # SQLite adds in binary.
                importe=f["suma"].quantize(Decimal("0.0001")),
            )
            for f in sumas
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0036_extractos_por_aplicar")]

    operations = [
        migrations.CreateModel(
            name="SaldoSellado",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cuenta",
                    models.CharField(
                        choices=[
                            ("gasto_comisiones", "Gasto en comisiones"),
                            ("por_pagar", "Por pagar a afiliados"),
                            ("compensacion", "Pagos en curso"),
                            ("banco", "Banco"),
                            ("retencion", "Retenciones"),
                            ("cambio", "Diferencias de cambio"),
                        ],
                        max_length=24,
                        verbose_name="cuenta",
                    ),
                ),
                (
                    "importe",
                    models.DecimalField(decimal_places=4, max_digits=19, verbose_name="importe"),
                ),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                (
                    "sello",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saldos",
                        to="comisiones.sellodiario",
                        verbose_name="sello",
                    ),
                ),
            ],
            options={
                "verbose_name": "saldo sellado",
                "verbose_name_plural": "saldos sellados",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sello", "cuenta", "moneda"), name="saldo_sellado"
                    )
                ],
            },
        ),
        migrations.RunPython(sumar, migrations.RunPython.noop),
    ]
