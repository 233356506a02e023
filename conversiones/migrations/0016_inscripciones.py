import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("afiliados", "0009_cambios_recientes"),
        ("conversiones", "0015_presupuestos"),
    ]

    operations = [
        migrations.AddField(
            model_name="campana",
            name="inscripcion_desde",
            field=models.DateTimeField(
                default=None, editable=False, null=True, verbose_name="con inscripción desde"
            ),
        ),
        migrations.CreateModel(
            name="TerminosCampana",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("numero", models.PositiveIntegerField(editable=False, verbose_name="versión")),
                ("texto", models.TextField(max_length=20000, verbose_name="texto")),
                (
                    "publicado_por",
                    models.CharField(editable=False, max_length=80, verbose_name="publicados por"),
                ),
                (
                    "publicado_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="publicados",
                    ),
                ),
                (
                    "campana",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terminos",
                        to="conversiones.campana",
                        verbose_name="campaña",
                    ),
                ),
            ],
            options={
                "verbose_name": "términos de campaña",
                "verbose_name_plural": "términos de campañas",
                "indexes": [models.Index(fields=["campana", "id"], name="terminos_campana")],
                "constraints": [
                    models.UniqueConstraint(fields=("campana", "numero"), name="terminos_unicos")
                ],
            },
        ),
        migrations.CreateModel(
            name="Inscripcion",
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
                (
                    "estado",
                    models.CharField(
                        choices=[
                            ("invitado", "Invitado"),
                            ("solicitado", "Solicitado"),
                            ("inscrito", "Inscrito"),
                            ("retirado", "Retirado"),
                            ("rechazado", "Rechazado"),
                        ],
                        editable=False,
                        max_length=16,
                        verbose_name="estado",
                    ),
                ),
                (
                    "terminos",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="términos aceptados"
                    ),
                ),
                (
                    "aceptados_en",
                    models.DateTimeField(editable=False, null=True, verbose_name="aceptados"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "creada_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="creada"
                    ),
                ),
                (
                    "actualizado_en",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="actualizada",
                    ),
                ),
                (
                    "afiliado",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscripciones",
                        to="afiliados.afiliado",
                        verbose_name="afiliado",
                    ),
                ),
                (
                    "campana",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscripciones",
                        to="conversiones.campana",
                        verbose_name="campaña",
                    ),
                ),
            ],
            options={
                "verbose_name": "inscripción",
                "verbose_name_plural": "inscripciones",
                "permissions": [
                    ("decidir_inscripcion", "Puede aceptar, rechazar y retirar inscripciones")
                ],
                "indexes": [
                    models.Index(fields=["estado", "id"], name="inscripcion_estado"),
                    models.Index(
                        fields=["campana", "estado", "id"], name="inscripcion_campana_estado"
                    ),
                    models.Index(fields=["campana", "id"], name="inscripcion_campana"),
                    models.Index(fields=["campana", "afiliado", "id"], name="inscripcion_de_ambos"),
                    models.Index(fields=["afiliado", "estado", "id"], name="inscripcion_de_estado"),
                    models.Index(fields=["afiliado", "id"], name="inscripcion_afiliado"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campana", "afiliado"), name="inscripcion_unica"
                    )
                ],
            },
        ),
    ]
