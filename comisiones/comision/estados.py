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
    CERRADA = "cerrada", _("Cerrada sin importe")
    RECHAZADA = "rechazada", _("Rechazada")
    ANULADA = "anulada", _("Anulada")


_C = EstadoComision
COMISION = Maquina(
    entidad="comision",
    pasos={
        _C.PENDIENTE: frozenset({_C.RETENIDA, _C.APROBADA, _C.RECHAZADA, _C.ANULADA}),
        _C.RETENIDA: frozenset({_C.PENDIENTE, _C.APROBADA, _C.RECHAZADA, _C.ANULADA}),
        # Nothing to pay: it waits for no payment.
        _C.APROBADA: frozenset({_C.PROGRAMADA, _C.ANULADA, _C.CERRADA}),
        _C.CERRADA: frozenset({_C.ANULADA}),
        # Back to approved when its payment failed for certain.
        _C.PROGRAMADA: frozenset({_C.PAGADA, _C.APROBADA}),
    },
)
# Not among the steps of a person: what its sale's refusal voided, when the sale counts again.
VUELTA = Maquina(entidad="comision", pasos={_C.ANULADA: frozenset({_C.PENDIENTE, _C.RETENIDA})})
# An approval that is undone, by a service of its own: releasing does not reach it.
DEVOLUCION = Maquina(entidad="comision", pasos={_C.APROBADA: frozenset({_C.PENDIENTE})})
# States in which the approval of a commission has already happened.
YA_APROBADA = frozenset({_C.APROBADA, _C.PROGRAMADA, _C.PAGADA, _C.CERRADA})
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
    FUERA_DE_RANGO = "fuera_de_rango", _("El resultado pasa del máximo que se puede pagar")
    LINEAS_SIN_PRECIO = (
        "lineas_sin_precio",
        _("Las líneas de la venta no dicen precios que sumen su valor"),
    )
    LINEAS_EN_ESCALAS = (
        "lineas_en_escalas",
        _("Las líneas de la venta siguen dos escalas por periodo a la vez"),
    )
    POSIBLE_DUPLICADA = "posible_duplicada", _("Su venta se parece mucho a otra")
    PRESUPUESTO_AGOTADO = (
        "presupuesto_agotado",
        _("No cabe en lo que queda del presupuesto de la campaña"),
    )
    MANUAL = "manual", _("Retenida por una persona")


_M = MotivoRetencion
# Held without an amount: only another calculation gives it one.
SIN_IMPORTE = frozenset(
    {_M.SIN_REGLA, _M.FUERA_DE_RANGO, _M.LINEAS_SIN_PRECIO, _M.LINEAS_EN_ESCALAS}
)
# Held without spending anything of the campaign's budget.
SIN_GASTO = SIN_IMPORTE | {_M.PRESUPUESTO_AGOTADO}
