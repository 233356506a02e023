"""A refused sale that came again has movements of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0002_movimientos_por_campana")]

    operations = [
        migrations.AlterField(
            model_name=modelo,
            name="tipo",
            field=models.CharField(
                choices=[
                    ("venta", "Venta"),
                    ("devolucion", "Devolución"),
                    ("contracargo", "Contracargo"),
                    ("ajuste", "Rebaja del precio"),
                    ("rechazo", "Rechazo"),
                    ("reposicion", "Reposición"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        )
        for modelo in ("movimientoconversion", "devolucionpendiente")
    ]
