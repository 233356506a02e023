"""States of payments and batches and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


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


_L = EstadoLote
_P = EstadoPago
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
# A payment whose money has not left nor been refused yet.
PAGO_ABIERTO = frozenset({_P.LISTO, _P.ENVIANDO, _P.INCIERTO})
# A payment whose money may have left: nobody said yet.
PAGO_EN_CURSO = frozenset({_P.ENVIANDO, _P.INCIERTO})
# A payment that will never pay: what it held is free for another.
PAGO_SIN_EFECTO = frozenset({_P.FALLIDO, _P.ANULADO})
# A batch whose content is hashed and that did not begin.
LOTE_COMPROMETIDO = frozenset({_L.CONGELADO, _L.APROBADO})


class MotivoExclusion(models.TextChoices):
    """Why a batch leaves an affiliate out; what it is owed is carried forward."""

    BLOQUEADO = "bloqueado", _("El afiliado está bloqueado")
    SIN_DATOS_BANCARIOS = "sin_datos_bancarios", _("Faltan sus datos bancarios")
    CUENTA_EN_ESPERA = "cuenta_en_espera", _("Cambió su cuenta hace poco")
    BAJO_MINIMO = "bajo_minimo", _("No llega a su mínimo de pago")
    SALDO_NEGATIVO = "saldo_negativo", _("Nos debe, o queda a cero")
    FUERA_DE_SEPA = "fuera_de_sepa", _("Su cuenta está fuera de la zona SEPA")
    TITULAR_NO_ADMITIDO = "titular_no_admitido", _("El banco no puede leer el nombre del titular")
    CUENTA_NO_ADMITIDA = "cuenta_no_admitida", _("Los datos de su cuenta no valen")
    IMPORTE_NO_CABE = "importe_no_cabe", _("Es más de lo que cabe en una transferencia")
