from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0027_espera_de_presupuesto")]

    operations = [
        migrations.AddField(
            model_name="lineaenmasa",
            name="quita",
            field=models.DecimalField(
                decimal_places=4,
                max_digits=19,
                null=True,
                verbose_name="pierden las comisiones",
            ),
        ),
        migrations.AddField(
            model_name="lineaenmasa",
            name="valor",
            field=models.DecimalField(
                decimal_places=4, max_digits=19, null=True, verbose_name="valor de la venta"
            ),
        ),
        migrations.AddField(
            model_name="lineaenmasa",
            name="valor_nuevo",
            field=models.DecimalField(
                decimal_places=4, max_digits=19, null=True, verbose_name="valor nuevo"
            ),
        ),
        migrations.AlterField(
            model_name="decisionenmasa",
            name="accion",
            field=models.CharField(
                choices=[
                    ("aprobar", "Aprobar"),
                    ("rechazar", "Rechazar"),
                    ("retener", "Retener"),
                    ("corregir", "Corregir la venta"),
                ],
                max_length=16,
                verbose_name="decisión",
            ),
        ),
    ]
