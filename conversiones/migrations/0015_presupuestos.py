import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def contar_desde_ahora(apps, schema_editor):
    """What campaigns with a budget have spent is counted by whoever spends next."""
    campanas = apps.get_model("conversiones", "Campana").objects
    campanas.filter(presupuesto__isnull=False).update(presupuesto_desde=F("actualizado_en"))


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0014_cambios_de_ventas")]

    operations = [
        migrations.AlterField(
            model_name="campana",
            name="presupuesto",
            field=models.DecimalField(
                blank=True,
                decimal_places=4,
                help_text="Lo más que pueden sumar sus comisiones, en su moneda. Lo que no cabe se "
                "retiene hasta que haya sitio. Sin él no hay límite.",
                max_digits=19,
                null=True,
                verbose_name="presupuesto",
            ),
        ),
        migrations.AddField(
            model_name="campana",
            name="presupuesto_desde",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="campana",
            index=models.Index(fields=["estado", "termina_en"], name="campana_termina"),
        ),
        migrations.CreateModel(
            name="PresupuestoCampana",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "gastado",
                    models.DecimalField(
                        decimal_places=4, default=0, max_digits=19, verbose_name="gastado"
                    ),
                ),
                ("contado_desde", models.DateTimeField(null=True)),
                ("recontar_en", models.DateTimeField(null=True)),
                ("hay_sitio", models.BooleanField(default=False)),
                (
                    "campana",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consumo",
                        to="conversiones.campana",
                        verbose_name="campaña",
                    ),
                ),
            ],
            options={
                "verbose_name": "presupuesto de campaña",
                "verbose_name_plural": "presupuestos de campañas",
                "indexes": [
                    models.Index(fields=["hay_sitio"], name="presupuesto_con_sitio"),
                    models.Index(fields=["recontar_en"], name="presupuesto_recontar"),
                ],
            },
        ),
        migrations.RunPython(contar_desde_ahora, migrations.RunPython.noop),
    ]
