"""States of campaigns and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoCampana(models.TextChoices):
    """Life of a campaign."""

    BORRADOR = "borrador", _("Borrador")
    ACTIVA = "activa", _("Activa")
    PAUSADA = "pausada", _("Pausada")
    FINALIZADA = "finalizada", _("Finalizada")


_C = EstadoCampana
CAMPANA = Maquina(
    entidad="campana",
    pasos={
        _C.BORRADOR: frozenset({_C.ACTIVA}),
        _C.ACTIVA: frozenset({_C.PAUSADA, _C.FINALIZADA}),
        _C.PAUSADA: frozenset({_C.ACTIVA, _C.FINALIZADA}),
    },
)
