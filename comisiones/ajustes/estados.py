"""States of adjustments and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoAjuste(models.TextChoices):
    """Life of an adjustment."""

    BORRADOR = "borrador", _("Borrador")
    APROBADO = "aprobado", _("Aprobado")
    CONTABILIZADO = "contabilizado", _("Contabilizado")
    DESCARTADO = "descartado", _("Descartado")


_A = EstadoAjuste
AJUSTE = Maquina(
    entidad="ajuste",
    pasos={
        _A.BORRADOR: frozenset({_A.APROBADO, _A.DESCARTADO}),
        _A.APROBADO: frozenset({_A.CONTABILIZADO}),
    },
)
