"""Inputs, result and trace as a JSON-able dict, and back: a commission can be replayed for ever.

Decimals travel as plain text, instants as ISO 8601 in UTC, absent terms are left out (they were
``None``). ``formato`` changes only if the same inputs would be read or computed otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from alpespartner.comun.dinero import decimal_exacto
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import CongeladoInvalido
from comisiones.motor.tipos import (
    Acumulado,
    Alcance,
    AmbitoTope,
    Base,
    Concepto,
    Hechos,
    Metrica,
    Modo,
    Paso,
    Periodo,
    Por,
    Renovacion,
    Resultado,
    Terminos,
    Tipo,
    TopeGasto,
    Tramo,
    plano,
)

FORMATO: Final = 1
T = TypeVar("T")
Lector = Callable[[Any], Any]


def a_json(valor: Any) -> Any:
    """Any value of ``tipos`` as JSON-able data. ``None`` fields are left out. Raises TypeError."""
    if isinstance(valor, Decimal):
        return plano(valor)
    if isinstance(valor, StrEnum):
        return valor.value
    if valor is None or isinstance(valor, (str, int)):
        return valor
    if isinstance(valor, datetime):
        return valor.astimezone(UTC).isoformat()
    if isinstance(valor, Paso):
        return {"codigo": valor.codigo, "datos": dict(valor.datos)}
    if isinstance(valor, tuple):
        return [a_json(elemento) for elemento in valor]
    if is_dataclass(valor):
        campos = ((campo.name, getattr(valor, campo.name)) for campo in fields(valor))
        return {nombre: a_json(v) for nombre, v in campos if v is not None}
    raise TypeError(f"{type(valor).__name__} no se puede congelar")


def terminos_de(datos: Mapping[str, Any]) -> Terminos:
    """Terms from JSON data; absent or null keys are ``None``. Raises :class:`CongeladoInvalido`."""
    return _leer(Terminos, datos, _TERMINOS)


def alcance_de(datos: Mapping[str, Any]) -> Alcance:
    """Scope from JSON data. Raises :class:`CongeladoInvalido`."""
    return _leer(Alcance, datos, dict.fromkeys((c.name for c in fields(Alcance)), texto_de))


def hechos_congelados(datos: Mapping[str, Any]) -> Hechos:
    """Facts from JSON data. Raises :class:`CongeladoInvalido`."""
    return _leer(Hechos, datos, _HECHOS)


def acumulado_de(datos: Mapping[str, Any]) -> Acumulado:
    """State of a period from JSON data. Raises :class:`CongeladoInvalido`."""
    return _leer(Acumulado, datos, _ACUMULADO)


def traza_de(datos: Iterable[Mapping[str, Any]]) -> tuple[Paso, ...]:
    """Trace from JSON data, for ``explicacion.explicar_traza``."""
    return tuple(
        Paso(str(paso["codigo"]), tuple((str(k), str(v)) for k, v in paso["datos"].items()))
        for paso in datos
    )


def congelar(
    terminos: Terminos,
    hechos: Hechos,
    acumulado: Acumulado | None,
    resultado: Resultado,
) -> dict[str, Any]:
    """JSON-able record of a computed commission: inputs, result and trace."""
    salida = a_json(resultado)
    return {
        "formato": FORMATO,
        "terminos": a_json(terminos),
        "hechos": a_json(hechos),
        "acumulado": a_json(acumulado),
        "traza": salida.pop("traza"),
        "resultado": salida,
    }


def recalcular(congelado: Mapping[str, Any]) -> Resultado:
    """Compute a frozen commission again from its inputs alone.

    Raises :class:`CongeladoInvalido` for another format or unreadable inputs.
    """
    if congelado.get("formato") != FORMATO:
        raise CongeladoInvalido(f"Formato {congelado.get('formato')!r} desconocido.")
    try:
        terminos, hechos = congelado["terminos"], congelado["hechos"]
        previo = congelado["acumulado"]
    except KeyError as error:
        raise CongeladoInvalido(f"Falta {error}.") from error
    return calcular(
        terminos_de(terminos),
        hechos_congelados(hechos),
        None if previo is None else acumulado_de(previo),
    )


def discrepancias(congelado: Mapping[str, Any]) -> tuple[str, ...]:
    """What a replay computes differently from the record, in Spanish; empty when all agrees."""
    nuevo = a_json(recalcular(congelado))
    guardado = {**congelado["resultado"], "traza": congelado["traza"]}
    return tuple(
        f"{campo}: guardado {guardado.get(campo)!r}, recalculado {nuevo.get(campo)!r}"
        for campo in sorted({*nuevo, *guardado})
        if not _iguales(guardado.get(campo), nuevo.get(campo))
    )


def _iguales(uno: Any, otro: Any) -> bool:
    """Same shape, same texts; numbers by value ("1.50" is "1.5")."""
    if isinstance(uno, Mapping) and isinstance(otro, Mapping):
        return uno.keys() == otro.keys() and all(_iguales(uno[k], otro[k]) for k in uno)
    if isinstance(uno, list) and isinstance(otro, list):
        return len(uno) == len(otro) and all(map(_iguales, uno, otro))
    if uno == otro or not (isinstance(uno, str) and isinstance(otro, str)):
        return bool(uno == otro)
    try:
        return decimal_exacto(uno) == decimal_exacto(otro)
    except ValueError:
        return False


def _leer(clase: Callable[..., T], datos: Mapping[str, Any], lectores: Mapping[str, Lector]) -> T:
    if not isinstance(datos, Mapping):
        raise CongeladoInvalido("Se esperaba un objeto JSON.")
    if sobra := sorted(datos.keys() - lectores.keys()):
        raise CongeladoInvalido(f"Campo desconocido: «{sobra[0]}».")
    valores: dict[str, Any] = {}
    for nombre, valor in datos.items():
        if valor is None:
            continue
        try:
            valores[nombre] = lectores[nombre](valor)
        except ValueError as error:
            raise CongeladoInvalido(f"«{nombre}»: {error}", campo=nombre) from error
    for campo in fields(clase):  # type: ignore[arg-type]
        if campo.default is MISSING and campo.name not in valores:
            raise CongeladoInvalido(f"Falta «{campo.name}».", campo=campo.name)
    return clase(**valores)


def texto_de(valor: Any) -> str:
    """A JSON string. Raises ``ValueError`` for anything else."""
    if not isinstance(valor, str):
        raise ValueError("se esperaba un texto.")
    return valor


def entero_de(valor: Any) -> int:
    """A JSON integer. Raises ``ValueError`` for anything else, booleans included."""
    if not isinstance(valor, int) or isinstance(valor, bool):
        raise ValueError("se esperaba un número entero.")
    return valor


def _enum(clase: type[StrEnum]) -> Lector:
    def leer(valor: Any) -> StrEnum:
        try:
            return clase(valor)
        except ValueError as error:
            opciones = ", ".join(opcion.value for opcion in clase)
            raise ValueError(f"se esperaba uno de: {opciones}.") from error

    return leer


def _lista(lector: Lector) -> Lector:
    def leer(valor: Any) -> tuple[Any, ...]:
        if not isinstance(valor, (list, tuple)):
            raise ValueError("se esperaba una lista.")
        return tuple(lector(elemento) for elemento in valor)

    return leer


def _instante(valor: Any) -> datetime:
    instante = datetime.fromisoformat(texto_de(valor))
    if instante.utcoffset() is None:
        raise ValueError("la fecha debe llevar zona horaria.")
    return instante.astimezone(UTC)


def _booleano(valor: Any) -> bool:
    if not isinstance(valor, bool):
        raise ValueError("se esperaba true o false.")
    return valor


def _par(valor: Any) -> tuple[str, Decimal]:
    if not isinstance(valor, (list, tuple)) or len(valor) != 2:
        raise ValueError("se esperaba un par [nivel, factor].")
    return texto_de(valor[0]), decimal_exacto(valor[1])


_TRAMO: Final[dict[str, Lector]] = {campo.name: decimal_exacto for campo in fields(Tramo)}
_TOPE_GASTO: Final[dict[str, Lector]] = {
    "ambito": _enum(AmbitoTope),
    "periodo": _enum(Periodo),
    "monto": decimal_exacto,
}
_TERMINOS: Final[dict[str, Lector]] = {
    "tipo": _enum(Tipo),
    "moneda": texto_de,
    "porcentaje": decimal_exacto,
    "monto_fijo": decimal_exacto,
    "por": _enum(Por),
    "modo": _enum(Modo),
    "metrica": _enum(Metrica),
    "periodo": _enum(Periodo),
    "zona_horaria": texto_de,
    "tramos": _lista(lambda valor: _leer(Tramo, valor, _TRAMO)),
    "minimo": decimal_exacto,
    "tope": decimal_exacto,
    "topes_gasto": _lista(lambda valor: _leer(TopeGasto, valor, _TOPE_GASTO)),
    "multiplicadores": _lista(_par),
    "base": _enum(Base),
    "excluye": _lista(_enum(Concepto)),
    "duracion_meses": entero_de,
    "max_pagos": entero_de,
}
_RENOVACION: Final[dict[str, Lector]] = {
    "primera_en": _instante,
    "fraude": _booleano,
    "pagos": entero_de,
}


def _renovacion(valor: Any) -> Renovacion:
    return _leer(Renovacion, valor, _RENOVACION)


_HECHOS: Final[dict[str, Lector]] = dict.fromkeys((c.name for c in fields(Hechos)), texto_de) | {
    "valor": decimal_exacto,
    "ocurrida_en": _instante,
    "cantidad": entero_de,
    "impuesto": decimal_exacto,
    "envio": decimal_exacto,
    "descuento": decimal_exacto,
    "renovacion": _renovacion,
}
_ACUMULADO: Final[dict[str, Lector]] = {
    "valor": decimal_exacto,
    "cantidad": entero_de,
    "ordenes": entero_de,
    "bruto": decimal_exacto,
    "gastado": _lista(decimal_exacto),
}
