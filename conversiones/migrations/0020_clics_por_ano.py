from django.db import migrations, models

_MESES = {
    "mysql": (
        ("t", "MAKEDATE(YEAR(desde), 1) + INTERVAL QUARTER(desde) - 1 QUARTER"),
        ("a", "MAKEDATE(YEAR(desde), 1)"),
    ),
    "sqlite": (
        ("t", "date(desde, 'start of month',"
              " '-' || ((strftime('%%m', desde) - 1) %% 3) || ' months')"),
        ("a", "date(desde, 'start of year')"),
    ),
}  # fmt: skip


def sumar(apps, schema_editor):
    """What each had in each quarter and year is what its months add up to."""
    llave = "campana, afiliado, moneda"
    with schema_editor.connection.cursor() as cursor:
        for grano, comienzo in _MESES[schema_editor.connection.vendor]:
            cursor.execute(
                f"INSERT INTO conversiones_clicsdetramo ({llave}, grano, desde, clics, unicos)"  # noqa: S608
                f" SELECT {llave}, %s, inicio, SUM(clics), SUM(unicos) FROM"
                f" (SELECT c.*, {comienzo} AS inicio FROM conversiones_clicsdetramo c"
                f" WHERE grano = 'm') f GROUP BY {llave}, inicio",
                [grano],
            )


def _quitar(apps, schema_editor):
    apps.get_model("conversiones", "ClicsDeTramo").objects.filter(grano__in=("t", "a")).delete()


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0019_clics_por_mes")]

    operations = [
        migrations.AlterField(
            model_name="clicsdetramo",
            name="grano",
            field=models.CharField(
                choices=[("d", "Día"), ("m", "Mes"), ("t", "Trimestre"), ("a", "Año")],
                max_length=1,
                verbose_name="tramo",
            ),
        ),
        migrations.RunPython(sumar, _quitar, elidable=True),
    ]
