from django.db import migrations, models

_LLAVE = ("tipo", "codigo", "campana", "afiliado", "canal", "moneda")
_SUMAS = (
    "conversiones", "valor", "devuelto", "pendiente", "retenida", "aprobada", "programada",
    "pagada", "cerrada", "rechazada", "anulada", "ajustado",
)  # fmt: skip
_POR_VEZ = 2_000


def _escritos(plazos):
    return ",".join(f"{horas},{n}" for horas, n in sorted(plazos.items()) if n)


def juntar(apps, schema_editor):
    """How long approvals took goes into the row of its figures; and what each code had in each
    quarter and year is what its months add up to."""
    cifras = apps.get_model("comisiones", "CifraDeCodigo").objects
    plazos = apps.get_model("comisiones", "PlazoDeCodigo").objects
    anos = cifras.order_by().values_list("desde__year", flat=True).distinct()
    # A day that is none, in MySQL, no service wrote.
    for ano in sorted(uno for uno in anos if uno):
        por_clave = {}
        filas = plazos.filter(desde__year=ano)
        for *clave, horas, cuantas in filas.values_list(
            "grano", "desde", *_LLAVE, "horas", "cuantas"
        ).iterator(chunk_size=_POR_VEZ):
            por_clave.setdefault(tuple(clave), {})[horas] = cuantas
        largas, cambian = {}, []
        suyas = cifras.filter(desde__year=ano, grano__in=("d", "m"))
        for cifra in suyas.iterator(chunk_size=_POR_VEZ):
            clave = tuple(getattr(cifra, campo) for campo in _LLAVE)
            de_ella = por_clave.pop((cifra.grano, cifra.desde, *clave), {})
            if de_ella:
                cifra.plazos = _escritos(de_ella)
                cambian.append(cifra)
            if len(cambian) == _POR_VEZ:
                cifras.bulk_update(cambian, ["plazos"], batch_size=500)
                cambian = []
            if cifra.grano == "d":
                continue
            for grano, meses in (("t", 3), ("a", 12)):
                mes = (cifra.desde.month - 1) // meses * meses + 1
                sumas, juntos = largas.setdefault(
                    (grano, cifra.desde.replace(month=mes), *clave), ([0] * len(_SUMAS), {})
                )
                sumas[:] = [
                    n + getattr(cifra, campo) for n, campo in zip(sumas, _SUMAS, strict=True)
                ]
                for horas, cuantas in de_ella.items():
                    juntos[horas] = juntos.get(horas, 0) + cuantas
        cifras.bulk_update(cambian, ["plazos"], batch_size=500)
        cifras.bulk_create(
            [
                cifras.model(
                    **dict(zip(("grano", "desde", *_LLAVE), clave, strict=True)),
                    **dict(zip(_SUMAS, sumas, strict=True)),
                    plazos=_escritos(juntos),
                )
                for clave, (sumas, juntos) in largas.items()
            ],
            batch_size=500,
        )


def _separar(apps, schema_editor):
    """Nothing but what was not there before: plazos of codes are made anew."""
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
