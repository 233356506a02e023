from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0022_lineas_por_mirar"),
        ("conversiones", "0011_reasignadas_y_parecidas"),
    ]

    operations = [
        migrations.AddField(
            model_name="comision",
            name="viva",
            field=models.BooleanField(default=True, editable=False, null=True),
        ),
        # The new one first: the foreign key of its first column always has an index.
        migrations.AddConstraint(
            model_name="comision",
            constraint=models.UniqueConstraint(
                fields=("conversion", "nivel", "viva"), name="comision_viva_unica"
            ),
        ),
        migrations.RemoveConstraint(model_name="comision", name="comision_unica"),
        migrations.AddConstraint(
            model_name="comision",
            constraint=models.CheckConstraint(
                condition=models.Q(("viva__isnull", True), ("viva", True), _connector="OR"),
                name="comision_viva_true_o_null",
            ),
        ),
        migrations.AlterField(
            model_name="comision",
            name="motivo_retencion",
            field=models.CharField(
                blank=True,
                choices=[
                    ("afiliado_pendiente", "El afiliado está pendiente de activación"),
                    ("afiliado_no_activo", "El afiliado no está activo"),
                    ("sin_regla", "Ninguna regla dice cuánto paga"),
                    ("fuera_de_rango", "El resultado pasa del máximo que se puede pagar"),
                    (
                        "lineas_sin_precio",
                        "Las líneas de la venta no dicen precios que sumen su valor",
                    ),
                    (
                        "lineas_en_escalas",
                        "Las líneas de la venta siguen dos escalas por periodo a la vez",
                    ),
                    ("posible_duplicada", "Su venta se parece mucho a otra"),
                    ("manual", "Retenida por una persona"),
                ],
                max_length=32,
                verbose_name="motivo de retención",
            ),
        ),
        migrations.AlterField(
            model_name="ajuste",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("reverso", "Devolución de una venta ya pagada"),
                    ("escala", "Venta que llegó tarde a su periodo"),
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
