"""Events of the context ``comisiones``. Amounts are decimal strings in ``moneda``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outbox.registro import evento

_comision = evento(contexto="comisiones", sujeto="comision_id")
_pago = evento(contexto="comisiones", sujeto="pago_id")
_ajuste = evento(contexto="comisiones", sujeto="ajuste_id")
_liquidacion = evento(contexto="comisiones", sujeto="liquidacion_id")
_lote = evento(contexto="comisiones", sujeto="lote_id")
_regla = evento(contexto="comisiones", sujeto="regla_id")
_retencion = evento(contexto="comisiones", sujeto="retencion_id")
_politica = evento(contexto="comisiones", sujeto="politica_id")
_reporte = evento(contexto="comisiones", sujeto="reporte_id")


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionCalculada:
    """A conversion earned a commission; it waits for review."""

    comision_id: str
    conversion_id: str
    afiliado_id: str
    campana_id: str
    nivel: int
    base: str
    tasa: str | None
    monto: str
    moneda: str
    estado: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionRetenida:
    """A commission waits for something before its review; ``motivo_retencion`` is a code, and so is
    ``motivo_codigo``, of a person's reason."""

    comision_id: str
    motivo_retencion: str
    motivo_codigo: str = ""


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionLiberada:
    """A held commission goes to review, with the amount it has now."""

    comision_id: str
    monto: str
    moneda: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionAprobada:
    """A commission is owed to its affiliate."""

    comision_id: str
    afiliado_id: str
    monto: str
    moneda: str
    madura_en: datetime


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionRechazada:
    """A reviewer turned a commission down: why in words, and the code of it when there is one."""

    comision_id: str
    motivo: str
    motivo_codigo: str = ""


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionDevuelta:
    """An approval was undone: the amount is owed no more, and the commission waits for review."""

    comision_id: str
    afiliado_id: str
    monto: str
    moneda: str
    motivo: str
    motivo_codigo: str = ""


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionAnulada:
    """A commission lost its cause (its conversion was refused, or refunded whole).

    ``quitado`` is what the refund ``movimiento_id`` took last; both are "" without a refund.
    """

    comision_id: str
    motivo: str
    quitado: str = ""
    movimiento_id: str = ""


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionCerrada:
    """An approved commission has nothing to pay: no payment will hold it."""

    comision_id: str
    afiliado_id: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionProgramada:
    """A commission is inside a payment."""

    comision_id: str
    pago_id: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionDesprogramada:
    """The payment of a commission failed for certain: it is approved again."""

    comision_id: str
    pago_id: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionPagada:
    """A commission was paid."""

    comision_id: str
    pago_id: str
    monto: str
    moneda: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoEnviado:
    """A payment is being handed to its gateway: ``importe``, besides what was withheld of it."""

    pago_id: str
    afiliado_id: str
    importe: str
    retenido: str
    moneda: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoReenviado:
    """A payment that never reached its gateway is handed to it again, with the same key."""

    pago_id: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoConfirmado:
    """The gateway paid ``importe``, besides what was withheld of it."""

    pago_id: str
    afiliado_id: str
    importe: str
    retenido: str
    moneda: str
    referencia: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoIncierto:
    """Nobody knows yet whether the gateway paid; it is asked before anything is sent again."""

    pago_id: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoFallido:
    """The gateway refused for certain; its commissions are approved again."""

    pago_id: str
    motivo: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoDevuelto:
    """The bank sent a payment back: ``ajuste_id`` owes it again; its commissions stay as paid."""

    pago_id: str
    afiliado_id: str
    importe: str
    moneda: str
    ajuste_id: str


@_pago
@dataclass(frozen=True, kw_only=True)
class PagoAnulado:
    """A payment was dropped before it was sent; its commissions are approved again."""

    pago_id: str
    motivo: str


@_liquidacion
@dataclass(frozen=True, kw_only=True)
class LiquidacionEmitida:
    """A payment has its numbered document; ``tipo`` says whether it undoes an earlier one, and
    then ``importe`` is negative."""

    liquidacion_id: str
    numero: str
    tipo: str
    pago_id: str
    afiliado_id: str
    importe: str
    moneda: str


@_lote
@dataclass(frozen=True, kw_only=True)
class LoteAprobado:
    """A second person released a batch of ``pagos`` payments that add up to ``total``."""

    lote_id: str
    pagos: int
    total: str
    moneda: str


@_lote
@dataclass(frozen=True, kw_only=True)
class LoteTerminado:
    """Every payment of a batch has an answer; ``estado`` says whether all were paid."""

    lote_id: str
    estado: str


@_regla
@dataclass(frozen=True, kw_only=True)
class VersionReglaPublicada:
    """A rule has new terms; commissions held for lack of a rule are calculated again."""

    regla_id: str
    numero: int
    campana_id: str | None


@_regla
@dataclass(frozen=True, kw_only=True)
class ReglaTerminada:
    """A rule says no more what sales pay that occur ``desde`` then on."""

    regla_id: str
    desde: datetime
    campana_id: str | None


@_retencion
@dataclass(frozen=True, kw_only=True)
class RetencionFiscalPublicada:
    """What is withheld from payments since a day: of an affiliate, of a type of document, or with
    neither of everybody."""

    retencion_id: str
    nombre: str
    porcentaje: str
    afiliado_id: str | None
    documento_tipo: str
    desde: str


@_politica
@dataclass(frozen=True, kw_only=True)
class PoliticaAprobacionPublicada:
    """Up to which amount a campaign's commissions are approved alone; ``hasta`` null: none."""

    politica_id: str
    campana_id: str
    numero: int
    hasta: str | None
    moneda: str


@_comision
@dataclass(frozen=True, kw_only=True)
class ComisionReducida:
    """A refund took part of a commission that was in no payment yet; ``monto`` is what is left,
    ``revertido`` what all refunds took, and ``quitado`` what this one, ``movimiento_id``, did."""

    comision_id: str
    monto: str
    revertido: str
    quitado: str
    movimiento_id: str
    moneda: str


@_ajuste
@dataclass(frozen=True, kw_only=True)
class AjusteContabilizado:
    """What we owe an affiliate changed by ``monto``, negative when it is deducted.

    ``motivo`` is for the staff; ``concepto`` is what the affiliate reads, "" for its kind alone.
    """

    ajuste_id: str
    afiliado_id: str
    comision_id: str | None
    tipo: str
    monto: str
    moneda: str
    motivo: str
    concepto: str


@_reporte
@dataclass(frozen=True, kw_only=True)
class ReporteEnviado:
    """The figures of a period were sent, and frozen as they were then: ``huella`` is the SHA-256 of
    the statement, ``diferencias`` how much of earlier ones had changed. ``desde`` and ``hasta`` are
    days, both included."""

    reporte_id: str
    envio_id: str
    desde: str
    hasta: str
    zona: str
    lineas: int
    diferencias: int
    huella: str
