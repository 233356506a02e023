from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comun", "0005_correos_por_confirmar"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trozo",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "de", "texto", "fila",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("de", models.PositiveSmallIntegerField(verbose_name="de qué tabla")),
                ("texto", models.CharField(max_length=16, verbose_name="texto")),
                ("fila", models.BigIntegerField(verbose_name="fila")),
            ],
            options={
                "verbose_name": "trozo buscable",
                "verbose_name_plural": "trozos buscables",
            },
        ),
    ]  # fmt: skip
