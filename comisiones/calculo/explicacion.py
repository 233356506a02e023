"""How a stored commission came about, and its replay from the frozen inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alpespartner.comun import dinero
from comisiones.comision.models import Comision
from comisiones.motor import AmbitoTope, ErrorMotor, Tipo, discrepancias, explicar_traza
from comisiones.motor.congelado import traza_de
from comisiones.motor.explicacion import monto_es

# How the terms of a rule are called in plain Spanish.
_TERMINOS = {
    "tipo": "el tipo", "moneda": "la moneda", "porcentaje": "el porcentaje",
    "monto_fijo": "el monto fijo", "por": "la unidad del monto fijo", "modo": "el modo",
    "metrica": "la métrica", "periodo": "el periodo", "zona_horaria": "la zona horaria",
    "tramos": "los tramos", "minimo": "el mínimo", "tope": "el tope",
    "topes_gasto": "los topes de gasto", "multiplicadores": "los multiplicadores de nivel",
    "base": "la base", "excluye": "lo que la base excluye",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PasoExplicado:
    """A step in plain Spanish, with its stable code and its numbers as text."""

    codigo: str
    texto: str
    datos: dict[str, str]


def pasos_de(comision: Comision) -> list[PasoExplicado]:
    """The calculation told step by step; empty while no rule says what it pays."""
    traza = comision.traza
    if not traza or "traza" not in traza:
        return []
    pasos = traza_de(traza["traza"])
    frases = explicar_traza(pasos, traza["moneda"])
    salida = [PasoExplicado("regla", _regla(traza), {"regla": traza["regla"]})]
    sobran = _sin_uso(traza["terminos"])
    heredados = [
        _TERMINOS.get(campo, campo)
        for campo, _regla, _version in traza["hereda"]
        if campo not in sobran
    ]
    if heredados:
        lista = ", ".join(heredados)
        salida.append(PasoExplicado("hereda", f"De reglas más generales hereda {lista}.", {}))
    salida += [
        PasoExplicado(paso.codigo, frase, dict(paso.datos))
        for paso, frase in zip(pasos, frases, strict=True)
    ]
    if comision.revertido:
        salida.append(_reduccion(comision))
    return salida


# Steps that tell the affiliate nothing but its own sale and its own period, and those that tell
# more. One that is in neither stays among the staff, too.
_PUBLICOS = frozenset({
    "base_bruta", "base_neta", "porcentaje", "fijo", "fijo_por_item", "acumulado", "tramo",
    "tramo_items", "tramo_alcanzado", "tramo_alcanzado_items", "tramo_anterior", "multiplicador",
    "periodo", "minimo", "tope", "tope_gasto", "redondeo",
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
        return PasoExplicado("base", f"La base es {monto_es(base, moneda)}.", {"base": base})
    if paso.codigo == "tope_gasto" and datos["ambito"] != AmbitoTope.AFILIADO:
        antes, monto = datos["antes"], datos["monto"]
        return PasoExplicado(
            paso.codigo,
            f"La campaña tiene un tope de gasto: baja de {monto_es(antes, moneda)}"
            f" a {monto_es(monto, moneda)}.",
            {"antes": antes, "monto": monto},
        )
    return paso


def _regla(traza: dict[str, Any]) -> str:
    partes = [f"Regla: {traza['regla']}"]
    if traza["version"]:
        partes.append(f"versión {traza['version']}")
    if traza["nivel"] > 1:
        partes.append(f"nivel {traza['nivel']} de la red")
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
        f"Las devoluciones de la venta quitan {monto_es(revertido, comision.moneda)} de"
        f" {monto_es(str(original), comision.moneda)}: quedan {monto_es(queda, comision.moneda)}.",
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
        distintas = list(discrepancias(traza))
    except (ErrorMotor, KeyError) as exc:
        return (f"no se puede recalcular: {exc}",)
    resultado = traza["resultado"]
    for campo, guardado in (("monto", monto_original(comision)), ("base", comision.base)):
        calculado = dinero.cuantizar(Decimal(resultado[campo]), comision.moneda)
        if calculado != guardado:
            distintas.append(f"{campo}: la fila dice {guardado}, el cálculo {calculado}")
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
