# Why a sale was refused, and the sales of a customer in order.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversiones", "0012_zona_y_clics_por_tramo"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="motivo_codigo",
            field=models.CharField(
                blank=True,
                choices=[
                    ("fraude", "Fraude"),
                    ("error_cliente", "Error del cliente"),
                    ("articulo_devuelto", "Artículo devuelto"),
                    ("error_pedido", "Error en el pedido"),
                    ("pedido_actualizado", "Pedido actualizado"),
                    ("disputa_partner", "Disputa del afiliado"),
                    ("disputa_marca", "Disputa de la marca"),
                    ("incumple_condiciones", "Incumple las condiciones"),
                    ("sin_existencias", "Sin existencias"),
                    ("duplicada", "Duplicada"),
                    ("prueba", "Pedido de prueba"),
                ],
                default="",
                max_length=24,
                verbose_name="código del motivo",
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="conversion",
            index=models.Index(
                fields=["cliente", "ocurrida_en", "id_publico"], name="conversion_de_cliente"
            ),
        ),
    ]
