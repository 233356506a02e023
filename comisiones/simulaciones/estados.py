"""States of backtests and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoSimulacion(models.TextChoices):
    """Life of a backtest."""

    ENCOLADA = "encolada", _("En cola")
    EN_CURSO = "en_curso", _("En curso")
    TERMINADA = "terminada", _("Terminada")
    FALLIDA = "fallida", _("Fallida")
    CANCELADA = "cancelada", _("Cancelada")


_S = EstadoSimulacion
SIMULACION = Maquina(
    entidad="simulacion",
    pasos={
        _S.ENCOLADA: frozenset({_S.EN_CURSO, _S.FALLIDA, _S.CANCELADA}),
        _S.EN_CURSO: frozenset({_S.TERMINADA, _S.FALLIDA, _S.CANCELADA}),
    },
)
