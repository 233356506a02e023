"""The partner's id of a refund is unique in its campaign, not in the programme."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def poner_campana(apps: Any, schema_editor: Any) -> None:
    """Give each movement the campaign of its sale."""
    conversiones = apps.get_model("conversiones", "Conversion").objects
    suya = conversiones.filter(pk=OuterRef("conversion_id")).values("campana_id")[:1]
    apps.get_model("conversiones", "MovimientoConversion").objects.update(campana_id=Subquery(suya))


class Migration(migrations.Migration):
    dependencies = [("conversiones", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="movimientoconversion",
            name="campana",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movimientos",
                to="conversiones.campana",
                verbose_name="campaña",
            ),
        ),
        migrations.RunPython(poner_campana, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="movimientoconversion",
            name="campana",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movimientos",
                to="conversiones.campana",
                verbose_name="campaña",
            ),
        ),
        migrations.AlterField(
            model_name="movimientoconversion",
            name="id_externo",
            field=models.CharField(max_length=128, verbose_name="identificador externo"),
        ),
        migrations.AlterField(
            model_name="devolucionpendiente",
            name="id_externo",
            field=models.CharField(max_length=128, verbose_name="identificador externo"),
        ),
        migrations.AddConstraint(
            model_name="movimientoconversion",
            constraint=models.UniqueConstraint(
                fields=("campana", "id_externo"), name="movimiento_unico"
            ),
        ),
        migrations.AddConstraint(
            model_name="devolucionpendiente",
            constraint=models.UniqueConstraint(
                fields=("campana", "id_externo"), name="devolucion_unica"
            ),
        ),
    ]
