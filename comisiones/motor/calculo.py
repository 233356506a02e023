"""The commission of one conversion: exact decimals, rounded half up once, at the end.

commission = round( clamp( multiplier x rate(base) ) )

For tiers over a period an order earns ``round(B) - round(A)``, where A and B are the exact
commission of the period before and after it. Such differences telescope: before minimum and caps,
the orders of a period add up to the period's commission rounded once.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from alpespartner.comun.dinero import CERO, CONTEXTO, MAXIMO, cuantizar
from comisiones.motor.errores import HechosInvalidos, MonedaDistinta, TerminosInvalidos
from comisiones.motor.renovaciones import juzgar
from comisiones.motor.tipos import (
    MAXIMO_ITEMS,
    Acumulado,
    Base,
    Concepto,
    Hechos,
    Metrica,
    Paso,
    Por,
    Resultado,
    Terminos,
    Tipo,
    plano,
)
from comisiones.motor.tramos import CENTESIMA, escalonar

VACIO: Final = Acumulado()
CONCEPTOS: Final = tuple(Concepto)
# Shares of a base over items carry an error of 1e-30 each; before rounding the sum is brought to
# 20 decimals, so that three thirds of a cent are a cent. Amounts with fewer decimals do not change.
LIMPIEZA: Final = Decimal(1).scaleb(-20)


def calcular(terminos: Terminos, hechos: Hechos, acumulado: Acumulado | None = None) -> Resultado:
    """Commission of ``hechos`` under the effective ``terminos``, in the conversion's currency.

    ``acumulado`` is the state of the rule's period before this order (``None``: its start) and of
    its spending caps. Terms are trusted to be valid (see ``validacion.validar``). Raises
    :class:`TerminosInvalidos` if a needed term is missing, :class:`MonedaDistinta` if the rule's
    amounts are in another currency, :class:`HechosInvalidos` for impossible facts and
    ``DineroInvalido`` for an unknown currency.
    """
    _comprobar(terminos, hechos)
    with localcontext(CONTEXTO):
        return _calcular(terminos, hechos, acumulado or VACIO)


def _calcular(terminos: Terminos, hechos: Hechos, previo: Acumulado) -> Resultado:
    pasos: list[Paso] = []
    base = _base(terminos, hechos, pasos)
    tipo = terminos.tipo
    tasa: Decimal | None = None
    acumula = terminos.acumula
    if hechos.renovacion is not None and terminos.limita_renovaciones:
        gana, paso = juzgar(terminos, hechos.ocurrida_en, hechos.renovacion)
        pasos.append(paso)
        if not gana:
            return _sin_ganar(base, hechos, previo if acumula else None, pasos)
    if tipo is Tipo.PORCENTUAL:
        tasa = _exigir(terminos.porcentaje, "porcentaje")
        exacto = _porcentaje(base, tasa, pasos)
    elif tipo is Tipo.FIJA:
        exacto = _fijo(terminos, hechos, pasos)
    elif tipo is Tipo.MIXTA:
        tasa = _exigir(terminos.porcentaje, "porcentaje")
        exacto = _porcentaje(base, tasa, pasos) + _fijo(terminos, hechos, pasos)
    elif tipo is Tipo.ESCALONADA:
        inicio = previo if acumula else VACIO
        if acumula:
            pasos.append(_paso_acumulado(inicio))
        exacto, tasa = escalonar(terminos, base, hechos.cantidad, inicio, pasos)
    else:
        raise TerminosInvalidos("Falta el tipo de la regla.", campo="tipo")

    if terminos.multiplicadores:
        exacto = _multiplicar(terminos, hechos, exacto, pasos)

    monto = exacto
    siguiente = None
    if acumula:
        siguiente = Acumulado(
            valor=previo.valor + base,
            cantidad=previo.cantidad + hechos.cantidad,
            ordenes=previo.ordenes + 1,
            bruto=previo.bruto + exacto,
        )
        monto = _diferencia(previo.bruto, siguiente.bruto, hechos.moneda, pasos)
    elif tipo is Tipo.ESCALONADA and terminos.metrica is Metrica.CANTIDAD:
        monto = _limpio(exacto)
    # 0 means zero: a minimum lifts a commission that is due, it does not create one.
    if exacto:
        monto = _acotar(terminos, monto, pasos)
    if terminos.topes_gasto:
        monto = _limitar_gasto(terminos, previo, monto, pasos)
    final = cuantizar(monto, hechos.moneda)
    pasos.append(Paso("redondeo", (("exacto", plano(monto)), ("monto", plano(final)))))
    return Resultado(base, tasa, final, hechos.moneda, exacto, tuple(pasos), siguiente)


def _sin_ganar(
    base: Decimal, hechos: Hechos, previo: Acumulado | None, pasos: list[Paso]
) -> Resultado:
    """A sale that earns nothing adds nothing to its period, either: it is one order more of it."""
    siguiente = None
    if previo is not None:
        siguiente = replace(previo, ordenes=previo.ordenes + 1, gastado=())
    cero = cuantizar(CERO, hechos.moneda)
    pasos.append(Paso("redondeo", (("exacto", plano(CERO)), ("monto", plano(cero)))))
    return Resultado(base, None, cero, hechos.moneda, CERO, tuple(pasos), siguiente)


def _comprobar(terminos: Terminos, hechos: Hechos) -> None:
    if not CERO <= hechos.valor <= MAXIMO:
        raise HechosInvalidos("El valor de la conversión debe estar entre 0 y el máximo admitido.")
    if not 1 <= hechos.cantidad <= MAXIMO_ITEMS:
        raise HechosInvalidos(f"La cantidad debe estar entre 1 y {MAXIMO_ITEMS}.")
    if terminos.moneda != hechos.moneda and lleva_montos(terminos):
        if terminos.moneda is None:
            raise TerminosInvalidos("La regla tiene montos y le falta la moneda.", campo="moneda")
        raise MonedaDistinta(
            f"La regla tiene montos en {terminos.moneda} y la conversión es en {hechos.moneda}."
        )


def lleva_montos(terminos: Terminos) -> bool:
    """Whether the terms in effect hold amounts of a currency, and not percentages alone."""
    tipo = terminos.tipo
    if tipo is Tipo.FIJA or tipo is Tipo.MIXTA or terminos.topes_gasto:
        return True
    # A minimum or a cap of 0 is 0 in every currency.
    if terminos.minimo or terminos.tope:
        return True
    return tipo is Tipo.ESCALONADA and (
        terminos.metrica is not Metrica.CANTIDAD
        or any(tramo.monto_fijo for tramo in terminos.tramos or ())
    )


def base_de(terminos: Terminos, hechos: Hechos) -> Decimal:
    """What the percentage of some terms is of, in the conversion's currency."""
    return _base(terminos, hechos, [])


