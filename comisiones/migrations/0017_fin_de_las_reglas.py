from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0016_resumenes_por_correo"),
    ]

    operations = [
        migrations.AddField(
            model_name="regla",
            name="terminada_en",
            field=models.DateTimeField(editable=False, null=True, verbose_name="terminada"),
        ),
    ]
