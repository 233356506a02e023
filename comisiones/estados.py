"""States of commissions and payments and the steps between them, as data."""

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


class EstadoPago(models.TextChoices):
    """Life of a payment."""

    LISTO = "listo", _("Listo")
    ENVIANDO = "enviando", _("Enviando")
    PAGADO = "pagado", _("Pagado")
    FALLIDO = "fallido", _("Fallido")
    DEVUELTO = "devuelto", _("Devuelto")
    INCIERTO = "incierto", _("Incierto")
    ANULADO = "anulado", _("Anulado")


class EstadoLote(models.TextChoices):
    """Life of a batch of payments."""

    PROPONIENDO = "proponiendo", _("Proponiéndose")
    BORRADOR = "borrador", _("Borrador")
    CONGELADO = "congelado", _("Congelado")
    APROBADO = "aprobado", _("Aprobado")
    EN_EJECUCION = "en_ejecucion", _("En ejecución")
    LIQUIDADO = "liquidado", _("Liquidado")
    PARCIALMENTE_FALLIDO = "parcialmente_fallido", _("Parcialmente fallido")
    CERRADO = "cerrado", _("Cerrado")
    DESCARTADO = "descartado", _("Descartado")


class EstadoAjuste(models.TextChoices):
    """Life of an adjustment."""

    BORRADOR = "borrador", _("Borrador")
    APROBADO = "aprobado", _("Aprobado")
    CONTABILIZADO = "contabilizado", _("Contabilizado")
    DESCARTADO = "descartado", _("Descartado")


class EstadoSimulacion(models.TextChoices):
    """Life of a backtest."""

    ENCOLADA = "encolada", _("En cola")
    EN_CURSO = "en_curso", _("En curso")
    TERMINADA = "terminada", _("Terminada")
    FALLIDA = "fallida", _("Fallida")
    CANCELADA = "cancelada", _("Cancelada")


_A = EstadoAjuste
_C = EstadoComision
_L = EstadoLote
_P = EstadoPago
_S = EstadoSimulacion

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

PAGO = Maquina(
    entidad="pago",
    pasos={
        _P.LISTO: frozenset({_P.ENVIANDO, _P.ANULADO}),
        _P.ENVIANDO: frozenset({_P.PAGADO, _P.FALLIDO, _P.INCIERTO}),
        _P.INCIERTO: frozenset({_P.ENVIANDO, _P.PAGADO, _P.FALLIDO}),
        _P.PAGADO: frozenset({_P.DEVUELTO}),
    },
)

LOTE = Maquina(
    entidad="lote",
    pasos={
        _L.PROPONIENDO: frozenset({_L.BORRADOR, _L.DESCARTADO}),
        _L.BORRADOR: frozenset({_L.CONGELADO, _L.DESCARTADO}),
        # Back to a draft by a person, or because what was frozen changed.
        _L.CONGELADO: frozenset({_L.APROBADO, _L.BORRADOR}),
        _L.APROBADO: frozenset({_L.EN_EJECUCION, _L.BORRADOR}),
        _L.EN_EJECUCION: frozenset({_L.LIQUIDADO, _L.PARCIALMENTE_FALLIDO}),
        _L.PARCIALMENTE_FALLIDO: frozenset({_L.EN_EJECUCION, _L.CERRADO}),
        _L.LIQUIDADO: frozenset({_L.CERRADO}),
    },
)

AJUSTE = Maquina(
    entidad="ajuste",
    pasos={
        _A.BORRADOR: frozenset({_A.APROBADO, _A.DESCARTADO}),
        _A.APROBADO: frozenset({_A.CONTABILIZADO}),
    },
)

SIMULACION = Maquina(
    entidad="simulacion",
    pasos={
        _S.ENCOLADA: frozenset({_S.EN_CURSO, _S.FALLIDA, _S.CANCELADA}),
        _S.EN_CURSO: frozenset({_S.TERMINADA, _S.FALLIDA, _S.CANCELADA}),
    },
)

# States in which the approval of a commission has already happened.
YA_APROBADA = frozenset({_C.APROBADA, _C.PROGRAMADA, _C.PAGADA})
# What we owe: approved and not paid yet.
POR_PAGAR = frozenset({_C.APROBADA, _C.PROGRAMADA})
# A payment whose money has not left nor been refused yet.
PAGO_ABIERTO = frozenset({_P.LISTO, _P.ENVIANDO, _P.INCIERTO})
# A payment whose money may have left: nobody said yet.
PAGO_EN_CURSO = frozenset({_P.ENVIANDO, _P.INCIERTO})
# A payment that will never pay: what it held is free for another.
PAGO_SIN_EFECTO = frozenset({_P.FALLIDO, _P.ANULADO})
# A batch whose content is hashed and that did not begin.
LOTE_COMPROMETIDO = frozenset({_L.CONGELADO, _L.APROBADO})
# Waiting for a reviewer.
EN_REVISION = frozenset({_C.PENDIENTE, _C.RETENIDA})


class MotivoRetencion(models.TextChoices):
    """Why a commission waits before its review."""

    AFILIADO_PENDIENTE = "afiliado_pendiente", _("El afiliado está pendiente de activación")
    AFILIADO_NO_ACTIVO = "afiliado_no_activo", _("El afiliado no está activo")
    SIN_REGLA = "sin_regla", _("Ninguna regla dice cuánto paga")
    MANUAL = "manual", _("Retenida por una persona")


class MotivoExclusion(models.TextChoices):
    """Why a batch leaves an affiliate out; what it is owed is carried forward."""

    BLOQUEADO = "bloqueado", _("El afiliado está bloqueado")
    SIN_DATOS_BANCARIOS = "sin_datos_bancarios", _("Faltan sus datos bancarios")
    CUENTA_EN_ESPERA = "cuenta_en_espera", _("Cambió su cuenta hace poco")
    BAJO_MINIMO = "bajo_minimo", _("No llega a su mínimo de pago")
    SALDO_NEGATIVO = "saldo_negativo", _("Nos debe, o queda a cero")
