# The sales that follow their customer to another affiliate.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversiones", "0017_datos_borrados"),
    ]

    operations = [
        migrations.AddField(
            model_name="cliente",
            name="mudada",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="cliente",
            name="muda_hasta",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="cliente",
            index=models.Index(fields=["muda_hasta"], name="cliente_se_muda"),
        ),
    ]
