"""Payments on their way are posted from when they are sent."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from alpespartner.comun.identificadores import nuevo_id

TIPOS = [
    ("aprobacion", "Comisión aprobada"),
    ("pago", "Pago enviado"),
    ("liquidacion", "Pago liquidado"),
    ("impago", "Pago no hecho"),
    ("anulacion", "Comisión anulada"),
    ("reverso", "Devolución de la venta"),
    ("ajuste", "Ajuste"),
]


def _asentar(pagos: Any, apps: Any, tipo: str, signo: int) -> None:
    Asiento = apps.get_model("comisiones", "Asiento")
    Apunte = apps.get_model("comisiones", "Apunte")
    for pago in pagos.iterator():
        asiento = Asiento.objects.create(
            id_publico=nuevo_id("as"), tipo=tipo, origen=pago.id_publico
        )
        for cuenta, afiliado, importe in (
            ("por_pagar", pago.afiliado_id, pago.importe),
            ("compensacion", None, -pago.importe),
        ):
            Apunte.objects.create(
                asiento=asiento, cuenta=cuenta, afiliado_id=afiliado,
                importe=signo * importe, moneda=pago.moneda,
            )  # fmt: skip


def asentar(apps: Any, schema_editor: Any) -> None:
    """Entries that the payments without an answer, and those that failed, lack."""
    Pago = apps.get_model("comisiones", "Pago")
    enviados = Pago.objects.filter(estado__in=("enviando", "incierto", "fallido"))
    _asentar(enviados, apps, "pago", 1)
    _asentar(enviados.filter(estado="fallido"), apps, "impago", -1)


class Migration(migrations.Migration):
    """Entries posted at sending, and their mirror."""

    dependencies = [("comisiones", "0030_cupon_y_enlace")]

    operations = [
        migrations.AlterField(
            model_name="asiento",
            name="tipo",
            field=models.CharField(choices=TIPOS, max_length=16, verbose_name="tipo"),
        ),
        migrations.RunPython(asentar, migrations.RunPython.noop, elidable=True),
    ]