def _exigir(valor: Decimal | None, campo: str) -> Decimal:
    if valor is None:
        raise TerminosInvalidos(f"Falta «{campo}» en la regla.", campo=campo)
    return valor


def _base(terminos: Terminos, hechos: Hechos, pasos: list[Paso]) -> Decimal:
    valor = hechos.valor
    if terminos.base is not Base.NETO:
        pasos.append(Paso("base_bruta", (("base", plano(valor)), ("moneda", hechos.moneda))))
        return valor
    datos = [("valor", plano(valor)), ("moneda", hechos.moneda)]
    base = valor
    for concepto in CONCEPTOS if terminos.excluye is None else terminos.excluye:
        monto: Decimal = getattr(hechos, concepto.value)
        if not CERO <= monto <= MAXIMO:
            raise HechosInvalidos(f"El monto de «{concepto.value}» no puede ser negativo.")
        base -= monto
        datos.append((concepto.value, plano(monto)))
    # More tax than value is odd data, not a debt of the affiliate.
    base = max(base, CERO)
    datos.append(("base", plano(base)))
    pasos.append(Paso("base_neta", tuple(datos)))
    return base


def _porcentaje(base: Decimal, porcentaje: Decimal, pasos: list[Paso]) -> Decimal:
    monto = base * porcentaje * CENTESIMA
    pasos.append(
        Paso(
            "porcentaje",
            (("porcentaje", plano(porcentaje)), ("base", plano(base)), ("monto", plano(monto))),
        )
    )
    return monto


