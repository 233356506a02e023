"""States of commissions and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoComision(models.TextChoices):
    """Life of a commission."""

    PENDIENTE = "pendiente", _("Pendiente")
    RETENIDA = "retenida", _("Retenida")
    APROBADA = "aprobada", _("Aprobada")
    PROGRAMADA = "programada", _("Programada")
    PAGADA = "pagada", _("Pagada")
    RECHAZADA = "rechazada", _("Rechazada")
    ANULADA = "anulada", _("Anulada")


_C = EstadoComision
COMISION = Maquina(
    entidad="comision",
    pasos={
        _C.PENDIENTE: frozenset({_C.RETENIDA, _C.APROBADA, _C.RECHAZADA, _C.ANULADA}),
        _C.RETENIDA: frozenset({_C.PENDIENTE, _C.APROBADA, _C.RECHAZADA, _C.ANULADA}),
        _C.APROBADA: frozenset({_C.PROGRAMADA, _C.ANULADA}),
        # Back to approved when its payment failed for certain.
        _C.PROGRAMADA: frozenset({_C.PAGADA, _C.APROBADA}),
    },
)
# Not among the steps of a person: what its sale's refusal voided, when the sale counts again.
VUELTA = Maquina(entidad="comision", pasos={_C.ANULADA: frozenset({_C.PENDIENTE, _C.RETENIDA})})
# States in which the approval of a commission has already happened.
YA_APROBADA = frozenset({_C.APROBADA, _C.PROGRAMADA, _C.PAGADA})
# Ended without paying anything.
SIN_EFECTO = frozenset({_C.RECHAZADA, _C.ANULADA})
# In a payment: the row does not change any more.
EN_PAGO = frozenset({_C.PROGRAMADA, _C.PAGADA})
# What we owe: approved and not paid yet.
POR_PAGAR = frozenset({_C.APROBADA, _C.PROGRAMADA})
# Waiting for a reviewer.
EN_REVISION = frozenset({_C.PENDIENTE, _C.RETENIDA})


class MotivoRetencion(models.TextChoices):
    """Why a commission waits before its review."""

    AFILIADO_PENDIENTE = "afiliado_pendiente", _("El afiliado está pendiente de activación")
    AFILIADO_NO_ACTIVO = "afiliado_no_activo", _("El afiliado no está activo")
    SIN_REGLA = "sin_regla", _("Ninguna regla dice cuánto paga")
    MANUAL = "manual", _("Retenida por una persona")
