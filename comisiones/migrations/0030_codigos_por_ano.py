import json
from collections import Counter
from operator import add

from django.db import migrations, models
from django.db.models import Max, Min

_LLAVE = ("tipo", "codigo", "campana", "afiliado", "canal", "moneda")
_SUMAS = (
    "conversiones", "valor", "devuelto", "pendiente", "retenida", "aprobada", "programada",
    "pagada", "cerrada", "rechazada", "anulada", "ajustado",
)  # fmt: skip
# Before the sums: the day, the key and the hours.
_LARGO = len(_LLAVE) + 2
_JUNTOS = {
    "mysql": "GROUP_CONCAT(CONCAT(p.horas, ',', p.cuantas) ORDER BY p.horas)",
    # The unique index of those of a figure has them in order.
    "sqlite": "group_concat(p.horas || ',' || p.cuantas)",
}


def juntar(apps, schema_editor):
    """How long approvals took goes into the row of its figures; and what each code had in each
    quarter and year is what its months add up to."""
    modelo = apps.get_model("comisiones", "CifraDeCodigo")
    plazo = apps.get_model("comisiones", "PlazoDeCodigo")
    cifras = modelo.objects
    suya = modelo._meta.db_table
    iguales = " AND ".join(f"p.{c} = {suya}.{c}" for c in (*_LLAVE, "grano", "desde"))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE /*+ SET_VAR(group_concat_max_len = 1073741824) */ {suya}"  # noqa: S608
            f" SET plazos = COALESCE((SELECT {_JUNTOS[schema_editor.connection.vendor]}"
            f" FROM {plazo._meta.db_table} p WHERE {iguales} AND p.cuantas <> 0), '')"
        )
    extremos = cifras.filter(grano="m").aggregate(menor=Min("desde"), mayor=Max("desde"))
    if extremos["menor"] is None:
        return
    for ano in range(extremos["menor"].year, extremos["mayor"].year + 1):
        largas = {}
        filas = cifras.filter(desde__year=ano, grano="m").values_list(
            "desde", *_LLAVE, "plazos", *_SUMAS
        )
        for fila in filas.iterator(chunk_size=2_000):
            desde, *clave = fila[: _LARGO - 1]
            seguidos = iter(json.loads(f"[{fila[_LARGO - 1]}]"))
            plazos = list(zip(seguidos, seguidos, strict=True))
            for grano, meses in (("t", 3), ("a", 12)):
                primero = desde.replace(month=(desde.month - 1) // meses * meses + 1)
                sumas, juntos = largas.setdefault(
                    (grano, primero, *clave), ([0] * len(_SUMAS), Counter())
                )
                sumas[:] = map(add, sumas, fila[_LARGO:])
                for horas, cuantas in plazos:
                    juntos[horas] += cuantas
        cifras.bulk_create(
            [
                modelo(
                    **dict(zip(("grano", "desde", *_LLAVE), clave, strict=True)),
                    **dict(zip(_SUMAS, sumas, strict=True)),
                    plazos=",".join(f"{h},{n}" for h, n in sorted(juntos.items()) if n),
                )
                for clave, (sumas, juntos) in largas.items()
            ],
            batch_size=500,
        )


def _separar(apps, schema_editor):
    apps.get_model("comisiones", "CifraDeCodigo").objects.filter(grano__in=("t", "a")).delete()


class Migration(migrations.Migration):
    dependencies = [("comisiones", "0029_reportes_y_codigos")]

    operations = [
        migrations.AlterField(
            model_name="cifradecodigo",
            name="grano",
            field=models.CharField(
                choices=[("d", "Día"), ("m", "Mes"), ("t", "Trimestre"), ("a", "Año")],
                max_length=1,
                verbose_name="tramo",
            ),
        ),
        migrations.AddField(
            model_name="cifradecodigo",
            name="plazos",
            field=models.TextField(
                blank=True, db_default="", default="", verbose_name="plazos de aprobación"
            ),
        ),
        migrations.RunPython(juntar, _separar, elidable=True),
        # The table itself goes in a later version: the one before still writes to it.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="PlazoDeCodigo")]
        ),
    ]
