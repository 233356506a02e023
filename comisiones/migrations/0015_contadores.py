from django.db import migrations, models


def por_contar(apps, schema_editor):
    """What there is already is counted by ``reconstruir_contadores``: nobody reads them until then."""
    if apps.get_model("conversiones", "Conversion").objects.exists():
        for de in ("comision", "conversion"):
            apps.get_model("comisiones", "Recuento").objects.create(de=de, rehecho_hasta=0)


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0014_decisiones_en_masa"),
        ("conversiones", "0006_indices_de_listas"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contada",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("de", models.CharField(max_length=16, verbose_name="qué cuenta")),
                ("fila", models.BigIntegerField(verbose_name="fila")),
                ("estado", models.CharField(max_length=24, verbose_name="estado")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                ("importe", models.BigIntegerField(verbose_name="importe en diezmilésimas")),
            ],
            options={
                "verbose_name": "fila contada",
                "verbose_name_plural": "filas contadas",
                "constraints": [
                    models.UniqueConstraint(fields=("de", "fila"), name="contada_unica")
                ],
            },
        ),
        migrations.CreateModel(
            name="Contador",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("de", models.CharField(max_length=16, verbose_name="qué cuenta")),
                ("corte", models.CharField(blank=True, max_length=16, verbose_name="corte")),
                ("quien", models.BigIntegerField(verbose_name="de quién")),
                ("estado", models.CharField(max_length=24, verbose_name="estado")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("cuantas", models.BigIntegerField(verbose_name="cuántas")),
                ("importe", models.BigIntegerField(verbose_name="importe en diezmilésimas")),
            ],
            options={
                "verbose_name": "contador",
                "verbose_name_plural": "contadores",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("de", "corte", "quien", "estado", "moneda"), name="contador_unico"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recuento",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("de", models.CharField(max_length=16, unique=True, verbose_name="qué cuenta")),
                ("hasta", models.BigIntegerField(default=0, verbose_name="último evento contado")),
                ("rehecho_hasta", models.BigIntegerField(null=True, verbose_name="rehecho hasta")),
            ],
            options={"verbose_name": "recuento", "verbose_name_plural": "recuentos"},
        ),
        migrations.RunPython(por_contar, migrations.RunPython.noop),
    ]
