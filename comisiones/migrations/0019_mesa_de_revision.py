"""The review queue's filters by index, coded reasons, and approvals that are undone any number of
times: an entry of the ledger says which time it is."""

from django.db import migrations, models

from comisiones.libro import disparadores

MOTIVOS = [
    ("fraude", "Fraude"),
    ("error_cliente", "Error del cliente"),
    ("articulo_devuelto", "Artículo devuelto"),
    ("error_pedido", "Error en el pedido"),
    ("pedido_actualizado", "Pedido actualizado"),
    ("disputa_partner", "Disputa del afiliado"),
    ("disputa_marca", "Disputa de la marca"),
    ("incumple_condiciones", "Incumple las condiciones"),
    ("sin_existencias", "Sin existencias"),
    ("duplicada", "Duplicada"),
    ("prueba", "Pedido de prueba"),
]


def quitar(apps, schema_editor):
    disparadores.quitar(schema_editor.connection, disparadores.LIBRO)


def crear(apps, schema_editor):
    disparadores.crear(schema_editor.connection, disparadores.LIBRO)


class Migration(migrations.Migration):
    # MySQL commits at each CREATE TRIGGER.
    atomic = False

    dependencies = [("comisiones", "0018_contadores_por_mes")]

    operations = [
        # SQLite makes the table anew for a column of its own, and its triggers go with the old one.
        migrations.RunPython(quitar, crear),
        migrations.AddField(
            model_name="asiento",
            name="vez",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="vez"),
        ),
        migrations.AlterField(
            model_name="asiento",
            name="tipo",
            field=models.CharField(
                choices=[
                    ("aprobacion", "Comisión aprobada"),
                    ("pago", "Pago enviado"),
                    ("liquidacion", "Pago liquidado"),
                    ("impago", "Pago no hecho"),
                    ("anulacion", "Comisión anulada"),
                    ("reverso", "Devolución de la venta"),
                    ("ajuste", "Ajuste"),
                    ("devolucion", "Comisión devuelta a revisión"),
                    ("reaprobacion", "Comisión aprobada otra vez"),
                    ("reanulacion", "Comisión anulada otra vez"),
                ],
                max_length=16,
                verbose_name="tipo",
            ),
        ),
        migrations.RemoveConstraint(model_name="asiento", name="asiento_unico"),
        migrations.AddConstraint(
            model_name="asiento",
            constraint=models.UniqueConstraint(
                fields=("origen", "tipo", "vez"), name="asiento_unico"
            ),
        ),
        migrations.RunPython(crear, quitar),
        migrations.AddField(
            model_name="comision",
            name="motivo_codigo",
            field=models.CharField(
                blank=True,
                choices=MOTIVOS,
                default="",
                max_length=24,
                verbose_name="código del motivo",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="decisionenmasa",
            name="motivo_codigo",
            field=models.CharField(
                blank=True,
                choices=MOTIVOS,
                default="",
                max_length=24,
                verbose_name="código del motivo",
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="comision",
            index=models.Index(fields=["estado", "creada_en"], name="comision_calculada"),
        ),
        migrations.AddIndex(
            model_name="comision",
            index=models.Index(fields=["estado", "moneda", "monto"], name="comision_importe"),
        ),
        migrations.AddIndex(
            model_name="comision",
            index=models.Index(fields=["estado", "motivo_retencion"], name="comision_retenida_por"),
        ),
        migrations.AddIndex(
            model_name="comision",
            index=models.Index(fields=["regla", "estado"], name="comision_regla_estado"),
        ),
    ]
