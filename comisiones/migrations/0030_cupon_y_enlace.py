"""Rules for the sales of a coupon or a link."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0029_roles_de_liquidaciones"),
    ]

    operations = [
        migrations.AddField(
            model_name="versionregla",
            name="cupon",
            field=models.CharField(blank=True, max_length=64, verbose_name="solo con el cupón"),
        ),
        migrations.AddField(
            model_name="versionregla",
            name="enlace",
            field=models.CharField(blank=True, max_length=64, verbose_name="solo por el enlace"),
        ),
    ]
