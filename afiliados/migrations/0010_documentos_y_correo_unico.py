import unicodedata

from django.db import migrations, models

_POR_SENTENCIA = 1000


def _correo(email):
    return unicodedata.normalize("NFC", email.strip().lower())


def _guardar(Afiliado, filas):
    """The first of each e-mail gets it; the others stay NULL, which marks them."""
    correos = {fila.pk: _correo(fila.email) for fila in filas}
    tomados = set(
        Afiliado.objects.filter(correo_unico__in=set(correos.values())).values_list(
            "correo_unico", flat=True
        )
    )
    cambian = []
    for fila in filas:
        correo = correos[fila.pk]
        if correo and correo not in tomados:
            tomados.add(correo)
            fila.correo_unico = correo
            cambian.append(fila)
    Afiliado.objects.bulk_update(cambian, ["correo_unico"])


def marcar_correos(apps, schema_editor):
    """A thousand at a time, in the order in which they came; again after a cut, without harm."""
    Afiliado = apps.get_model("afiliados", "Afiliado")
    ultima = 0
    while filas := list(
        Afiliado.objects.filter(pk__gt=ultima, correo_unico=None)
        .order_by("pk")
        .only("pk", "email")[:_POR_SENTENCIA]
    ):
        _guardar(Afiliado, filas)
        ultima = filas[-1].pk


def completar_documentos(apps, schema_editor):
    """Colombian ones get their country and their form, unless somebody has that already. What does
    not check stays as it was written."""
    from afiliados.afiliado.documentos import documento_valido
    from afiliados.errores import DocumentoInvalido

    Afiliado = apps.get_model("afiliados", "Afiliado")
    suyos = Afiliado.objects.filter(
        documento_tipo__in=("NIT", "CC", "nit", "cc"), documento_pais=""
    )
    for fila in suyos.exclude(documento_numero=None).order_by("pk").iterator():
        try:
            tipo, pais, numero = documento_valido(fila.documento_tipo, "", fila.documento_numero)
        except DocumentoInvalido:
            continue
        forma = {"documento_tipo": tipo, "documento_pais": pais, "documento_numero": numero}
        if numero and not Afiliado.objects.filter(**forma).exists():
            Afiliado.objects.filter(pk=fila.pk).update(**forma)


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0009_cambios_recientes"),
    ]

    operations = [
        migrations.AddField(
            model_name="afiliado",
            name="documento_pais",
            field=models.CharField(blank=True, max_length=2, verbose_name="país del documento"),
        ),
        migrations.AddField(
            model_name="afiliado",
            name="correo_unico",
            field=models.CharField(editable=False, max_length=400, null=True, unique=True),
        ),
        migrations.RemoveConstraint(model_name="afiliado", name="afiliado_documento_unico"),
        migrations.AddConstraint(
            model_name="afiliado",
            constraint=models.UniqueConstraint(
                fields=("documento_tipo", "documento_pais", "documento_numero"),
                name="afiliado_documento_unico",
            ),
        ),
        migrations.RunPython(marcar_correos, migrations.RunPython.noop),
        migrations.RunPython(completar_documentos, migrations.RunPython.noop),
    ]
