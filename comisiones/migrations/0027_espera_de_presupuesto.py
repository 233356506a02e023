from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0026_cambios_de_comisiones_y_pagos")]

    operations = [
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
                    (
                        "presupuesto_agotado",
                        "No cabe en lo que queda del presupuesto de la campaña",
                    ),
                    ("manual", "Retenida por una persona"),
                ],
                max_length=32,
                verbose_name="motivo de retención",
            ),
        ),
        migrations.AlterField(
            model_name="lineaenmasa",
            name="resultado",
            field=models.CharField(
                choices=[
                    ("por_hacer", "Por hacer"),
                    ("hecha", "Hecha"),
                    ("ya", "Ya lo estaba"),
                    ("cambio", "Cambió después de elegirla"),
                    ("transicion_invalida", "Su estado no lo permite"),
                    ("cuatro_ojos", "La decide otra persona"),
                    ("afiliado_no_activo", "El afiliado no está activo"),
                    ("sin_regla", "Ninguna regla dice cuánto paga"),
                    ("fuera_de_rango", "Pasa del máximo que se puede pagar"),
                    ("lineas_sin_precio", "Sus líneas no dicen precios"),
                    ("lineas_en_escalas", "Sus líneas siguen dos escalas"),
                    ("presupuesto_agotado", "No cabe en el presupuesto de su campaña"),
                    ("sin_permiso", "Quien lo confirmó ya no puede"),
                    ("detenida", "Se detuvo antes de llegar a ella"),
                    ("fallo", "No se pudo"),
                ],
                default="por_hacer",
                max_length=24,
                verbose_name="resultado",
            ),
        ),
    ]
