"""Conversions from a CSV file, checked row by row: each error says its line and its reason.

UTF-8, header first, columns in any order: ``conversion_id, afiliado_id, valor, moneda,
ocurrida_en`` and optionally ``tipo_afiliado, campana_id, producto, cantidad, cliente, referente``.
``ocurrida_en`` is ISO 8601 with its offset; ``cantidad`` is 1 when empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from alpespartner.comun.dinero import (
    CERO,
    MAXIMO,
    DineroInvalido,
    decimal_exacto,
    es_exacto,
    exponente,
)
from alpespartner.comun.documentos.errores import FilaInvalida
from alpespartner.comun.documentos.ficheros import (
    exigir_utf8,
    leer_instante,
    registros,
)
from alpespartner.comun.textos import normalizar
from comisiones.motor.errores import CicloEnRed
from comisiones.motor.red import comprobar_sin_ciclos
from comisiones.motor.tipos import Hechos

OBLIGATORIAS: Final = ("conversion_id", "afiliado_id", "valor", "moneda", "ocurrida_en")
OPCIONALES: Final = (
    "tipo_afiliado", "campana_id", "producto", "cantidad", "cliente", "referente",
)  # fmt: skip

_CLIENTE: Final = -2


class Fila(NamedTuple):
    linea: int
    conversion_id: str
    hechos: Hechos
    cliente: str = ""


def leer_filas(conversiones: Path) -> Iterator[Fila]:
    """Validated conversions of a file. Raises :class:`FilaInvalida` with the line and reason."""
    archivo = conversiones.name
    vistas: set[str] = set()
    # One object per distinct text: a million rows name far fewer affiliates and products.
    comunes: dict[str, str] = {}
    for linea, celdas in registros(conversiones, OBLIGATORIAS, OPCIONALES):
        try:
            hechos = _hechos(celdas, comunes)
            conversion_id = celdas[0]
            if not conversion_id:
                raise ValueError("falta «conversion_id».")
            if conversion_id in vistas:
                raise ValueError(f"«{conversion_id}» está repetida.")
        except ValueError as error:
            raise FilaInvalida(archivo, linea, str(error)) from error
        vistas.add(conversion_id)
        yield Fila(linea, conversion_id, hechos, normalizar(celdas[_CLIENTE]))


def _hechos(celdas: list[str], comunes: dict[str, str]) -> Hechos:
    exigir_utf8(celdas)
    _, afiliado, valor, moneda, ocurrida, tipo, campana, producto, cantidad, *_resto = celdas
    if not afiliado:
        raise ValueError("falta «afiliado_id».")
    exponente(moneda)
    try:
        monto = decimal_exacto(valor)
    except DineroInvalido as error:
        raise ValueError(f"valor «{valor[:40]}»: {error}") from error
    if not CERO <= monto <= MAXIMO:
        raise ValueError(f"valor «{valor[:40]}»: debe estar entre 0 y {MAXIMO}.")
    if not es_exacto(monto, moneda):
        raise ValueError(f"valor «{valor[:40]}»: tiene más decimales que {moneda}.")
    guardar = comunes.setdefault
    afiliado, tipo, campana, producto = map(normalizar, (afiliado, tipo, campana, producto))
    return Hechos(
        valor=monto,
        moneda=guardar(moneda, moneda),
        ocurrida_en=leer_instante(ocurrida, "ocurrida_en"),
        cantidad=_cantidad(cantidad) if cantidad else 1,
        afiliado=guardar(afiliado, afiliado),
        tipo_afiliado=guardar(tipo, tipo),
        producto=guardar(producto, producto),
        campana=guardar(campana, campana),
    )


def _cantidad(valor: str) -> int:
    if not (valor.isascii() and valor.isdigit() and len(valor) <= 9 and int(valor) >= 1):
        raise ValueError(f"cantidad «{valor[:40]}»: debe ser un entero desde 1.")
    return int(valor)


def leer_referentes(conversiones: Path) -> dict[str, str]:
    """Referrer of each affiliate in the file. Raises :class:`FilaInvalida` for two, or a cycle."""
    archivo = conversiones.name
    referentes: dict[str, str] = {}
    lineas: dict[str, int] = {}
    for linea, celdas in registros(conversiones, OBLIGATORIAS, OPCIONALES):
        afiliado, referente = celdas[1], celdas[-1]
        if referente and referentes.setdefault(afiliado, referente) != referente:
            raise FilaInvalida(
                archivo,
                linea,
                f"«{afiliado}» ya tiene otro referente en la línea {lineas[afiliado]}.",
            )
        if referente:
            lineas.setdefault(afiliado, linea)
    try:
        comprobar_sin_ciclos(referentes)
    except CicloEnRed as error:
        raise FilaInvalida(archivo, lineas[error.afiliado], str(error)) from error
    return referentes
