"""States of conversions and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoConversion(models.TextChoices):
    """Life of a conversion."""

    RECIBIDA = "recibida", _("Recibida")
    VALIDADA = "validada", _("Validada")
    RECHAZADA = "rechazada", _("Rechazada")
    REVERTIDA_PARCIAL = "revertida_parcial", _("Revertida en parte")
    REVERTIDA = "revertida", _("Revertida")


_V = EstadoConversion
CONVERSION = Maquina(
    entidad="conversion",
    pasos={
        # A shop may refund what nobody has validated yet.
        _V.RECIBIDA: frozenset({_V.VALIDADA, _V.RECHAZADA, _V.REVERTIDA_PARCIAL, _V.REVERTIDA}),
        _V.VALIDADA: frozenset({_V.REVERTIDA_PARCIAL, _V.REVERTIDA}),
        _V.REVERTIDA_PARCIAL: frozenset({_V.REVERTIDA_PARCIAL, _V.REVERTIDA}),
    },
)

# Not among the steps of a person: a refused sale comes back only when its shop sends it again.
VUELTA = Maquina(entidad="conversion", pasos={_V.RECHAZADA: frozenset({_V.RECIBIDA})})

# Nobody earns anything from these, whatever the rules.
SIN_COMISION = frozenset({_V.RECHAZADA, _V.REVERTIDA})
# Something of these was taken back.
CON_DEVOLUCIONES = frozenset({_V.REVERTIDA_PARCIAL, _V.REVERTIDA})
