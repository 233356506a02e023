"""Imports as data: what they bring, their states, and what may become of each row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class TipoImportacion(models.TextChoices):
    """What a file brings."""

    VENTAS = "ventas", _("Ventas")
    DEVOLUCIONES = "devoluciones", _("Devoluciones")
    AFILIADOS = "afiliados", _("Afiliados")


class EstadoImportacion(models.TextChoices):
    """Life of an import; one that nobody confirms is forgotten."""

    POR_REVISAR = "por_revisar", _("Faltan columnas")
    ENSAYANDO = "ensayando", _("Se está ensayando")
    POR_CONFIRMAR = "por_confirmar", _("Por confirmar")
    EN_CURSO = "en_curso", _("En curso")
    TERMINADA = "terminada", _("Terminada")
    DETENIDA = "detenida", _("Detenida")


_I = EstadoImportacion
IMPORTACION = Maquina(
    entidad="importacion",
    pasos={
        _I.POR_REVISAR: frozenset({_I.ENSAYANDO}),
        _I.ENSAYANDO: frozenset({_I.POR_CONFIRMAR}),
        # Other columns: it is tried again.
        _I.POR_CONFIRMAR: frozenset({_I.EN_CURSO, _I.ENSAYANDO}),
        _I.EN_CURSO: frozenset({_I.TERMINADA, _I.DETENIDA}),
        _I.DETENIDA: frozenset({_I.EN_CURSO}),
    },
)
# A task has something to do.
VIVAS = (_I.ENSAYANDO, _I.EN_CURSO)
# Its columns may still be corrected.
CORREGIBLES = (_I.POR_REVISAR, _I.POR_CONFIRMAR)
# Nothing of it was applied.
SIN_APLICAR = (_I.POR_REVISAR, _I.ENSAYANDO, _I.POR_CONFIRMAR)


class Resultado(models.TextChoices):
    """What became of a row, or would in a rehearsal."""

    CREADA = "creada", _("Creada")
    YA = "ya", _("Ya estaba")
    RECHAZADA = "rechazada", _("Rechazada")