def _fijo(terminos: Terminos, hechos: Hechos, pasos: list[Paso]) -> Decimal:
    fijo = _exigir(terminos.monto_fijo, "monto_fijo")
    por_item = terminos.por is Por.ITEM
    unidades = hechos.cantidad if por_item else 1
    monto = fijo * unidades
    pasos.append(
        Paso(
            "fijo_por_item" if por_item else "fijo",
            (("monto_fijo", plano(fijo)), ("unidades", str(unidades)), ("monto", plano(monto))),
        )
    )
    return monto


def _multiplicar(terminos: Terminos, hechos: Hechos, exacto: Decimal, pasos: list[Paso]) -> Decimal:
    nivel = hechos.nivel_afiliado
    for nombre, factor in terminos.multiplicadores or ():
        if nombre == nivel:
            monto = exacto * factor
            pasos.append(
                Paso(
                    "multiplicador",
                    (
                        ("nivel", nivel),
                        ("factor", plano(factor)),
                        ("antes", plano(exacto)),
                        ("monto", plano(monto)),
                    ),
                )
            )
            return monto
    return exacto


def _paso_acumulado(previo: Acumulado) -> Paso:
    return Paso(
        "acumulado",
        (
            ("valor", plano(previo.valor)),
            ("cantidad", str(previo.cantidad)),
            ("ordenes", str(previo.ordenes)),
            ("bruto", plano(previo.bruto)),
        ),
    )


def _limpio(exacto: Decimal) -> Decimal:
    limpio = exacto.quantize(LIMPIEZA)
    return exacto if limpio == exacto else limpio


def _diferencia(antes: Decimal, despues: Decimal, moneda: str, pasos: list[Paso]) -> Decimal:
    monto_antes = cuantizar(_limpio(antes), moneda)
    monto_despues = cuantizar(_limpio(despues), moneda)
    monto = monto_despues - monto_antes
    pasos.append(
        Paso(
            "periodo",
            (
                ("antes", plano(monto_antes)),
                ("despues", plano(monto_despues)),
                ("monto", plano(monto)),
            ),
        )
    )
    return monto


def _acotar(terminos: Terminos, monto: Decimal, pasos: list[Paso]) -> Decimal:
    minimo = terminos.minimo
    if minimo is not None and monto < minimo:
        pasos.append(Paso("minimo", (("antes", plano(monto)), ("minimo", plano(minimo)))))
        monto = minimo
    # The cap has the last word: inheriting a larger minimum does not lift it.
    tope = terminos.tope
    if tope is not None and monto > tope:
        pasos.append(Paso("tope", (("antes", plano(monto)), ("tope", plano(tope)))))
        monto = tope
    return monto


def _limitar_gasto(
    terminos: Terminos, previo: Acumulado, monto: Decimal, pasos: list[Paso]
) -> Decimal:
    topes = terminos.topes_gasto or ()
    if len(previo.gastado) != len(topes):
        raise HechosInvalidos("Falta lo gastado de cada tope de gasto de la regla.")
    for tope, gastado in zip(topes, previo.gastado, strict=True):
        resto = max(tope.monto - gastado, CERO)
        if monto > resto:
            pasos.append(
                Paso(
                    "tope_gasto",
                    (
                        ("ambito", tope.ambito.value),
                        ("periodo", tope.periodo.value),
                        ("tope", plano(tope.monto)),
                        ("gastado", plano(gastado)),
                        ("antes", plano(monto)),
                        ("monto", plano(resto)),
                    ),
                )
            )
            monto = resto
    return monto
