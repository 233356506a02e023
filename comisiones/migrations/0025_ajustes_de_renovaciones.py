# Adjustments of what changed among the sales of a customer.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0024_metricas"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ajuste",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("reverso", "Devolución de una venta ya pagada"),
                    ("escala", "Venta que llegó tarde a su periodo"),
                    ("renovacion", "Cambio en las ventas de un cliente"),
                    ("bono", "Bono"),
                    ("correccion", "Corrección"),
                    ("clawback", "Recuperación"),
                    ("pago_devuelto", "Pago devuelto por el banco"),
                    ("reasignacion", "Venta reasignada"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        ),
    ]
