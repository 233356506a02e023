"""Late and out-of-order orders in a tiered period: new commissions and adjustments, no rewrites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from alpespartner.comun.dinero import CERO
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import HechosInvalidos
from comisiones.motor.periodos import clave_periodo
from comisiones.motor.tipos import Acumulado, Hechos, Resultado, Terminos


@dataclass(frozen=True, slots=True)
class OrdenPeriodo:
    """An order of the period; ``id`` orders those that occurred at the same instant."""

    id: str
    hechos: Hechos


@dataclass(frozen=True, slots=True)
class AjustePeriodo:
    """``monto`` = ``correcto - concedido``, never 0; in the currency of the period."""

    id: str
    concedido: Decimal
    correcto: Decimal
    monto: Decimal


@dataclass(frozen=True, slots=True)
class RepasoPeriodo:
    """A period worked out again: Σ ``concedidas`` + Σ ``nuevas`` + Σ ``ajustes`` = ``total``.

    ``nuevas``: results of orders without a commission yet; ``ajustes``: for those that have one;
    ``acumulado``: state for the next order, if it occurs after all of these.
    """

    nuevas: tuple[tuple[str, Resultado], ...]
    ajustes: tuple[AjustePeriodo, ...]
    total: Decimal
    acumulado: Acumulado


def repasar_periodo(
    terminos: Terminos,
    ordenes: Iterable[OrdenPeriodo],
    concedidas: Mapping[str, Decimal],
    *,
    inicio: Acumulado | None = None,
    gastado: Mapping[tuple[int, str], Decimal] | None = None,
) -> RepasoPeriodo:
    """Commissions of one rule, affiliate, currency and period in order of occurrence.

    ``ordenes`` come in any order, late ones included; ``concedidas`` is the net granted to each so
    far (commission plus earlier adjustments). The orders may be those from the earliest late one
    on, with ``inicio`` the state before it. ``gastado`` maps (place of the cap in ``topes_gasto``,
    period key) to what others spent of it. Raises :class:`HechosInvalidos` for repeated ids, mixed
    currencies, or a commission granted to an unknown order, and as :func:`calcular`.
    """
    lista = sorted(ordenes, key=lambda orden: (orden.hechos.ocurrida_en, orden.id))
    ids = {orden.id for orden in lista}
    if len(ids) != len(lista):
        raise HechosInvalidos("Hay órdenes repetidas en el periodo.")
    if len({orden.hechos.moneda for orden in lista}) > 1:
        raise HechosInvalidos("Un periodo no puede mezclar monedas.")
    if desconocidas := sorted(concedidas.keys() - ids):
        raise HechosInvalidos(f"«{desconocidas[0]}» tiene comisión y no es del periodo.")

    topes = terminos.topes_gasto or ()
    gastos = dict(gastado or {})
    acumulado = inicio or Acumulado()
    nuevas: list[tuple[str, Resultado]] = []
    ajustes: list[AjustePeriodo] = []
    total = CERO
    for orden in lista:
        zona = terminos.zona_horaria or "UTC"
        ventanas = [
            (lugar, clave_periodo(tope.periodo, zona, orden.hechos.ocurrida_en))
            for lugar, tope in enumerate(topes)
        ]
        previo = replace(acumulado, gastado=tuple(gastos.get(v, CERO) for v in ventanas))
        resultado = calcular(terminos, orden.hechos, previo)
        acumulado = resultado.acumulado or acumulado
        total += resultado.monto
        for ventana in ventanas:
            gastos[ventana] = gastos.get(ventana, CERO) + resultado.monto
        concedido = concedidas.get(orden.id)
        if concedido is None:
            nuevas.append((orden.id, resultado))
        elif concedido != resultado.monto:
            ajustes.append(
                AjustePeriodo(orden.id, concedido, resultado.monto, resultado.monto - concedido)
            )
    return RepasoPeriodo(tuple(nuevas), tuple(ajustes), total, acumulado)
