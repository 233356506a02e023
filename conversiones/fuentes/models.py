"""Imported files, and what became of each of their rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.db.campos import CampoJSON, campo_id_publico
from conversiones.campanas.models import Campana
from conversiones.fuentes.estados import EstadoImportacion, Resultado, TipoImportacion


class Importacion(models.Model):
    """A file that somebody uploaded, tried, and perhaps applied.

    ``huella`` is the SHA-256 of its content; ``aplicada`` repeats it once it is applied, which
    happens to a content once. ``columnas`` says which header each field is under, ``campana`` takes
    the rows that name none (NULL: the default one), and dates without a zone are of ``zona``.
    ``hasta`` is how many rows were gone over. ``sumas`` holds, per currency, how many rows were
    good and their sum as decimal text.
    """

    id_publico = campo_id_publico()
    tipo = models.CharField(_("qué trae"), max_length=16, choices=TipoImportacion.choices)
    nombre = models.CharField(_("fichero"), max_length=200)
    huella = models.CharField("SHA-256", max_length=64)
    aplicada = models.CharField(max_length=64, unique=True, null=True, editable=False)
    codificacion = models.CharField(_("codificación"), max_length=16)
    separador = models.CharField(_("separador"), max_length=1)
    cabecera = CampoJSON(_("cabecera"), default=list)
    columnas = CampoJSON(_("columnas"), default=dict)
    campana = models.ForeignKey(
        Campana,
        verbose_name=_("campaña"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    zona = models.CharField(_("zona horaria"), max_length=64, default="UTC")
    estado = models.CharField(
        _("estado"),
        max_length=16,
        choices=EstadoImportacion.choices,
        default=EstadoImportacion.POR_REVISAR,
    )
    total = models.PositiveIntegerField(_("filas"), default=0)
    hasta = models.PositiveIntegerField(default=0)
    creadas = models.PositiveIntegerField(_("creadas"), default=0)
    ya = models.PositiveIntegerField(_("ya estaban"), default=0)
    rechazadas = models.PositiveIntegerField(_("rechazadas"), default=0)
    sumas = CampoJSON(_("sumas"), default=dict)
    creada_por = models.CharField(_("subida por"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    creada_en = models.DateTimeField(_("subida"), default=timezone.now)
    confirmada_en = models.DateTimeField(_("aplicada"), null=True)
    actualizado_en = models.DateTimeField(_("actualizada"), default=timezone.now)

    class Meta:
        verbose_name = _("importación")
        verbose_name_plural = _("importaciones")
        indexes = [
            models.Index(fields=["estado", "id"], name="importacion_estado"),
            models.Index(fields=["estado", "actualizado_en"], name="importacion_noticias"),
        ]

    def __str__(self) -> str:
        return self.id_publico


class FicheroImportado(models.Model):
    """The content of an import, encrypted: it may name persons."""

    importacion = models.OneToOneField(
        Importacion, on_delete=models.CASCADE, related_name="fichero", primary_key=True
    )
    contenido_cifrado = models.TextField()

    class Meta:
        verbose_name = _("fichero importado")
        verbose_name_plural = _("ficheros importados")

    def __str__(self) -> str:
        return str(self.pk)


class FilaImportada(models.Model):
    """What became of the row of a file that begins at ``linea``: what it made (``objeto``), or
    which column is wrong and what to do. A rehearsal keeps only those that it would not create."""

    importacion = models.ForeignKey(
        Importacion,
        verbose_name=_("importación"),
        on_delete=models.CASCADE,
        related_name="filas",
    )
    linea = models.PositiveIntegerField(_("línea"))
    resultado = models.CharField(_("resultado"), max_length=16, choices=Resultado.choices)
    objeto = models.CharField(_("qué es"), max_length=40, blank=True)
    columna = models.CharField(_("columna"), max_length=100, blank=True)
    detalle = models.CharField(_("qué hacer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("fila importada")
        verbose_name_plural = _("filas importadas")
        constraints = [
            models.UniqueConstraint(fields=["importacion", "linea"], name="fila_importada_unica"),
        ]
        indexes = [
            models.Index(fields=["importacion", "resultado"], name="fila_importada_resultado")
        ]

    def __str__(self) -> str:
        return f"{self.importacion_id} {self.linea}"
