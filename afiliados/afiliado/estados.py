"""States of an affiliate and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoAfiliado(models.TextChoices):
    """Life of an affiliate."""

    PENDIENTE = "pendiente", _("Pendiente")
    ACTIVO = "activo", _("Activo")
    SUSPENDIDO = "suspendido", _("Suspendido")
    BLOQUEADO = "bloqueado", _("Bloqueado")
    RECHAZADO = "rechazado", _("Rechazado")
    CERRADO = "cerrado", _("Cerrado")


_E = EstadoAfiliado

AFILIADO = Maquina(
    entidad="afiliado",
    pasos={
        _E.PENDIENTE: frozenset({_E.ACTIVO, _E.RECHAZADO}),
        _E.ACTIVO: frozenset({_E.SUSPENDIDO, _E.BLOQUEADO}),
        _E.SUSPENDIDO: frozenset({_E.ACTIVO, _E.CERRADO, _E.BLOQUEADO}),
        _E.BLOQUEADO: frozenset({_E.SUSPENDIDO}),
    },
)

# Out of the programme: their keys open nothing.
FUERA = frozenset({_E.BLOQUEADO, _E.RECHAZADO, _E.CERRADO})
# Their conversions are accepted; those of a pending affiliate wait for its activation.
ACEPTAN_CONVERSIONES = frozenset({_E.PENDIENTE, _E.ACTIVO})
