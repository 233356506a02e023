"""A second attribution, slow and obvious, that shares nothing with the engine but its types."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from conversiones.atribucion import Clic, Hechos, Informe, Modelo, Opciones

_EXPONENTES = {"USD": 2, "JPY": 0, "KWD": 3, "COP": 2}


def gana(hechos: Hechos, opciones: Opciones) -> tuple[str | None, str]:
    """Whose the sale is, and by what."""
    puede = lambda afiliado: afiliado is not None and afiliado not in hechos.impedidos  # noqa: E731
    del_cupon = [c.afiliado for c in hechos.cupones if puede(c.afiliado)]
    if hechos.vinculo is not None:
        if opciones.cupon_reasigna and del_cupon:
            return del_cupon[0], "cupon"
        if puede(hechos.vinculo):
            return hechos.vinculo, "vinculo"
    if puede(hechos.explicito) or (hechos.explicito is not None and hechos.explicito_vale):
        return hechos.explicito, "explicito"
    if del_cupon:
        return del_cupon[0], "cupon"
    dados = [c for c in hechos.clics_dados if cuenta(c, hechos, opciones)]
    if dados:
        return dados[0].afiliado, "clic"
    suyos = [c for c in hechos.clics if cuenta(c, hechos, opciones)]
    if not suyos:
        return None, "ninguno"
    mejor = suyos[0]
    for clic in suyos:
        antes = (clic.momento, clic.id) < (mejor.momento, mejor.id)
        if antes == (opciones.modelo == Modelo.PRIMERO):
            mejor = clic
    return mejor.afiliado, "clic"


def cuenta(clic: Clic, hechos: Hechos, opciones: Opciones) -> bool:
    """Whether a click may bring the sale."""
    if clic.afiliado is None or clic.momento is None or clic.afiliado in hechos.impedidos:
        return False
    if clic.descartado or clic.campana not in ("", opciones.campana):
        return False
    segundos = Fraction((hechos.ocurrida_en - clic.momento).total_seconds())
    ventana = hechos.ventanas.get(clic.afiliado, opciones.ventana)
    return 0 <= segundos <= Fraction(ventana.total_seconds())


def informe(
    modelo: Informe, monto: Decimal, moneda: str, hechos: Hechos, opciones: Opciones
) -> dict[str, Decimal]:
    """What a model credits to each affiliate."""
    clics = [c for c in (*hechos.clics_dados, *hechos.clics) if cuenta(c, hechos, opciones)]
    clics.sort(key=lambda c: (c.momento, c.id, c.afiliado))
    if not clics:
        return {}
    if modelo is Informe.ULTIMO:
        return {clics[-1].afiliado: monto}
    if modelo is Informe.PRIMERO:
        return {clics[0].afiliado: monto}
    toques: list[Clic] = []
    for clic in clics:
        toques = [t for t in toques if t.afiliado != clic.afiliado] + [clic]
    n = len(toques)
    pesos: list[Fraction]
    if modelo is Informe.LINEAL:
        pesos = [Fraction(1, n)] * n
    elif modelo is Informe.POSICION:
        if n == 1:
            pesos = [Fraction(1)]
        elif n == 2:
            pesos = [Fraction(1, 2)] * 2
        else:
            pesos = [Fraction(2, 5), *[Fraction(1, 5 * (n - 2))] * (n - 2), Fraction(2, 5)]
    else:
        with localcontext(prec=80):
            pesos = []
            for toque in toques:
                delta = hechos.ocurrida_en - toque.momento
                micros = (delta.days * 86_400 + delta.seconds) * 10**6 + delta.microseconds
                pesos.append(Fraction(Decimal(2) ** (-Decimal(micros) / (7 * 86_400 * 10**6))))
    cent = Decimal(1).scaleb(-_EXPONENTES[moneda])
    exactas = [Fraction(monto) * peso / sum(pesos) / Fraction(cent) for peso in pesos]
    enteras = [int((Decimal(0) + e.numerator // e.denominator).to_integral(ROUND_FLOOR))
               for e in exactas]  # fmt: skip
    # What is lost beyond the fiftieth figure must not decide a tie.
    restos = [round(e - k, 40) for e, k in zip(exactas, enteras, strict=True)]
    while sum(enteras) < Fraction(monto) / Fraction(cent):
        mayor = restos.index(max(restos))
        enteras[mayor] += 1
        restos[mayor] = Fraction(-1)
    return {t.afiliado: k * cent for t, k in zip(toques, enteras, strict=True)}
