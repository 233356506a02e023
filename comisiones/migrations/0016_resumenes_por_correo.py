import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

# What the mails of before were about, by their subject.
CLASES = {
    "Pago enviado": "pago",
    "Pago devuelto": "pago_devuelto",
    "Cambió tu cuenta bancaria": "cuenta",
    "Cambió tu correo": "correo",
    "Tu cuenta está activa": "activacion",
}
INTENTOS_DE_ANTES = 5


def poner_al_dia(apps, schema_editor):
    """What was about to be tried again waits, and what was sent says when."""
    correos = apps.get_model("comisiones", "Notificacion").objects
    correos.filter(estado="enviada").update(enviada_en=F("toca_en"))
    correos.filter(estado="fallida", intentos__lt=INTENTOS_DE_ANTES).update(estado="pendiente")
    for asunto, clase in CLASES.items():
        correos.filter(asunto=asunto).update(clase=clase)


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0006_idioma_y_resumen"),
        ("comisiones", "0015_contadores"),
    ]

    operations = [
        migrations.CreateModel(
            name="Novedad",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evento_id", models.CharField(max_length=36, unique=True, verbose_name="evento")),
                (
                    "clase",
                    models.CharField(
                        choices=[
                            ("aprobada", "Aprobadas"),
                            ("quitada", "Quitadas por devoluciones"),
                            ("rechazada", "Rechazadas"),
                            ("anulada", "Anuladas"),
                            ("ajuste", "Ajustes"),
                            ("retenida", "Retenidas"),
                            ("devuelta", "Otra vez en revisión"),
                        ],
                        max_length=16,
                        verbose_name="de qué",
                    ),
                ),
                (
                    "referencia",
                    models.CharField(blank=True, max_length=128, verbose_name="referencia"),
                ),
                (
                    "monto",
                    models.DecimalField(decimal_places=4, max_digits=19, verbose_name="monto"),
                ),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("motivo", models.CharField(blank=True, max_length=500, verbose_name="motivo")),
                ("ocurrida_en", models.DateTimeField(verbose_name="fecha")),
                ("toca_en", models.DateTimeField(verbose_name="se cuenta")),
            ],
            options={
                "verbose_name": "novedad",
                "verbose_name_plural": "novedades",
            },
        ),
        migrations.AlterModelOptions(
            name="notificacion",
            options={
                "permissions": [("reenviar_notificacion", "Puede enviar otra vez un correo")],
                "verbose_name": "correo",
                "verbose_name_plural": "correos",
            },
        ),
        migrations.RemoveIndex(
            model_name="notificacion",
            name="notificacion_estado",
        ),
        migrations.RenameField(
            model_name="notificacion",
            old_name="actualizada_en",
            new_name="toca_en",
        ),
        migrations.AddField(
            model_name="notificacion",
            name="clase",
            field=models.CharField(
                choices=[
                    ("resumen", "Resumen"),
                    ("pago", "Pago enviado"),
                    ("pago_devuelto", "Pago devuelto"),
                    ("pago_fallido", "Pago no hecho"),
                    ("cuenta", "Cuenta bancaria"),
                    ("correo", "Cambio de correo"),
                    ("activacion", "Activación"),
                    ("comision", "Comisión aprobada"),
                ],
                default="comision",
                max_length=16,
                verbose_name="de qué",
            ),
        ),
        migrations.AddField(
            model_name="notificacion",
            name="dia",
            field=models.DateField(null=True, verbose_name="día del resumen"),
        ),
        migrations.AddField(
            model_name="notificacion",
            name="enviada_en",
            field=models.DateTimeField(null=True, verbose_name="enviada"),
        ),
        migrations.AddField(
            model_name="notificacion",
            name="html",
            field=models.TextField(blank=True, editable=False, verbose_name="texto con formato"),
        ),
        migrations.AlterField(
            model_name="notificacion",
            name="intentos",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="intentos fallidos"),
        ),
        migrations.AlterField(
            model_name="notificacion",
            name="toca_en",
            field=models.DateTimeField(
                default=django.utils.timezone.now, verbose_name="próximo intento"
            ),
        ),
        migrations.AddField(
            model_name="notificacion",
            name="vez",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="reenvíos"),
        ),
        migrations.RunPython(poner_al_dia, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="notificacion",
            name="creada_en",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="escrita"),
        ),
        migrations.AlterField(
            model_name="notificacion",
            name="cuerpo",
            field=models.TextField(verbose_name="texto"),
        ),
        migrations.AlterField(
            model_name="notificacion",
            name="detalle",
            field=models.CharField(blank=True, max_length=200, verbose_name="por qué no salió"),
        ),
        migrations.AddIndex(
            model_name="notificacion",
            index=models.Index(fields=["estado", "toca_en"], name="notificacion_toca"),
        ),
        migrations.AddIndex(
            model_name="notificacion",
            index=models.Index(fields=["creada_en"], name="notificacion_creada"),
        ),
        migrations.AddIndex(
            model_name="notificacion",
            index=models.Index(fields=["estado", "id"], name="notificacion_estado"),
        ),
        migrations.AddIndex(
            model_name="notificacion",
            index=models.Index(fields=["clase", "id"], name="notificacion_clase"),
        ),
        migrations.AddIndex(
            model_name="notificacion",
            index=models.Index(fields=["afiliado", "id"], name="notificacion_afiliado"),
        ),
        migrations.AddConstraint(
            model_name="notificacion",
            constraint=models.UniqueConstraint(fields=("afiliado", "dia"), name="resumen_del_dia"),
        ),
        migrations.AddField(
            model_name="novedad",
            name="afiliado",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="afiliados.afiliado",
            ),
        ),
        migrations.AddField(
            model_name="novedad",
            name="notificacion",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="novedades",
                to="comisiones.notificacion",
            ),
        ),
        migrations.AddIndex(
            model_name="novedad",
            index=models.Index(
                fields=["notificacion", "toca_en", "afiliado"], name="novedad_debida"
            ),
        ),
        migrations.AddIndex(
            model_name="novedad",
            index=models.Index(fields=["afiliado", "notificacion"], name="novedad_afiliado"),
        ),
    ]
