"""Entries of commissions that are approved, or voided, a second time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0005_motivos_de_exclusion")]

    operations = [
        migrations.AlterField(
            model_name="asiento",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("aprobacion", "Comisión aprobada"),
                    ("pago", "Pago enviado"),
                    ("liquidacion", "Pago liquidado"),
                    ("impago", "Pago no hecho"),
                    ("anulacion", "Comisión anulada"),
                    ("reverso", "Devolución de la venta"),
                    ("ajuste", "Ajuste"),
                    ("reaprobacion", "Comisión repuesta y aprobada"),
                    ("reanulacion", "Comisión repuesta y anulada"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        ),
    ]
