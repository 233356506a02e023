"""Rules for the sales of a coupon or a link."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversiones", "0011_devoluciones_en_espera"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="cupon",
            field=models.CharField(blank=True, max_length=64, verbose_name="cupón"),
        ),
        migrations.AddField(
            model_name="conversion",
            name="enlace",
            field=models.CharField(blank=True, max_length=64, verbose_name="enlace"),
        ),
    ]
