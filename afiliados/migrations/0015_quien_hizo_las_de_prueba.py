from typing import Any

from django.conf import settings
from django.db import migrations, models


def apuntar(apps: Any, schema_editor: Any) -> None:
    """In a sandbox that already has keys: which live key asked for each, of its history."""
    if not settings.PRUEBAS:
        return
    claves = apps.get_model("afiliados", "ClaveAPI").objects
    hechas = apps.get_model("comun", "Historial").objects.filter(entidad="clave", accion="crear")
    for id_clave, datos in hechas.values_list("entidad_id", "datos").iterator():
        quien, _dos_puntos, de = str(datos.get("pide", "")).partition(":")
        if quien == "clave":
            # And those that were made or rotated of it.
            claves.filter(cadena=id_clave).update(hecha_por=de[:16])


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0014_ventana_de_un_afiliado"),
        ("comun", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="claveapi",
            name="hecha_por",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name="claveapi",
            name="pruebas_por_revocar",
            field=models.PositiveIntegerField(db_index=True, default=0, editable=False),
        ),
        migrations.RunPython(apuntar, migrations.RunPython.noop),
    ]
