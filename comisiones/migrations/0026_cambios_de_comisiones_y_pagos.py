from django.db import migrations, models


class Migration(migrations.Migration):
    """What changed since an instant is found by an index."""

    dependencies = [("comisiones", "0025_ajustes_de_renovaciones")]

    operations = [
        migrations.AddIndex(
            model_name="comision",
            index=models.Index(fields=["actualizado_en"], name="comision_actualizada"),
        ),
        migrations.AddIndex(
            model_name="pago",
            index=models.Index(fields=["actualizado_en"], name="pago_actualizado"),
        ),
    ]
