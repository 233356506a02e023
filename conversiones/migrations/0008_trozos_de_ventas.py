from django.db import migrations

from alpespartner.comun.busqueda.reconstruccion import llenar
from conversiones.campanas.busqueda import CAMPANAS
from conversiones.ventas.busqueda import VENTAS


def apuntar(apps, schema_editor):
    """What there is already is found, too; ``reconstruir_busqueda`` does the same at any time."""
    for buscable in (CAMPANAS, VENTAS):
        for _leidas in llenar(buscable):
            pass


class Migration(migrations.Migration):
    # A thousand rows in each transaction.
    atomic = False

    dependencies = [
        ("conversiones", "0007_entrada_a_mano_y_por_fichero"),
        ("comun", "0006_trozos_buscables"),
    ]

    operations = [migrations.RunPython(apuntar, migrations.RunPython.noop)]
