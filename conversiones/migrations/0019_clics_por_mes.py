from django.db import migrations, models
from django.db.models import PROTECT, Sum
from django.db.models.functions import TruncMonth


def sumar_los_meses(apps, schema_editor):
    """What each link had in each month, of the counts of its days."""
    dias = apps.get_model("conversiones", "ClicsDelDia").objects.filter(clics__gt=0)
    meses = dias.order_by().annotate(mes=TruncMonth("dia")).values_list("enlace", "mes")
    modelo = apps.get_model("conversiones", "ClicsDelMes")
    modelo.objects.bulk_create(
        [
            modelo(enlace_id=enlace, mes=mes, clics=clics, unicos=unicos)
            for enlace, mes, clics, unicos in meses.annotate(Sum("clics"), Sum("unicos")).iterator()
            # A day that is none, in MySQL, no service wrote.
            if mes is not None
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0018_ventas_con_su_cliente")]

    operations = [
        migrations.CreateModel(
            name="ClicsDelMes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "enlace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="meses",
                        to="conversiones.enlace",
                        verbose_name="enlace",
                    ),
                ),
                ("mes", models.DateField(verbose_name="mes")),
                ("clics", models.PositiveIntegerField(default=0, verbose_name="clics")),
                ("unicos", models.PositiveIntegerField(default=0, verbose_name="únicos")),
            ],
            options={
                "verbose_name": "clics de un mes",
                "verbose_name_plural": "clics por mes",
                "indexes": [
                    models.Index(
                        fields=["mes", "enlace", "clics", "unicos"], name="clics_del_mes_informe"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("enlace", "mes"), name="clics_del_mes_unicos")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="clicsdeldia",
            index=models.Index(
                fields=["dia", "enlace", "clics", "unicos"], name="clics_del_dia_informe"
            ),
        ),
        migrations.RunPython(sumar_los_meses, migrations.RunPython.noop),
    ]
