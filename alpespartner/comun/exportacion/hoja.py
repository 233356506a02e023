"""The file of a list: RFC 4180 in UTF-8."""

from __future__ import annotations

import csv
import io
import zlib
from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from alpespartner.comun.exportacion.columnas import Columna

# What tells a spreadsheet that it is UTF-8.
BOM = b"\xef\xbb\xbf"


def cabecera(columnas: Sequence[Columna]) -> bytes:
    """The first line: the names of the columns."""
    return _lineas([[columna.nombre for columna in columnas]])


def lineas_de(filas: Iterable[Any], columnas: Sequence[Columna]) -> bytes:
    """A line for each row."""
    return _lineas([columna.de(fila) for columna in columnas] for fila in filas)


def _lineas(celdas: Iterable[list[str]]) -> bytes:
    salida = io.StringIO()
    csv.writer(salida, lineterminator="\r\n").writerows(celdas)
    return salida.getvalue().encode(errors="replace")


def nombre_de(modelo: str, leida_en: datetime) -> str:
    """Name of a file: which list, and at which instant it was read, in UTC."""
    return f"{modelo.rpartition('.')[2]}-{leida_en.astimezone(UTC):%Y%m%dT%H%M%SZ}.csv"


def guardadas(claves: Sequence[int]) -> bytes:
    """Keys of rows, as they are kept."""
    return zlib.compress(array("q", claves).tobytes())


def leidas(guardado: bytes) -> list[int]:
    """The keys that were kept."""
    claves = array("q")
    claves.frombytes(zlib.decompress(guardado))
    return claves.tolist()
