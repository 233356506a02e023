from django.db import migrations, models


def por_medir(apps, schema_editor):
    """What there is already is measured by ``reconstruir_metricas``: nobody reads figures until
    then."""
    if apps.get_model("conversiones", "Conversion").objects.exists():
        for de in ("venta", "comision"):
            apps.get_model("comisiones", "Remedicion").objects.create(de=de)


def clave():
    return (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    )


def de_tramo():
    return [
        clave(),
        ("campana", models.BigIntegerField(verbose_name="campaña")),
        ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
        (
            "grano",
            models.CharField(
                choices=[("d", "Día"), ("m", "Mes")], max_length=1, verbose_name="tramo"
            ),
        ),
        ("desde", models.DateField(verbose_name="desde")),
        ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
        ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
    ]


def suma(titulo):
    return models.BigIntegerField(default=0, verbose_name=titulo)


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0023_comisiones_reasignadas"),
        ("conversiones", "0012_zona_y_clics_por_tramo"),
    ]

    operations = [
        migrations.CreateModel(
            name="Medida",
            fields=[
                clave(),
                ("de", models.CharField(max_length=16, verbose_name="qué mide")),
                ("fila", models.BigIntegerField(verbose_name="fila")),
                ("dia", models.DateField(verbose_name="día")),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("estado", models.CharField(max_length=24, verbose_name="estado")),
                ("importe", models.BigIntegerField(verbose_name="importe en diezmilésimas")),
                ("quitado", models.BigIntegerField(verbose_name="quitado en diezmilésimas")),
                ("plazo", models.IntegerField(null=True, verbose_name="horas hasta aprobarla")),
            ],
            options={
                "verbose_name": "fila medida",
                "verbose_name_plural": "filas medidas",
                "indexes": [models.Index(fields=["dia"], name="medida_dia")],
                "constraints": [
                    models.UniqueConstraint(fields=("de", "fila"), name="medida_unica")
                ],
            },
        ),
        migrations.CreateModel(
            name="Cifra",
            fields=[
                *de_tramo(),
                ("conversiones", suma("conversiones")),
                ("valor", suma("valor")),
                ("devuelto", suma("devuelto")),
                ("pendiente", suma("pendiente")),
                ("retenida", suma("retenida")),
                ("aprobada", suma("aprobada")),
                ("programada", suma("programada")),
                ("pagada", suma("pagada")),
                ("cerrada", suma("cerrada")),
                ("rechazada", suma("rechazada")),
                ("anulada", suma("anulada")),
                ("ajustado", suma("ajustado")),
            ],
            options={
                "verbose_name": "cifra",
                "verbose_name_plural": "cifras",
                "indexes": [
                    models.Index(fields=["campana", "grano", "desde"], name="cifra_campana"),
                    models.Index(fields=["afiliado", "grano", "desde"], name="cifra_afiliado"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campana", "afiliado", "grano", "desde", "canal", "moneda"),
                        name="cifra_unica",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Plazo",
            fields=[
                *de_tramo(),
                ("horas", models.IntegerField(verbose_name="horas")),
                ("cuantas", suma("cuántas")),
            ],
            options={
                "verbose_name": "plazo de aprobación",
                "verbose_name_plural": "plazos de aprobación",
                "indexes": [
                    models.Index(fields=["campana", "grano", "desde"], name="plazo_campana"),
                    models.Index(fields=["afiliado", "grano", "desde"], name="plazo_afiliado"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "campana",
                            "afiliado",
                            "grano",
                            "desde",
                            "canal",
                            "moneda",
                            "horas",
                        ),
                        name="plazo_unico",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Remedicion",
            fields=[
                clave(),
                (
                    "de",
                    models.CharField(max_length=16, unique=True, verbose_name="qué mide"),
                ),
                ("hasta", models.BigIntegerField(default=0, verbose_name="medido hasta")),
            ],
            options={"verbose_name": "remedición", "verbose_name_plural": "remediciones"},
        ),
        migrations.RunPython(por_medir, migrations.RunPython.noop),
    ]
