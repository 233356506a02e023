"""How a stored commission came about, and its replay from the frozen inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alpespartner.comun import dinero
from comisiones.calculo.rango import calculado, monto_guardable
from comisiones.comision.models import Comision
from comisiones.motor import AmbitoTope, Tipo, discrepancias, explicar_traza
from comisiones.motor.congelado import traza_de
from comisiones.motor.errores import ILEGIBLE
from comisiones.motor.explicacion import Lengua
from comisiones.reglas.models import nombre_de_regla


def _lengua() -> Lengua:
    """That of whoever reads, with its separators."""
    return Lengua(_, get_format("THOUSAND_SEPARATOR"), get_format("DECIMAL_SEPARATOR"), _dia)


def _dia(instante: datetime) -> str:
    return date_format(timezone.localtime(instante), "SHORT_DATE_FORMAT")


def _monto(texto: str, moneda: str) -> str:
    return _lengua().monto(texto, moneda)


# How the terms of a rule are called in plain words.
_TERMINOS = {
    "tipo": gettext_lazy("el tipo"),
    "moneda": gettext_lazy("la moneda"),
    "porcentaje": gettext_lazy("el porcentaje"),
    "monto_fijo": gettext_lazy("el monto fijo"),
    "por": gettext_lazy("la unidad del monto fijo"),
    "modo": gettext_lazy("el modo"),
    "metrica": gettext_lazy("la métrica"),
    "periodo": gettext_lazy("el periodo"),
    "zona_horaria": gettext_lazy("la zona horaria"),
    "tramos": gettext_lazy("los tramos"),
    "minimo": gettext_lazy("el mínimo"),
    "tope": gettext_lazy("el tope"),
    "topes_gasto": gettext_lazy("los topes de gasto"),
    "multiplicadores": gettext_lazy("los multiplicadores de nivel"),
    "base": gettext_lazy("la base"),
    "excluye": gettext_lazy("lo que la base excluye"),
    "duracion_meses": gettext_lazy("los meses que gana un cliente"),
    "max_pagos": gettext_lazy("cuántas ventas de un cliente ganan"),
}


@dataclass(frozen=True, slots=True)
class PasoExplicado:
    """A step in plain words, with its stable code and its numbers as text."""

    codigo: str
    texto: str
    datos: dict[str, str]


def pasos_de(comision: Comision) -> list[PasoExplicado]:
    """The calculation told step by step; empty while no rule says what it pays."""
    traza = comision.traza
    if not traza:
        return []
    try:
        return _pasos(comision, traza) if "traza" in traza else []
    except ILEGIBLE:
        return [PasoExplicado("ilegible", _("El cálculo guardado no se puede leer."), {})]


def _pasos(comision: Comision, traza: dict[str, Any]) -> list[PasoExplicado]:
    moneda = traza["moneda"]
    registros = [traza, *traza.get("otras", ())]
    salida = [paso for registro in registros for paso in _de_un_registro(registro, moneda)]
    if len(registros) > 1:
        salida.append(_suma(registros, traza["monto"], moneda))
    if calculado(traza) > dinero.MAXIMO:
        salida.append(_fuera_de_rango(comision, traza["monto"]))
    elif mayor_que_su_venta(comision):
        salida.append(_mayor(comision))
    if comision.revertido:
        salida.append(_reduccion(comision))
    return salida


def _de_un_registro(registro: dict[str, Any], moneda: str) -> list[PasoExplicado]:
    pasos = traza_de(registro["traza"])
    frases = explicar_traza(pasos, moneda, _lengua())
    salida = [PasoExplicado("regla", _regla(registro), {"regla": registro["regla"]})]
    sobran = _sin_uso(registro["terminos"])
    heredados = [
        str(_TERMINOS.get(campo, campo))
        for campo, _de, _version in registro["hereda"]
        if campo not in sobran
    ]
    if heredados:
        lista = ", ".join(heredados)
        salida.append(
            PasoExplicado(
                "hereda", _("De reglas más generales hereda {lista}.").format(lista=lista), {}
            )
        )
    return salida + [
        PasoExplicado(paso.codigo, frase, dict(paso.datos))
        for paso, frase in zip(pasos, frases, strict=True)
    ]


def _suma(registros: list[dict[str, Any]], total: str, moneda: str) -> PasoExplicado:
    montos = [str(registro["resultado"]["monto"]) for registro in registros]
    sumandos = " + ".join(_monto(monto, moneda) for monto in montos)
    cuenta = f"{sumandos} = {_monto(total, moneda)}"
    return PasoExplicado(
        "suma_de_lineas",
        _("Suma de las líneas: {cuenta}.").format(cuenta=cuenta),
        {"montos": " ".join(montos), "monto": total},
    )


def mayor_que_su_venta(comision: Comision) -> bool:
    """Whether it was calculated to pay more than its sale brought in."""
    return monto_original(comision) > comision.conversion.valor


def _fuera_de_rango(comision: Comision, monto: str) -> PasoExplicado:
    maximo = f"{dinero.MAXIMO:f}"
    return PasoExplicado(
        "fuera_de_rango",
        _(
            "{monto} pasa de {maximo}, el máximo de una comisión: no se paga nada hasta que se"
            " recalcule dentro de él."
        ).format(monto=_monto(monto, comision.moneda), maximo=_monto(maximo, comision.moneda)),
        {"monto": monto, "maximo": maximo},
    )


def _mayor(comision: Comision) -> PasoExplicado:
    original = dinero.texto(monto_original(comision), comision.moneda)
    venta = dinero.texto(comision.conversion.valor, comision.moneda)
    return PasoExplicado(
        "mayor_que_la_venta",
        _("La comisión, {monto}, es mayor que la venta, {venta}.").format(
            monto=_monto(original, comision.moneda), venta=_monto(venta, comision.moneda)
        ),
        {"monto": original, "venta": venta},
    )


# Steps that tell the affiliate nothing but its own sale and its own period, and those that tell
# more. One that is in neither stays among the staff, too.
_PUBLICOS = frozenset({
    "base_bruta", "base_neta", "porcentaje", "fijo", "fijo_por_item", "acumulado", "tramo",
    "tramo_items", "tramo_alcanzado", "tramo_alcanzado_items", "tramo_anterior", "multiplicador",
    "periodo", "minimo", "tope", "tope_gasto", "redondeo", "renovacion", "renovacion_vencida",
    "renovacion_agotada", "renovacion_fraude",
})  # fmt: skip
_RESERVADOS: frozenset[str] = frozenset()
_CIFRAS_PUBLICAS = ("nivel", "formula", "redondeo", "base", "tasa", "exacto", "monto", "moneda")


def calculo_publico(comision: Comision) -> dict[str, Any]:
    """Of the frozen record, the figures that are the affiliate's: no rule, no terms of others, and
    nothing of what the campaign spent."""
    return {campo: comision.traza[campo] for campo in _CIFRAS_PUBLICAS if campo in comision.traza}


def pasos_publicos(comision: Comision) -> list[PasoExplicado]:
    """:func:`pasos_de` as the affiliate may read them."""
    ajena = comision.nivel > 1
    pasos = (_publico(paso, comision.moneda, ajena=ajena) for paso in pasos_de(comision))
    return [paso for paso in pasos if paso is not None]


def _publico(paso: PasoExplicado, moneda: str, *, ajena: bool) -> PasoExplicado | None:
    datos = paso.datos
    if paso.codigo == "devoluciones":
        return paso
    if paso.codigo not in _PUBLICOS:
        return None
    if paso.codigo == "base_neta" and ajena:
        # What the sale of somebody else was made of.
        base = datos["base"]
        dicha = _("La base es {base}.").format(base=_monto(base, moneda))
        return PasoExplicado("base", dicha, {"base": base})
    if paso.codigo == "tope_gasto" and datos["ambito"] != AmbitoTope.AFILIADO:
        antes, monto = datos["antes"], datos["monto"]
        return PasoExplicado(
            paso.codigo,
            _("La campaña tiene un tope de gasto: baja de {antes} a {monto}.").format(
                antes=_monto(antes, moneda), monto=_monto(monto, moneda)
            ),
            {"antes": antes, "monto": monto},
        )
    if paso.codigo in _DE_CLIENTE:
        # Not when its other sales were, nor why one was refused: they may be of somebody else.
        return PasoExplicado(paso.codigo, str(_DE_CLIENTE[paso.codigo]), {})
    return paso


_DE_CLIENTE = {
    "renovacion": gettext_lazy("El cliente ya había comprado: es una renovación."),
    "renovacion_vencida": gettext_lazy("Pasó el tiempo en que ganan las ventas de este cliente."),
    "renovacion_agotada": gettext_lazy("Ya ganaron tantas ventas de este cliente como pueden."),
    "renovacion_fraude": gettext_lazy("Las ventas de este cliente ya no ganan."),
}


def por_su_cliente(comision: Comision) -> list[str]:
    """Of a renewal, why it earns or not; nothing of any other sale."""
    return [paso.texto for paso in pasos_de(comision) if paso.codigo in _DE_CLIENTE]


def _regla(traza: dict[str, Any]) -> str:
    partes = [_("Regla: {regla}").format(regla=nombre_de_regla(traza["regla"]))]
    if traza["version"]:
        partes.append(_("versión {n}").format(n=traza["version"]))
    if traza["nivel"] > 1:
        partes.append(_("nivel {n} de la red").format(n=traza["nivel"]))
    if "productos" in traza:
        de = dict.fromkeys(nombre or _("sin nombre") for nombre, _importe in traza["productos"])
        partes.append(_("para las líneas de {lineas}").format(lineas=", ".join(de)))
    return f"{', '.join(partes)}."


def _sin_uso(terminos: dict[str, Any]) -> set[str]:
    """Inherited terms that took no part: nobody asks about them."""
    tipo = terminos.get("tipo")
    sobran = {"moneda"}
    if tipo != Tipo.ESCALONADA:
        sobran |= {"modo", "metrica", "periodo", "tramos"}
        if not terminos.get("topes_gasto"):
            sobran.add("zona_horaria")
    if tipo not in (Tipo.FIJA, Tipo.MIXTA):
        sobran |= {"monto_fijo", "por"}
    if tipo not in (Tipo.PORCENTUAL, Tipo.MIXTA):
        sobran.add("porcentaje")
    return sobran


def _reduccion(comision: Comision) -> PasoExplicado:
    original = monto_original(comision)
    revertido = dinero.texto(comision.revertido, comision.moneda)
    queda = dinero.texto(comision.monto, comision.moneda)
    return PasoExplicado(
        "devoluciones",
        _("Las devoluciones de la venta quitan {quitan} de {original}: quedan {quedan}.").format(
            quitan=_monto(revertido, comision.moneda),
            original=_monto(str(original), comision.moneda),
            quedan=_monto(queda, comision.moneda),
        ),
        {"revertido": revertido, "monto": queda},
    )


def monto_original(comision: Comision) -> Decimal:
    """What it paid when it was calculated, before any refund."""
    return comision.monto + comision.revertido


def diferencias(comision: Comision) -> tuple[str, ...]:
    """What a replay of the frozen inputs says otherwise than the row; empty when all agrees."""
    traza = comision.traza
    if not traza:
        return ()
    try:
        registros = [traza, *traza.get("otras", ())]
        distintas = [frase for registro in registros for frase in discrepancias(registro)]
        otras = {str(r["resultado"]["moneda"]) for r in registros} - {comision.moneda}
        for moneda in sorted(otras):
            distintas.append(f"moneda: la fila dice {comision.moneda}, el cálculo {moneda}")
        for campo, guardado in (("monto", monto_original(comision)), ("base", comision.base)):
            suma = sum((Decimal(r["resultado"][campo]) for r in registros), dinero.CERO)
            segun = dinero.cuantizar(suma, comision.moneda)
            if campo == "monto":
                segun = monto_guardable(segun)
            if segun != guardado:
                distintas.append(f"{campo}: la fila dice {guardado}, el cálculo {segun}")
    except ILEGIBLE as exc:
        return (f"no se puede recalcular: {exc}",)
    return tuple(distintas)


def repasar(ids: list[str] | None = None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(public id, differences) of each commission with a calculation, or of those named."""
    comisiones = Comision.objects.exclude(regla=None).order_by("id")
    if ids is not None:
        comisiones = comisiones.filter(id_publico__in=ids)
    for comision in comisiones.only(
        "id_publico", "monto", "revertido", "base", "moneda", "traza"
    ).iterator(chunk_size=500):
        yield comision.id_publico, diferencias(comision)
