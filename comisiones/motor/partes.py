"""Refunds that say what they are of: shipping, tax, or a product.

The value of a sale is its shipping, its tax and its products. Each part carries what it adds to the
base of the rule that paid: shipping that a net base leaves out carries nothing, so giving it back
takes nothing. A refund takes of its own part; one that does not say takes of all that is left, in
proportion. What has gone back depends only on the sums by part, not on their order, never grows
less, and is the whole commission when the whole sale has gone back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from alpespartner.comun.dinero import CERO, CONTEXTO, cuantizar
from comisiones.motor.calculo import CONCEPTOS, base_de
from comisiones.motor.reversos import revertido_total
from comisiones.motor.tipos import Base, Concepto, Hechos, Terminos

UNO = Fraction(1)


class Parte(StrEnum):
    """What a refund may be of."""

    ENVIO = "envio"
    IMPUESTO = "impuesto"
    PRODUCTO = "producto"


@dataclass(frozen=True, slots=True)
class Pagado:
    """``monto`` that a rule paid for ``hechos``: a sale, or those of its lines that follow it.

    ``productos``: what each line cost, by its product; empty when the lines do not say.
    """

    terminos: Terminos
    hechos: Hechos
    monto: Decimal
    productos: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Devuelto:
    """What has gone back of a sale so far, in its currency, by what it was said to be of.

    ``producto`` is of products without naming them; ``sin_decir``, of anything.
    """

    sin_decir: Decimal = CERO
    envio: Decimal = CERO
    impuesto: Decimal = CERO
    producto: Decimal = CERO
    productos: tuple[tuple[str, Decimal], ...] = ()

    @property
    def total(self) -> Decimal:
        """All of it."""
        nombrados = sum((monto for _nombre, monto in self.productos), CERO)
        return self.sin_decir + self.envio + self.impuesto + self.producto + nombrados

    def mas(self, parte: str, monto: Decimal, producto: str = "") -> Devuelto:
        """With ``monto`` more of a part (a :class:`Parte`, or "" when it is not said)."""
        if producto:
            montos = dict(self.productos)
            montos[producto] = montos.get(producto, CERO) + monto
            return replace(self, productos=tuple(montos.items()))
        campo = Parte(parte).value if parte else "sin_decir"
        return replace(self, **{campo: getattr(self, campo) + monto})


def quitado(pagos: Sequence[Pagado], devuelto: Devuelto, moneda: str) -> Decimal:
    """How much of what ``pagos`` paid must have gone back, rounded once.

    Raises ``ReversoInvalido`` as ``reversos.revertido_total``.
    """
    venta = sum((pago.hechos.valor for pago in pagos), CERO)
    comision = sum((pago.monto for pago in pagos), CERO)
    en_proporcion = revertido_total(comision, venta, devuelto.total, moneda)
    if devuelto.total in (devuelto.sin_decir, venta):
        return en_proporcion
    fuera = _fuera(pagos)
    if fuera is None:
        return en_proporcion
    queda = _Queda(pagos, _ajustado(pagos, devuelto, fuera), fuera)
    quitar = Fraction(comision) - sum((queda.de(pago) for pago in pagos), Fraction(0))
    # One division, last: it ends whenever the result is a half unit.
    exacto = CONTEXTO.divide(Decimal(quitar.numerator), Decimal(quitar.denominator))
    return cuantizar(exacto, moneda)


def _fuera(pagos: Sequence[Pagado]) -> frozenset[Concepto] | None:
    """Which of shipping and tax are in the value besides the products; None when it is unclear."""
    venta = sum((pago.hechos.valor for pago in pagos), CERO)
    envio = sum((pago.hechos.envio for pago in pagos), CERO)
    impuesto = sum((pago.hechos.impuesto for pago in pagos), CERO)
    productos = venta - envio - impuesto
    if all(pago.productos for pago in pagos):
        productos = sum((monto for pago in pagos for _nombre, monto in pago.productos), CERO)
    if productos < CERO:
        return None
    for conceptos, monto in (
        ({Concepto.ENVIO, Concepto.IMPUESTO}, envio + impuesto),
        ({Concepto.ENVIO}, envio),
        ({Concepto.IMPUESTO}, impuesto),
        (set(), CERO),
    ):
        if venta - productos == monto:
            return frozenset(conceptos)
    return None


def _de_concepto(pagos: Sequence[Pagado], concepto: Concepto) -> Decimal:
    return sum((getattr(pago.hechos, concepto.value) for pago in pagos), CERO)


def _por_producto(pagos: Sequence[Pagado]) -> dict[str, Decimal]:
    montos: dict[str, Decimal] = {}
    for pago in pagos:
        for nombre, monto in pago.productos:
            montos[nombre] = montos.get(nombre, CERO) + monto
    return montos


def _ajustado(pagos: Sequence[Pagado], devuelto: Devuelto, fuera: frozenset[Concepto]) -> Devuelto:
    """The same refunds, what does not fit in its part taken as of anything."""
    envio = _de_concepto(pagos, Concepto.ENVIO) if Concepto.ENVIO in fuera else CERO
    impuesto = _de_concepto(pagos, Concepto.IMPUESTO) if Concepto.IMPUESTO in fuera else CERO
    costaron = _por_producto(pagos)
    productos = {
        nombre: min(monto, costaron[nombre])
        for nombre, monto in devuelto.productos
        if nombre in costaron
    }
    # Lines that do not say what they cost are all of them one.
    sueltos = sum((m for nombre, m in devuelto.productos if nombre not in costaron), CERO)
    de_productos = sum((pago.hechos.valor for pago in pagos), CERO) - envio - impuesto
    cabe = Devuelto(
        envio=min(devuelto.envio, envio),
        impuesto=min(devuelto.impuesto, impuesto),
        producto=min(devuelto.producto + sueltos, de_productos - sum(productos.values(), CERO)),
        productos=tuple(productos.items()),
    )
    return replace(cabe, sin_decir=devuelto.total - cabe.total)


class _Queda:
    """Which fraction of each part is left."""

    def __init__(
        self, pagos: Sequence[Pagado], devuelto: Devuelto, fuera: frozenset[Concepto]
    ) -> None:
        self._fuera = fuera
        venta = sum((pago.hechos.valor for pago in pagos), CERO)
        envio, impuesto = (_de_concepto(pagos, c) for c in (Concepto.ENVIO, Concepto.IMPUESTO))
        self._envio = _resto(devuelto.envio, envio)
        self._impuesto = _resto(devuelto.impuesto, impuesto)
        costaron = _por_producto(pagos)
        self._productos = {n: _resto(monto, costaron[n]) for n, monto in devuelto.productos}
        nombrados = sum((monto for _nombre, monto in devuelto.productos), CERO)
        productos = venta - sum((_de_concepto(pagos, c) for c in fuera), CERO)
        self._sueltos = _resto(devuelto.producto, productos - nombrados)
        self._todo = _resto(devuelto.sin_decir, venta - devuelto.total + devuelto.sin_decir)

    def de(self, pago: Pagado) -> Fraction:
        """What is left of what a rule paid."""
        hechos, terminos = pago.hechos, pago.terminos
        partes = {c: getattr(hechos, c.value) if c in self._fuera else CERO for c in CONCEPTOS}
        productos = hechos.valor - partes[Concepto.ENVIO] - partes[Concepto.IMPUESTO]
        excluye: Sequence[Concepto] = ()
        if terminos.base is Base.NETO:
            excluye = CONCEPTOS if terminos.excluye is None else terminos.excluye
        pesos = {c: CERO if c in excluye else monto for c, monto in partes.items()}
        envio, impuesto = pesos[Concepto.ENVIO], pesos[Concepto.IMPUESTO]
        producto = max(base_de(terminos, hechos) - envio - impuesto, CERO)
        if not envio + impuesto + producto:
            # A fixed amount for a base of nothing: of everything alike.
            envio, impuesto = partes[Concepto.ENVIO], partes[Concepto.IMPUESTO]
            producto = productos
        total = Fraction(envio + impuesto + producto)
        if not total:
            return Fraction(pago.monto) * self._todo
        queda = (
            Fraction(envio) * self._envio
            + Fraction(impuesto) * self._impuesto
            + Fraction(producto) * self._de_productos(pago)
        )
        return Fraction(pago.monto) * queda / total * self._todo

    def _de_productos(self, pago: Pagado) -> Fraction:
        costo = sum((monto for _nombre, monto in pago.productos), CERO)
        if not costo:
            return self._sueltos
        queda = sum(
            (Fraction(m) * self._productos.get(nombre, UNO) for nombre, m in pago.productos),
            Fraction(0),
        )
        return queda / Fraction(costo) * self._sueltos


def _resto(devuelto: Decimal, de: Decimal) -> Fraction:
    return UNO - Fraction(devuelto) / Fraction(de) if devuelto else UNO
