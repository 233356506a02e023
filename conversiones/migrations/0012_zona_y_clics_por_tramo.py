from collections import Counter

from django.db import migrations, models

import conversiones.campanas.models


def sumar_los_dias(apps, schema_editor):
    """What each link had in each day: the days so far were those of the programme's zone, which
    every campaign has until somebody says another."""
    dias = apps.get_model("conversiones", "ClicsDelDia").objects.filter(clics__gt=0)
    clics, unicos = Counter(), Counter()
    for campana, afiliado, moneda, dia, suyos, de_ellos in dias.values_list(
        "enlace__campana", "enlace__afiliado", "enlace__campana__moneda", "dia", "clics", "unicos"
    ).iterator():
        for c in (0, campana):
            for a in (0, afiliado):
                for grano, desde in (("d", dia), ("m", dia.replace(day=1))):
                    clics[c, a, grano, desde, moneda] += suyos
                    unicos[c, a, grano, desde, moneda] += de_ellos
    tramo = apps.get_model("conversiones", "ClicsDeTramo")
    nombres = ("campana", "afiliado", "grano", "desde", "moneda")
    tramo.objects.bulk_create(
        [
            tramo(**dict(zip(nombres, clave, strict=True)), clics=n, unicos=unicos[clave])
            for clave, n in sorted(clics.items())
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0011_reasignadas_y_parecidas")]

    operations = [
        migrations.AddField(
            model_name="campana",
            name="zona",
            field=models.CharField(
                default=conversiones.campanas.models.zona_del_programa,
                max_length=64,
                verbose_name="zona horaria",
            ),
        ),
        migrations.CreateModel(
            name="ClicsDeTramo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                (
                    "grano",
                    models.CharField(
                        choices=[("d", "Día"), ("m", "Mes")], max_length=1, verbose_name="tramo"
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("clics", models.BigIntegerField(default=0, verbose_name="clics")),
                ("unicos", models.BigIntegerField(default=0, verbose_name="únicos")),
            ],
            options={
                "verbose_name": "clics de un tramo",
                "verbose_name_plural": "clics por tramo",
                "indexes": [
                    models.Index(
                        fields=["campana", "grano", "desde"], name="clics_de_tramo_campana"
                    ),
                    models.Index(
                        fields=["afiliado", "grano", "desde"], name="clics_de_tramo_afiliado"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campana", "afiliado", "grano", "desde", "moneda"),
                        name="clics_de_tramo_unicos",
                    )
                ],
            },
        ),
        migrations.RunPython(sumar_los_dias, migrations.RunPython.noop),
    ]
