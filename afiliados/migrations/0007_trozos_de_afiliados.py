from django.db import migrations

from afiliados.afiliado.busqueda import AFILIADOS
from alpespartner.comun.busqueda.reconstruccion import llenar


def apuntar(apps, schema_editor):
    """What there is already is found, too; ``reconstruir_busqueda`` does the same at any time."""
    for _leidas in llenar(AFILIADOS):
        pass


class Migration(migrations.Migration):
    # A thousand rows in each transaction.
    atomic = False

    dependencies = [
        ("afiliados", "0006_idioma_y_resumen"),
        ("comun", "0006_trozos_buscables"),
    ]

    operations = [migrations.RunPython(apuntar, migrations.RunPython.noop)]
