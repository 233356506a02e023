from django.db import migrations, models


def por_contar(apps, schema_editor):
    """Months, and the ledger, are counted by ``reconstruir_contadores``: nobody reads any counter
    until then."""
    if apps.get_model("conversiones", "Conversion").objects.exists():
        for de in ("comision", "conversion", "libro"):
            apps.get_model("comisiones", "Recuento").objects.update_or_create(
                de=de, defaults={"rehecho_hasta": 0}
            )


class Migration(migrations.Migration):
    dependencies = [
        ("comisiones", "0017_fin_de_las_reglas"),
        ("conversiones", "0006_indices_de_listas"),
    ]

    operations = [
        migrations.AddField(
            model_name="contada",
            name="mes",
            field=models.IntegerField(default=0, verbose_name="mes"),
        ),
        migrations.AddField(
            model_name="contador",
            name="mes",
            field=models.IntegerField(default=0, verbose_name="mes"),
        ),
        migrations.RemoveConstraint(model_name="contador", name="contador_unico"),
        migrations.AddConstraint(
            model_name="contador",
            constraint=models.UniqueConstraint(
                fields=("de", "corte", "quien", "mes", "estado", "moneda"), name="contador_unico"
            ),
        ),
        migrations.AddIndex(
            model_name="contador",
            index=models.Index(
                fields=["de", "corte", "mes", "estado", "moneda", "importe", "id"],
                name="contador_mayores",
            ),
        ),
        migrations.RunPython(por_contar, migrations.RunPython.noop),
    ]
