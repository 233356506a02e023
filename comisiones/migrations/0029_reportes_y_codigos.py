import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversiones.campanas.models


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0012_datos_borrados"),
        ("comisiones", "0028_correcciones_por_fichero"),
        ("conversiones", "0018_ventas_con_su_cliente"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="medida",
            name="cupon",
            field=models.CharField(blank=True, max_length=64, verbose_name="cupón"),
        ),
        migrations.AddField(
            model_name="medida",
            name="enlace",
            field=models.CharField(blank=True, max_length=64, verbose_name="enlace"),
        ),
        migrations.CreateModel(
            name="CifraDeCodigo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                (
                    "grano",
                    models.CharField(
                        choices=[("d", "Día"), ("m", "Mes")], max_length=1, verbose_name="tramo"
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                ("conversiones", models.BigIntegerField(default=0, verbose_name="conversiones")),
                ("valor", models.BigIntegerField(default=0, verbose_name="valor")),
                ("devuelto", models.BigIntegerField(default=0, verbose_name="devuelto")),
                ("pendiente", models.BigIntegerField(default=0, verbose_name="pendiente")),
                ("retenida", models.BigIntegerField(default=0, verbose_name="retenida")),
                ("aprobada", models.BigIntegerField(default=0, verbose_name="aprobada")),
                ("programada", models.BigIntegerField(default=0, verbose_name="programada")),
                ("pagada", models.BigIntegerField(default=0, verbose_name="pagada")),
                ("cerrada", models.BigIntegerField(default=0, verbose_name="cerrada")),
                ("rechazada", models.BigIntegerField(default=0, verbose_name="rechazada")),
                ("anulada", models.BigIntegerField(default=0, verbose_name="anulada")),
                ("ajustado", models.BigIntegerField(default=0, verbose_name="ajustado")),
                (
                    "tipo",
                    models.CharField(
                        choices=[("c", "Cupón"), ("e", "Enlace")], max_length=1, verbose_name="tipo"
                    ),
                ),
                ("codigo", models.CharField(max_length=64, verbose_name="código")),
            ],
            options={
                "verbose_name": "cifra de un código",
                "verbose_name_plural": "cifras de códigos",
                "indexes": [
                    models.Index(fields=["tipo", "grano", "desde"], name="cifra_de_codigo"),
                    models.Index(
                        fields=["campana", "tipo", "grano", "desde"], name="cifra_de_codigo_campana"
                    ),
                    models.Index(
                        fields=["afiliado", "tipo", "grano", "desde"],
                        name="cifra_de_codigo_afiliado",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "tipo",
                            "codigo",
                            "campana",
                            "afiliado",
                            "grano",
                            "desde",
                            "canal",
                            "moneda",
                        ),
                        name="cifra_de_codigo_unica",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlazoDeCodigo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("campana", models.BigIntegerField(verbose_name="campaña")),
                ("afiliado", models.BigIntegerField(verbose_name="afiliado")),
                (
                    "grano",
                    models.CharField(
                        choices=[("d", "Día"), ("m", "Mes")], max_length=1, verbose_name="tramo"
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(max_length=3, verbose_name="moneda")),
                (
                    "tipo",
                    models.CharField(
                        choices=[("c", "Cupón"), ("e", "Enlace")], max_length=1, verbose_name="tipo"
                    ),
                ),
                ("codigo", models.CharField(max_length=64, verbose_name="código")),
                ("horas", models.IntegerField(verbose_name="horas")),
                ("cuantas", models.BigIntegerField(default=0, verbose_name="cuántas")),
            ],
            options={
                "verbose_name": "plazo de un código",
                "verbose_name_plural": "plazos de códigos",
                "indexes": [
                    models.Index(fields=["tipo", "grano", "desde"], name="plazo_de_codigo"),
                    models.Index(
                        fields=["campana", "tipo", "grano", "desde"], name="plazo_de_codigo_campana"
                    ),
                    models.Index(
                        fields=["afiliado", "tipo", "grano", "desde"],
                        name="plazo_de_codigo_afiliado",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "tipo",
                            "codigo",
                            "campana",
                            "afiliado",
                            "grano",
                            "desde",
                            "canal",
                            "moneda",
                            "horas",
                        ),
                        name="plazo_de_codigo_unico",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reporte",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "id_publico",
                    models.CharField(
                        editable=False, max_length=40, unique=True, verbose_name="identificador"
                    ),
                ),
                ("nombre", models.CharField(max_length=60, verbose_name="nombre")),
                (
                    "agrupar",
                    models.CharField(
                        choices=[
                            ("dia", "Día"),
                            ("semana", "Semana"),
                            ("mes", "Mes"),
                            ("campana", "Campaña"),
                            ("afiliado", "Afiliado"),
                            ("canal", "Canal"),
                            ("cupon", "Cupón"),
                            ("enlace", "Enlace"),
                            ("total", "Total"),
                        ],
                        default="campana",
                        max_length=16,
                        verbose_name="una línea por",
                    ),
                ),
                ("canal", models.CharField(blank=True, max_length=64, verbose_name="canal")),
                ("moneda", models.CharField(blank=True, max_length=3, verbose_name="moneda")),
                ("columnas", models.JSONField(default=list, verbose_name="columnas")),
                (
                    "periodo",
                    models.CharField(
                        choices=[
                            ("dia", "Un día"),
                            ("semana", "Una semana, desde el lunes"),
                            ("mes", "Un mes"),
                        ],
                        default="mes",
                        max_length=8,
                        verbose_name="de cuántos días",
                    ),
                ),
                (
                    "zona",
                    models.CharField(
                        default=conversiones.campanas.models.zona_del_programa,
                        max_length=64,
                        verbose_name="zona horaria",
                    ),
                ),
                ("hora", models.PositiveSmallIntegerField(default=8, verbose_name="hora")),
                (
                    "programado",
                    models.BooleanField(default=False, verbose_name="lo envía el reloj"),
                ),
                ("compartido", models.BooleanField(default=False, verbose_name="compartido")),
                (
                    "toca_en",
                    models.DateTimeField(editable=False, null=True, verbose_name="próximo envío"),
                ),
                (
                    "problema",
                    models.CharField(
                        blank=True, editable=False, max_length=300, verbose_name="por qué no salió"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "creado_por",
                    models.CharField(editable=False, max_length=80, verbose_name="guardado por"),
                ),
                (
                    "creado_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="guardado"
                    ),
                ),
                (
                    "actualizado_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="actualizado",
                    ),
                ),
                (
                    "retirado_en",
                    models.DateTimeField(editable=False, null=True, verbose_name="retirado"),
                ),
                (
                    "afiliado",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="afiliados.afiliado",
                        verbose_name="afiliado",
                    ),
                ),
                (
                    "campana",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversiones.campana",
                        verbose_name="campaña",
                    ),
                ),
                (
                    "destinatarios",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="a quién",
                    ),
                ),
            ],
            options={
                "verbose_name": "reporte",
                "verbose_name_plural": "reportes",
                "permissions": [
                    ("programar_reporte", "Puede compartir, programar y enviar reportes")
                ],
            },
        ),
        migrations.CreateModel(
            name="EnvioReporte",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "id_publico",
                    models.CharField(
                        editable=False, max_length=40, unique=True, verbose_name="identificador"
                    ),
                ),
                ("desde", models.DateField(verbose_name="desde")),
                ("hasta", models.DateField(verbose_name="hasta")),
                ("documento", models.TextField(verbose_name="documento")),
                ("huella", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("lineas", models.PositiveIntegerField(verbose_name="líneas")),
                ("diferencias", models.PositiveIntegerField(verbose_name="diferencias")),
                ("destinatarios", models.JSONField(default=list, verbose_name="a quién")),
                ("enviado_por", models.CharField(max_length=80, verbose_name="enviado por")),
                (
                    "enviado_en",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="enviado"),
                ),
                (
                    "reporte",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="envios",
                        to="comisiones.reporte",
                        verbose_name="reporte",
                    ),
                ),
            ],
            options={
                "verbose_name": "envío de un reporte",
                "verbose_name_plural": "envíos de reportes",
            },
        ),
        migrations.AddIndex(
            model_name="reporte",
            index=models.Index(fields=["toca_en"], name="reporte_toca"),
        ),
        migrations.AddIndex(
            model_name="reporte",
            index=models.Index(fields=["creado_por", "id"], name="reporte_de_quien"),
        ),
        migrations.AddIndex(
            model_name="reporte",
            index=models.Index(fields=["compartido", "id"], name="reporte_compartido"),
        ),
        migrations.AddIndex(
            model_name="envioreporte",
            index=models.Index(fields=["reporte", "id"], name="envio_de_reporte"),
        ),
        migrations.AddConstraint(
            model_name="envioreporte",
            constraint=models.UniqueConstraint(
                fields=("reporte", "desde", "hasta"), name="envio_del_periodo"
            ),
        ),
    ]
