"""Files that a command reads row by row and writes whole or not at all. No Django."""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.documentos.errores import ErrorDeFichero, FilaInvalida

# What a cell must be quoted for, a lone CR too: csv.writer forgets it when lines end in LF.
_A_ENTRECOMILLAR: Final = re.compile(r'[,"\r\n]')


def registros(
    ruta: Path, obligatorias: Sequence[str], opcionales: Sequence[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row of a CSV file in the order of ``obligatorias`` and ``opcionales``;
    "" if absent. UTF-8, header first, columns in any order.

    Raises :class:`FilaInvalida` with the line and the reason.
    """
    archivo = ruta.name
    # Bytes that are not UTF-8 come through as surrogates, and are refused with their line.
    with ruta.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as entrada:
        lector = csv.reader(entrada, strict=True)
        try:
            cabecera = next(lector, [])
            lugares = _lugares(archivo, cabecera, obligatorias, opcionales)
            for celdas in lector:
                if not celdas:
                    continue
                if len(celdas) != len(cabecera):
                    raise FilaInvalida(
                        archivo,
                        lector.line_num,
                        f"tiene {len(celdas)} columnas y la cabecera {len(cabecera)}.",
                    )
                celdas.append("")
                yield lector.line_num, [celdas[lugar] for lugar in lugares]
        except csv.Error as error:
            raise FilaInvalida(archivo, lector.line_num, f"CSV mal formado: {error}.") from error


def _lugares(
    archivo: str, cabecera: list[str], obligatorias: Sequence[str], opcionales: Sequence[str]
) -> list[int]:
    conocidas = (*obligatorias, *opcionales)
    if falta := [columna for columna in obligatorias if columna not in cabecera]:
        raise FilaInvalida(archivo, 1, f"falta la columna «{falta[0]}».")
    if sobra := [columna for columna in cabecera if columna not in conocidas]:
        raise FilaInvalida(archivo, 1, f"columna desconocida: «{sobra[0]}».")
    if len(set(cabecera)) != len(cabecera):
        raise FilaInvalida(archivo, 1, "hay columnas repetidas.")
    # The place after the last holds "", for the optional columns that are not there.
    ausente = len(cabecera)
    return [cabecera.index(c) if c in cabecera else ausente for c in conocidas]


def exigir_utf8(celdas: Sequence[str]) -> None:
    """Raise ValueError when a cell that :func:`registros` gave was not UTF-8."""
    for texto in celdas:
        if not texto.isascii() and any("\ud800" <= letra <= "\udfff" for letra in texto):
            raise ValueError("no es texto UTF-8.")


def leer_instante(valor: str, campo: str) -> datetime:
    """An ISO 8601 date and time with its zone, in UTC. Raises ValueError naming the field."""
    try:
        instante = datetime.fromisoformat(valor)
        if instante.utcoffset() is None:
            raise ValueError
        return instante.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{campo} «{valor[:40]}»: se esperaba fecha y hora ISO 8601 con zona,"
            " como 2026-01-31T10:00:00Z."
        ) from error


@contextmanager
def salida_atomica(salida: Path) -> Iterator[TextIO]:
    """A file that appears, complete, when the block ends well; else what was there stays."""
    temporal = salida.with_name(f".{salida.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporal.open("x", encoding="utf-8", newline="") as archivo:
            yield archivo
            archivo.flush()
            os.fsync(archivo.fileno())
        os.replace(temporal, salida)
    except BaseException:
        temporal.unlink(missing_ok=True)
        raise


def exigir_otra_salida(salida: Path, *leidos: Path) -> None:
    """Raise :class:`ErrorDeFichero` when the output is one of the files that are read."""
    if salida.resolve() in [leido.resolve() for leido in leidos]:
        raise ErrorDeFichero(
            salida.name, None, "la salida no puede ser uno de los archivos leídos."
        )


def celda_csv(valor: str) -> str:
    """A text as a cell of a CSV file that no spreadsheet takes for a formula."""
    valor = celda(valor)
    if _A_ENTRECOMILLAR.search(valor):
        valor = '"' + valor.replace('"', '""') + '"'
    return valor
