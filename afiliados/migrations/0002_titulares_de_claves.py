"""Which keys are one holder's, and the scopes that were split from others."""

import unicodedata

from django.db import migrations, models


# As ``afiliados.claves.selectors.titular_normal`` was when this was written.
def _normal(titular):
    texto = unicodedata.normalize("NFKC", titular)
    visibles = "".join(
        c for c in texto if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()
    )
    return " ".join(visibles.casefold().split())[:100]


# What a key could do stays so.
SEPARADOS = {
    "comisiones:leer": "pagos:leer",
    "conversiones:escribir": "conversiones:devolver",
}
DE_LA_DEMO = "Demostración"
SOLO_DE_LA_DEMO = ("comisiones:aprobar_propias", "conversiones:antiguas")


def rellenar(apps, schema_editor):
    claves = apps.get_model("afiliados", "ClaveAPI").objects.using(schema_editor.connection.alias)
    historial = apps.get_model("comun", "Historial").objects.using(schema_editor.connection.alias)
    anterior = {
        fila.datos.get("nueva"): fila.entidad_id
        for fila in historial.filter(entidad="clave", accion="rotar")
    }
    for clave in claves.all():
        primera = clave.id_clave
        while anterior.get(primera):
            primera = anterior[primera]
        clave.cadena = primera
        clave.titular_normal = _normal(clave.titular)
        alcances = set(clave.alcances)
        alcances |= {nuevo for viejo, nuevo in SEPARADOS.items() if viejo in alcances}
        if clave.titular == DE_LA_DEMO and "comisiones:aprobar" in alcances:
            alcances |= set(SOLO_DE_LA_DEMO)
        clave.alcances = sorted(alcances)
        clave.save()


class Migration(migrations.Migration):
    dependencies = [("afiliados", "0001_initial"), ("comun", "0001_initial")]

    operations = [
        migrations.AddField(
            "claveapi",
            "cadena",
            models.CharField(default="", editable=False, max_length=16, db_index=True),
            preserve_default=False,
        ),
        migrations.AddField(
            "claveapi",
            "titular_normal",
            models.CharField(default="", editable=False, max_length=100, db_index=True),
            preserve_default=False,
        ),
        migrations.RunPython(rellenar, migrations.RunPython.noop),
    ]
