from django.db import migrations, models

_LLAVE = ("campana", "afiliado", "canal", "moneda")
_SUMAS = (
    "conversiones", "valor", "devuelto", "pendiente", "retenida", "aprobada", "programada",
    "pagada", "cerrada", "rechazada", "anulada", "ajustado",
)  # fmt: skip
_MEDIDA = (
    "de", "fila", "dia", "campana", "afiliado", "canal", "cupon", "enlace", "moneda", "estado",
    "importe", "quitado", "plazo",
)  # fmt: skip
_DE_CODIGO = ("tipo", "grano", "desde", "codigo", *_LLAVE, *_SUMAS, "plazos")
_JUNTOS = {
    "mysql": "GROUP_CONCAT(CONCAT(horas, ',', cuantas) ORDER BY horas)",
    # Those of a figure come in order.
    "sqlite": "group_concat(horas || ',' || cuantas)",
}
# A stretch, those that it is made of, and its first day.
_TRAMOS = {
    "mysql": (
        ("d", "d", "desde"),
        ("m", "m", "desde"),
        ("t", "m", "MAKEDATE(YEAR(desde), 1) + INTERVAL QUARTER(desde) - 1 QUARTER"),
        ("a", "m", "MAKEDATE(YEAR(desde), 1)"),
    ),
    "sqlite": (
        ("d", "d", "desde"),
        ("m", "m", "desde"),
        ("t", "m", "date(desde, 'start of month',"
                   " '-' || ((strftime('%%m', desde) - 1) %% 3) || ' months')"),
        ("a", "m", "date(desde, 'start of year')"),
    ),
}  # fmt: skip


