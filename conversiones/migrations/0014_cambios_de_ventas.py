from django.db import migrations, models


class Migration(migrations.Migration):
    """What changed since an instant is found by an index."""

    dependencies = [("conversiones", "0013_ventas_de_un_cliente")]

    operations = [
        migrations.AddIndex(
            model_name="conversion",
            index=models.Index(fields=["actualizado_en"], name="conversion_actualizada"),
        ),
    ]
