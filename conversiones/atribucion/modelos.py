"""What each model would have credited of a sale. A report: nothing of it is ever paid.

One touch for each affiliate that may earn, its last in the window. Linear: 1/n. Decay: 2^(−Δ/h),
with h = 7 days and Δ in seconds from the touch to the sale. Position: 40 % to the first, 40 % to
the last and 20 % among the others; two touches, half each; one, all. Last and first: all to whom
the last or the first click of the window is of, which is what a campaign with that model credits.

Cents are shared by largest remainder in the exponent of the currency, and among equal remainders
the earlier touch goes first: the parts always add up to the sale.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Context, Decimal
from typing import Final

from alpespartner.comun.dinero import CONTEXTO, cuantizar, es_exacto, unidad_minima
from conversiones.atribucion.decision import impide_al_clic
from conversiones.atribucion.tipos import Hechos, Informe, Opciones, Toque

VIDA_MEDIA: Final = timedelta(days=7)
_MICROSEGUNDO: Final = timedelta(microseconds=1)
_PRECISION: Final = Context(prec=60)
# Weights are whole numbers, so that nothing is lost when they are compared; this is the weight 1.
_UNO: Final = 10**50


def toques_de(hechos: Hechos, opciones: Opciones) -> list[Toque]:
    """The clicks that count for a sale, the earliest first: in one order, whatever the order in
    which they came. Those of one instant go by their id."""
    return sorted(
        {
            Toque(clic.momento, clic.id, clic.afiliado)
            for clic in (*hechos.clics_dados, *hechos.clics)
            if clic.afiliado is not None
            and clic.momento is not None
            and not impide_al_clic(clic, hechos, opciones)
        }
    )


def repartir(
    monto: Decimal, moneda: str, toques: Sequence[Toque]
) -> dict[Informe, list[tuple[str, Decimal]]]:
    """Of a sale of ``monto``, what each model credits to each affiliate, the earliest touch first.

    ``toques`` as :func:`toques_de` gives them. With none there is nobody to credit. Raises
    :class:`DineroInvalido` for an unknown currency, ValueError for an amount that it cannot hold.
    """
    return {modelo: repartir_por(modelo, monto, moneda, toques) for modelo in Informe}


def repartir_por(
    modelo: Informe, monto: Decimal, moneda: str, toques: Sequence[Toque]
) -> list[tuple[str, Decimal]]:
    """One of the models of :func:`repartir`."""
    if not es_exacto(monto, moneda) or monto < 0:
        raise ValueError("El monto no cabe en su moneda.")
    if not toques:
        return []
    if modelo is Informe.ULTIMO:
        return [(toques[-1].afiliado, cuantizar(monto, moneda))]
    if modelo is Informe.PRIMERO:
        return [(toques[0].afiliado, cuantizar(monto, moneda))]
    ultimos = _ultimo_de_cada_uno(toques)
    pesos = _PESOS[modelo](ultimos)
    partes = _por_mayor_resto(monto, moneda, pesos)
    return [(toque.afiliado, parte) for toque, parte in zip(ultimos, partes, strict=True)]


def _ultimo_de_cada_uno(toques: Sequence[Toque]) -> list[Toque]:
    ultimos = {toque.afiliado: toque for toque in toques}
    return sorted(ultimos.values())


def _lineal(toques: Sequence[Toque]) -> list[int]:
    return [1] * len(toques)


def _decaimiento(toques: Sequence[Toque]) -> list[int]:
    # Only the proportion matters: from the last touch the weights are the same, and the last one's
    # is exact.
    ultimo = toques[-1].momento
    vida = Decimal(VIDA_MEDIA // _MICROSEGUNDO)
    pesos = []
    for toque in toques:
        antes = Decimal((ultimo - toque.momento) // _MICROSEGUNDO)
        medias = _PRECISION.divide(antes, vida)
        pesos.append(int(_PRECISION.power(Decimal(2), -medias) * _UNO))
    return pesos


def _posicion(toques: Sequence[Toque]) -> list[int]:
    if len(toques) <= 2:
        return [1] * len(toques)
    entre = len(toques) - 2
    # 40 and 20/n over one denominator.
    return [2 * entre, *([1] * entre), 2 * entre]


_PESOS: Final = {
    Informe.LINEAL: _lineal,
    Informe.DECAIMIENTO: _decaimiento,
    Informe.POSICION: _posicion,
}


def _por_mayor_resto(monto: Decimal, moneda: str, pesos: Sequence[int]) -> list[Decimal]:
    unidad = unidad_minima(moneda)
    unidades = int(CONTEXTO.divide(monto, unidad))
    total = sum(pesos)
    partes, restos = [], []
    for peso in pesos:
        parte, resto = divmod(unidades * peso, total)
        partes.append(parte)
        restos.append(resto)
    faltan = unidades - sum(partes)
    # A stable sort: of equal remainders the earlier touch comes first.
    for lugar in sorted(range(len(pesos)), key=lambda i: -restos[i])[:faltan]:
        partes[lugar] += 1
    return [CONTEXTO.multiply(Decimal(parte), unidad) for parte in partes]