def copiar(apps, schema_editor):
    """Into the tables that are kept by their keys, with how long approvals took in the row of its
    figures, and with what quarters and years add up to."""
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        for nueva, vieja, campos in (
            ("comisiones_medida_de_fila", "comisiones_medida", _MEDIDA),
            ("comisiones_codigo_de_tramo", "comisiones_cifradecodigo", _DE_CODIGO),
        ):
            columnas = ", ".join(campos)
            cursor.execute(
                f"INSERT INTO {nueva} ({columnas}) SELECT {columnas} FROM {vieja}"  # noqa: S608
            )
        llave = ", ".join(_LLAVE)
        for grano, fino, comienzo in _TRAMOS[vendor]:
            sumas = (
                f"SELECT {llave}, inicio,"  # noqa: S608
                f" {', '.join(f'SUM({s}) AS {s}' for s in _SUMAS)}"
                f" FROM (SELECT c.*, {comienzo} AS inicio FROM comisiones_cifra c"
                f" WHERE grano = %s) f GROUP BY {llave}, inicio"
            )
            plazos = (
                f"SELECT {llave}, inicio, {_JUNTOS[vendor]} AS plazos FROM ("  # noqa: S608
                f"SELECT {llave}, inicio, horas, SUM(cuantas) AS cuantas"
                f" FROM (SELECT p.*, {comienzo} AS inicio FROM comisiones_plazo p"
                f" WHERE grano = %s) g GROUP BY {llave}, inicio, horas HAVING SUM(cuantas) <> 0"
                f" ORDER BY {llave}, inicio, horas) h GROUP BY {llave}, inicio"
            )
            iguales = " AND ".join(f"q.{campo} = s.{campo}" for campo in (*_LLAVE, "inicio"))
            cursor.execute(
                f"INSERT /*+ SET_VAR(group_concat_max_len = 1073741824) */"  # noqa: S608
                f" INTO comisiones_cifra_de_tramo"
                f" (grano, {llave}, desde, {', '.join(_SUMAS)}, plazos)"
                f" SELECT %s, {', '.join(f's.{campo}' for campo in _LLAVE)}, s.inicio,"
                f" {', '.join(f's.{campo}' for campo in _SUMAS)}, COALESCE(q.plazos, '')"
                f" FROM ({sumas}) s LEFT JOIN ({plazos}) q ON {iguales}"
                # As they are kept.
                f" ORDER BY s.campana, s.inicio, s.afiliado",
                [grano, fino, fino],
            )


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0030_codigos_por_ano")]

    operations = [
        # The tables themselves go in a later version: the one before still reads them.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name=nombre)
                for nombre in ("Plazo", "Cifra", "CifraDeCodigo", "Medida")
            ]
        ),
        migrations.CreateModel(
            name="Medida",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "de",
                        "fila",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("de", models.CharField(max_length=16, verbose_name="qué mide")),
                ("fila", models.BigIntegerField(verbose_name="fila")),
                ("dia", models.DateField(verbose_name="día")),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("cupon", models.CharField(blank=True, max_length=64, verbose_name="cupón")),
                ("enlace", models.CharField(blank=True, max_length=64, verbose_name="enlace")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("estado", models.CharField(max_length=24, verbose_name="estado")),
                ("importe", models.BigIntegerField(verbose_name="importe en diezmilésimas")),
                ("quitado", models.BigIntegerField(verbose_name="quitado en diezmilésimas")),
                ("plazo", models.IntegerField(null=True, verbose_name="horas hasta aprobarla")),
            ],
            options={
                "verbose_name": "fila medida",
                "verbose_name_plural": "filas medidas",
                "db_table": "comisiones_medida_de_fila",
                "indexes": [models.Index(fields=["dia"], name="medida_de_fila_dia")],
            },
        ),
        migrations.CreateModel(
            name="Cifra",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "campana",
                        "grano",
                        "desde",
                        "afiliado",
                        "canal",
                        "moneda",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                (
                    "grano",
                    models.CharField(
                        choices=[("d", "Día"), ("m", "Mes"), ("t", "Trimestre"), ("a", "Año")],
                        max_length=1,
                        verbose_name="tramo",
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("conversiones", models.BigIntegerField(default=0, verbose_name="conversiones")),
                ("valor", models.BigIntegerField(default=0, verbose_name="valor")),
                ("devuelto", models.BigIntegerField(default=0, verbose_name="devuelto")),
                ("pendiente", models.BigIntegerField(default=0, verbose_name="pendiente")),
                ("retenida", models.BigIntegerField(default=0, verbose_name="retenida")),
                ("aprobada", models.BigIntegerField(default=0, verbose_name="aprobada")),
                ("programada", models.BigIntegerField(default=0, verbose_name="programada")),
                ("pagada", models.BigIntegerField(default=0, verbose_name="pagada")),
                ("cerrada", models.BigIntegerField(default=0, verbose_name="cerrada")),
                ("rechazada", models.BigIntegerField(default=0, verbose_name="rechazada")),
                ("anulada", models.BigIntegerField(default=0, verbose_name="anulada")),
                ("ajustado", models.BigIntegerField(default=0, verbose_name="ajustado")),
                (
                    "plazos",
                    models.TextField(
                        blank=True, db_default="", default="", verbose_name="plazos de aprobación"
                    ),
                ),
            ],
            options={
                "verbose_name": "cifra",
                "verbose_name_plural": "cifras",
                "db_table": "comisiones_cifra_de_tramo",
                "indexes": [
                    models.Index(
                        fields=["afiliado", "campana", "grano", "desde"], name="cifra_de_tramo"
                    ),
                    models.Index(fields=["afiliado", "grano", "desde"], name="cifra_de_tramo_suya"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CifraDeCodigo",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tipo",
                        "grano",
                        "desde",
                        "campana",
                        "afiliado",
                        "codigo",
                        "canal",
                        "moneda",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                (
                    "grano",
                    models.CharField(
                        choices=[("d", "Día"), ("m", "Mes"), ("t", "Trimestre"), ("a", "Año")],
                        max_length=1,
                        verbose_name="tramo",
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("conversiones", models.BigIntegerField(default=0, verbose_name="conversiones")),
                ("valor", models.BigIntegerField(default=0, verbose_name="valor")),
                ("devuelto", models.BigIntegerField(default=0, verbose_name="devuelto")),
                ("pendiente", models.BigIntegerField(default=0, verbose_name="pendiente")),
                ("retenida", models.BigIntegerField(default=0, verbose_name="retenida")),
                ("aprobada", models.BigIntegerField(default=0, verbose_name="aprobada")),
                ("programada", models.BigIntegerField(default=0, verbose_name="programada")),
                ("pagada", models.BigIntegerField(default=0, verbose_name="pagada")),
                ("cerrada", models.BigIntegerField(default=0, verbose_name="cerrada")),
                ("rechazada", models.BigIntegerField(default=0, verbose_name="rechazada")),
                ("anulada", models.BigIntegerField(default=0, verbose_name="anulada")),
                ("ajustado", models.BigIntegerField(default=0, verbose_name="ajustado")),
                (
                    "plazos",
                    models.TextField(
                        blank=True, db_default="", default="", verbose_name="plazos de aprobación"
                    ),
                ),
                (
                    "tipo",
                    models.CharField(
                        choices=[("c", "Cupón"), ("e", "Enlace")], max_length=1, verbose_name="tipo"
                    ),
                ),
                ("codigo", models.CharField(max_length=64, verbose_name="código")),
            ],
            options={
                "verbose_name": "cifra de un código",
                "verbose_name_plural": "cifras de códigos",
                "db_table": "comisiones_codigo_de_tramo",
                "indexes": [
                    models.Index(
                        fields=["campana", "tipo", "grano", "desde"], name="codigo_de_tramo_campana"
                    ),
                    models.Index(
                        fields=["afiliado", "tipo", "grano", "desde"],
                        name="codigo_de_tramo_afiliado",
                    ),
                ],
            },
        ),
        migrations.RunPython(copiar, migrations.RunPython.noop, elidable=True),
    ]
