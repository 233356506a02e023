"""A trace in plain words: "15 % de 1.000,00 USD = 150,00 USD". Rendered only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from alpespartner.comun.dinero import CONTEXTO, exponente, sin_signo
from comisiones.motor.tipos import Paso, Resultado

Datos = Mapping[str, str]

# Digits shown of an amount that has not been rounded yet and does not end (a third of a cent).
MAXIMO_DECIMALES: Final = 6


@dataclass(frozen=True, slots=True)
class Lengua:
    """How sentences and numbers are said: called with a sentence in Spanish, it gives its own.

    Spanish by itself, with a no-break space between thousands, as every page has it.
    """

    traducir: Callable[[str], str] = str
    miles: str = "\u00a0"
    decimal: str = ","

    dia: Callable[[datetime], str] = "{:%d/%m/%Y}".format

    def __call__(self, frase: str) -> str:
        return self.traducir(frase)

    def fecha(self, instante: str) -> str:
        """The day of an instant in ISO 8601."""
        return self.dia(datetime.fromisoformat(instante))

    def numero(self, numero: Decimal, decimales: int) -> str:
        """Number with its separators: 1 234 567,50."""
        redondo = sin_signo(numero.quantize(Decimal(1).scaleb(-decimales), context=CONTEXTO))
        return f"{redondo:,f}".translate(str.maketrans(",.", self.miles + self.decimal))

    def monto(self, texto: str, moneda: str) -> str:
        """Amount with its currency: at least its usual decimals, and more while it is not
        rounded."""
        numero = Decimal(texto)
        sobran = max(0, -int(numero.normalize(CONTEXTO).as_tuple().exponent))
        decimales = max(exponente(moneda), min(sobran, MAXIMO_DECIMALES))
        cerca = "aprox. " if sobran > max(MAXIMO_DECIMALES, exponente(moneda)) else ""
        return f"{cerca}{self.numero(numero, decimales)} {moneda}"

    def tasa(self, texto: str) -> str:
        """Percentage or factor without trailing zeros: "2,9"."""
        numero = Decimal(texto).normalize(CONTEXTO)
        return self.numero(numero, max(0, -int(numero.as_tuple().exponent)))


ESPANOL: Final = Lengua()
numero_es = ESPANOL.numero
monto_es = ESPANOL.monto
tasa_es = ESPANOL.tasa


def explicar(resultado: Resultado) -> tuple[str, ...]:
    """Sentences that tell how a commission came about, one per step."""
    return explicar_traza(resultado.traza, resultado.moneda)


def explicar_traza(traza: Iterable[Paso], moneda: str, lengua: Lengua = ESPANOL) -> tuple[str, ...]:
    """As :func:`explicar`, from a stored trace. Raises ``KeyError`` for an unknown step."""
    return tuple(_FRASES[paso.codigo](dict(paso.datos), moneda, lengua) for paso in traza)


# The language is called ``_``, as whoever collects the sentences to translate expects.
def _base_bruta(d: Datos, m: str, _: Lengua) -> str:
    return _("La base es el valor de la conversión: {base}.").format(base=_.monto(d["base"], m))


def _concepto(clave: str, _: Lengua) -> str:
    return {"impuesto": _("impuestos"), "envio": _("envío"), "descuento": _("descuentos")}[clave]


def _base_neta(d: Datos, m: str, _: Lengua) -> str:
    restas = "".join(
        " \N{MINUS SIGN} "
        + _("{monto} de {concepto}").format(monto=_.monto(d[c], m), concepto=_concepto(c, _))
        for c in ("impuesto", "envio", "descuento")
        if c in d
    )
    cuenta = f"{_.monto(d['valor'], m)}{restas} = {_.monto(d['base'], m)}"
    return _("La base es neta: {cuenta}.").format(cuenta=cuenta)


def _parte(tasa: str, base: str, m: str, _: Lengua) -> str:
    return _("{tasa} % de {base}").format(tasa=_.tasa(tasa), base=_.monto(base, m))


def _porcentaje(d: Datos, m: str, _: Lengua) -> str:
    return f"{_parte(d['porcentaje'], d['base'], m, _)} = {_.monto(d['monto'], m)}."


def _fijo(d: Datos, m: str, _: Lengua) -> str:
    return _("Monto fijo por orden: {monto}.").format(monto=_.monto(d["monto"], m))


def _fijo_por_item(d: Datos, m: str, _: Lengua) -> str:
    cuenta = _("{unidades} a {monto}").format(
        unidades=_unidades(d, _), monto=_.monto(d["monto_fijo"], m)
    )
    return f"{cuenta} = {_.monto(d['monto'], m)}."


def _unidades(d: Datos, _: Lengua) -> str:
    frase = _("{n} artículo") if d["unidades"] == "1" else _("{n} artículos")
    return frase.format(n=_.numero(Decimal(d["unidades"]), 0))


def _acumulado(d: Datos, m: str, _: Lengua) -> str:
    if d["ordenes"] == "0":
        return _("Es la primera orden del periodo.")
    return _(
        "Antes de esta orden el periodo suma {valor} de base, {ordenes} órdenes y {cantidad}"
        " artículos."
    ).format(
        valor=_.monto(d["valor"], m),
        ordenes=_.numero(Decimal(d["ordenes"]), 0),
        cantidad=_.numero(Decimal(d["cantidad"]), 0),
    )


def _limites(d: Datos, m: str, _: Lengua, en_items: bool) -> str:
    def limite(texto: str) -> str:
        return _("{n} artículos").format(n=_.tasa(texto)) if en_items else _.monto(texto, m)

    if not d["hasta"]:
        return _("más de {desde}").format(desde=limite(d["desde"]))
    if not Decimal(d["desde"]):
        return _("hasta {hasta}").format(hasta=limite(d["hasta"]))
    return _("de {desde} a {hasta}").format(desde=limite(d["desde"]), hasta=limite(d["hasta"]))


def _pago(d: Datos, m: str, _: Lengua) -> str:
    partes = []
    if d["porcentaje"]:
        partes.append(_parte(d["porcentaje"], d["porcion"], m, _))
    if d["monto_fijo"]:
        veces = (
            ""
            if d["unidades"] == "1"
            else f"{_.numero(Decimal(d['unidades']), 0)} \N{MULTIPLICATION SIGN} "
        )
        partes.append(f"{veces}{_.monto(d['monto_fijo'], m)}")
    return f"{' + '.join(partes) or _('nada')} = {_.monto(d['monto'], m)}"


def _tramo(d: Datos, m: str, _: Lengua) -> str:
    return _("Tramo {limites}: {pago}.").format(
        limites=_limites(d, m, _, False), pago=_pago(d, m, _)
    )


def _tramo_items(d: Datos, m: str, _: Lengua) -> str:
    return _("Tramo {limites}, {unidades}: {pago}.").format(
        limites=_limites(d, m, _, True), unidades=_unidades(d, _), pago=_pago(d, m, _)
    )


def _alcanzado(d: Datos, m: str, _: Lengua) -> str:
    return _("Se alcanza el tramo {limites}: {pago}.").format(
        limites=_limites(d, m, _, False), pago=_pago(d, m, _)
    )


def _alcanzado_items(d: Datos, m: str, _: Lengua) -> str:
    return _("Se alcanza el tramo {limites}: {pago}.").format(
        limites=_limites(d, m, _, True), pago=_pago(d, m, _)
    )


def _anterior(d: Datos, m: str, _: Lengua) -> str:
    return _("Se descuenta lo que el periodo ya sumaba antes: {pago}.").format(pago=_pago(d, m, _))


def _multiplicador(d: Datos, m: str, _: Lengua) -> str:
    cuenta = (
        f"{_.monto(d['antes'], m)} \N{MULTIPLICATION SIGN} {_.tasa(d['factor'])}"
        f" = {_.monto(d['monto'], m)}"
    )
    return _("Nivel {nivel}: {cuenta}.").format(nivel=d["nivel"], cuenta=cuenta)


def _periodo(d: Datos, m: str, _: Lengua) -> str:
    return _(
        "Comisión del periodo con esta orden, {despues}, menos la de antes, {antes} = {monto}."
    ).format(
        despues=_.monto(d["despues"], m), antes=_.monto(d["antes"], m), monto=_.monto(d["monto"], m)
    )


def _minimo(d: Datos, m: str, _: Lengua) -> str:
    return _("No llega al mínimo: sube de {antes} a {minimo}.").format(
        antes=_.monto(d["antes"], m), minimo=_.monto(d["minimo"], m)
    )


def _tope(d: Datos, m: str, _: Lengua) -> str:
    return _("Pasa del tope: baja de {antes} a {tope}.").format(
        antes=_.monto(d["antes"], m), tope=_.monto(d["tope"], m)
    )


def _tope_gasto(d: Datos, m: str, _: Lengua) -> str:
    ambitos = {"afiliado": _("del afiliado"), "campana": _("de la campaña")}
    periodos = {
        "dia": _("en el día"),
        "semana": _("en la semana"),
        "mes": _("en el mes"),
        "total": _("en total"),
    }
    return _(
        "Tope de gasto {ambito} {periodo}: de {tope} ya se gastaron {gastado}; baja de {antes} a"
        " {monto}."
    ).format(
        ambito=ambitos[d["ambito"]],
        periodo=periodos[d["periodo"]],
        tope=_.monto(d["tope"], m),
        gastado=_.monto(d["gastado"], m),
        antes=_.monto(d["antes"], m),
        monto=_.monto(d["monto"], m),
    )


def _renovacion(d: Datos, m: str, _: Lengua) -> str:
    partes = [_("Es una renovación: la primera venta del cliente fue el {primera}.")]
    if d["meses"]:
        partes.append(_("Ganan durante {meses}.").format(meses=_meses(d, _)))
    if d["maximo"]:
        partes.append(_("Es la venta {venta} de {maximo} que ganan."))
    return " ".join(partes).format(
        primera=_.fecha(d["primera"]), venta=d["venta"], maximo=d["maximo"]
    )


def _renovacion_vencida(d: Datos, m: str, _: Lengua) -> str:
    primera = _.fecha(d["primera"])
    if d["meses"] == "0":
        return _("Solo gana la primera venta del cliente, que fue el {primera}.").format(
            primera=primera
        )
    if d["meses"] == "1":
        return _("Fuera del mes desde la primera venta del cliente, que fue el {primera}.").format(
            primera=primera
        )
    return _(
        "Fuera de los {n} meses desde la primera venta del cliente, que fue el {primera}."
    ).format(n=d["meses"], primera=primera)


def _meses(d: Datos, _: Lengua) -> str:
    return _("1 mes") if d["meses"] == "1" else _("{n} meses").format(n=d["meses"])


def _renovacion_agotada(d: Datos, m: str, _: Lengua) -> str:
    if d["maximo"] == "1":
        return _("Ya ganó una venta del cliente, la única que su regla admite.")
    return _("Ya ganaron {maximo} ventas del cliente, todas las que su regla admite.").format(
        maximo=d["maximo"]
    )


def _renovacion_fraude(d: Datos, m: str, _: Lengua) -> str:
    return _(
        "La primera venta del cliente, del {primera}, se rechazó por fraude: las siguientes no"
        " ganan."
    ).format(primera=_.fecha(d["primera"]))


def _redondeo(d: Datos, m: str, _: Lengua) -> str:
    if Decimal(d["exacto"]) == Decimal(d["monto"]):
        return _("Comisión: {monto}.").format(monto=_.monto(d["monto"], m))
    return _("Comisión: {exacto}, redondeada a la unidad mínima, {monto}.").format(
        exacto=_.monto(d["exacto"], m), monto=_.monto(d["monto"], m)
    )


_FRASES: Final[Mapping[str, Callable[[Datos, str, Lengua], str]]] = {
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
    "renovacion": _renovacion,
    "renovacion_vencida": _renovacion_vencida,
    "renovacion_agotada": _renovacion_agotada,
    "renovacion_fraude": _renovacion_fraude,
    "redondeo": _redondeo,
}
CODIGOS: Final = tuple(_FRASES)
