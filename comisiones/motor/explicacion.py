"""A trace in plain Spanish: "15 % de 1.000,00 USD = 150,00 USD". Rendered only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from alpespartner.comun.dinero import CONTEXTO, exponente, sin_signo
from comisiones.motor.tipos import Paso, Resultado

Datos = Mapping[str, str]

# Digits shown of an amount that has not been rounded yet and does not end (a third of a cent).
MAXIMO_DECIMALES: Final = 6

# A no-break space between thousands, as every page has it.
_A_ESPANOL: Final = str.maketrans(",.", "\u00a0,")
_AMBITOS: Final = {"afiliado": "del afiliado", "campana": "de la campaña"}
_PERIODOS: Final = {
    "dia": "en el día",
    "semana": "en la semana",
    "mes": "en el mes",
    "total": "en total",
}


def explicar(resultado: Resultado) -> tuple[str, ...]:
    """Sentences that tell how a commission came about, one per step."""
    return explicar_traza(resultado.traza, resultado.moneda)


def explicar_traza(traza: Iterable[Paso], moneda: str) -> tuple[str, ...]:
    """As :func:`explicar`, from a stored trace. Raises ``KeyError`` for an unknown step."""
    return tuple(_FRASES[paso.codigo](dict(paso.datos), moneda) for paso in traza)


def numero_es(numero: Decimal, decimales: int) -> str:
    """Number as written in Spanish: 1 234 567,50 with no-break spaces."""
    redondo = sin_signo(numero.quantize(Decimal(1).scaleb(-decimales), context=CONTEXTO))
    return f"{redondo:,f}".translate(_A_ESPANOL)


def monto_es(texto: str, moneda: str) -> str:
    """Amount with its currency: at least its usual decimals, and more while it is not rounded."""
    numero = Decimal(texto)
    sobran = max(0, -int(numero.normalize(CONTEXTO).as_tuple().exponent))
    decimales = max(exponente(moneda), min(sobran, MAXIMO_DECIMALES))
    cerca = "aprox. " if sobran > max(MAXIMO_DECIMALES, exponente(moneda)) else ""
    return f"{cerca}{numero_es(numero, decimales)} {moneda}"


def tasa_es(texto: str) -> str:
    """Percentage or factor without trailing zeros: "2,9"."""
    numero = Decimal(texto).normalize(CONTEXTO)
    return numero_es(numero, max(0, -int(numero.as_tuple().exponent)))


def _base_bruta(d: Datos, m: str) -> str:
    return f"La base es el valor de la conversión: {monto_es(d['base'], m)}."


_CONCEPTOS: Final = {"impuesto": "impuestos", "envio": "envío", "descuento": "descuentos"}


def _base_neta(d: Datos, m: str) -> str:
    restas = "".join(
        f" \N{MINUS SIGN} {monto_es(d[clave], m)} de {nombre}"
        for clave, nombre in _CONCEPTOS.items()
        if clave in d
    )
    return f"La base es neta: {monto_es(d['valor'], m)}{restas} = {monto_es(d['base'], m)}."


def _porcentaje(d: Datos, m: str) -> str:
    return f"{tasa_es(d['porcentaje'])} % de {monto_es(d['base'], m)} = {monto_es(d['monto'], m)}."


def _fijo(d: Datos, m: str) -> str:
    return f"Monto fijo por orden: {monto_es(d['monto'], m)}."


def _fijo_por_item(d: Datos, m: str) -> str:
    return (
        f"{_unidades(d, 'artículo', 'artículos')} a {monto_es(d['monto_fijo'], m)}"
        f" = {monto_es(d['monto'], m)}."
    )


def _unidades(d: Datos, singular: str, plural: str) -> str:
    numero = numero_es(Decimal(d["unidades"]), 0)
    return f"{numero} {singular if d['unidades'] == '1' else plural}"


def _acumulado(d: Datos, m: str) -> str:
    if d["ordenes"] == "0":
        return "Es la primera orden del periodo."
    return (
        f"Antes de esta orden el periodo suma {monto_es(d['valor'], m)} de base,"
        f" {numero_es(Decimal(d['ordenes']), 0)} órdenes y"
        f" {numero_es(Decimal(d['cantidad']), 0)} artículos."
    )


def _limites(d: Datos, m: str, en_items: bool) -> str:
    def limite(texto: str) -> str:
        return tasa_es(texto) + " artículos" if en_items else monto_es(texto, m)

    if not d["hasta"]:
        return f"más de {limite(d['desde'])}"
    if not Decimal(d["desde"]):
        return f"hasta {limite(d['hasta'])}"
    return f"de {limite(d['desde'])} a {limite(d['hasta'])}"


def _pago(d: Datos, m: str) -> str:
    partes = []
    if d["porcentaje"]:
        partes.append(f"{tasa_es(d['porcentaje'])} % de {monto_es(d['porcion'], m)}")
    if d["monto_fijo"]:
        veces = (
            ""
            if d["unidades"] == "1"
            else f"{numero_es(Decimal(d['unidades']), 0)} \N{MULTIPLICATION SIGN} "
        )
        partes.append(f"{veces}{monto_es(d['monto_fijo'], m)}")
    return f"{' + '.join(partes) or 'nada'} = {monto_es(d['monto'], m)}"


def _tramo(d: Datos, m: str) -> str:
    return f"Tramo {_limites(d, m, False)}: {_pago(d, m)}."


def _tramo_items(d: Datos, m: str) -> str:
    unidades = _unidades(d, "artículo", "artículos")
    return f"Tramo {_limites(d, m, True)}, {unidades}: {_pago(d, m)}."


def _alcanzado(d: Datos, m: str) -> str:
    return f"Se alcanza el tramo {_limites(d, m, False)}: {_pago(d, m)}."


def _alcanzado_items(d: Datos, m: str) -> str:
    return f"Se alcanza el tramo {_limites(d, m, True)}: {_pago(d, m)}."


def _anterior(d: Datos, m: str) -> str:
    return f"Se descuenta lo que el periodo ya sumaba antes: {_pago(d, m)}."


def _multiplicador(d: Datos, m: str) -> str:
    return (
        f"Nivel {d['nivel']}: {monto_es(d['antes'], m)}"
        f" \N{MULTIPLICATION SIGN} {tasa_es(d['factor'])} = {monto_es(d['monto'], m)}."
    )


def _periodo(d: Datos, m: str) -> str:
    return (
        f"Comisión del periodo con esta orden, {monto_es(d['despues'], m)}, menos la de antes,"
        f" {monto_es(d['antes'], m)} = {monto_es(d['monto'], m)}."
    )


def _minimo(d: Datos, m: str) -> str:
    return f"No llega al mínimo: sube de {monto_es(d['antes'], m)} a {monto_es(d['minimo'], m)}."


def _tope(d: Datos, m: str) -> str:
    return f"Pasa del tope: baja de {monto_es(d['antes'], m)} a {monto_es(d['tope'], m)}."


def _tope_gasto(d: Datos, m: str) -> str:
    return (
        f"Tope de gasto {_AMBITOS[d['ambito']]} {_PERIODOS[d['periodo']]}:"
        f" de {monto_es(d['tope'], m)} ya se gastaron {monto_es(d['gastado'], m)};"
        f" baja de {monto_es(d['antes'], m)} a {monto_es(d['monto'], m)}."
    )


def _redondeo(d: Datos, m: str) -> str:
    if Decimal(d["exacto"]) == Decimal(d["monto"]):
        return f"Comisión: {monto_es(d['monto'], m)}."
    return (
        f"Comisión: {monto_es(d['exacto'], m)}, redondeada a la unidad mínima,"
        f" {monto_es(d['monto'], m)}."
    )


_FRASES: Final[Mapping[str, Callable[[Datos, str], str]]] = {
    "base_bruta": _base_bruta,
    "base_neta": _base_neta,
    "porcentaje": _porcentaje,
    "fijo": _fijo,
    "fijo_por_item": _fijo_por_item,
    "acumulado": _acumulado,
    "tramo": _tramo,
    "tramo_items": _tramo_items,
    "tramo_alcanzado": _alcanzado,
    "tramo_alcanzado_items": _alcanzado_items,
    "tramo_anterior": _anterior,
    "multiplicador": _multiplicador,
    "periodo": _periodo,
    "minimo": _minimo,
    "tope": _tope,
    "tope_gasto": _tope_gasto,
    "redondeo": _redondeo,
}
CODIGOS: Final = tuple(_FRASES)
