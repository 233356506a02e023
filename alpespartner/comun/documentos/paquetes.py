"""Sections of rows as one ZIP: all of it as JSON and, of each section with rows, a CSV that no
spreadsheet takes for formulas. It is written a piece at a time: it is never whole in memory."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.core.serializers.json import DjangoJSONEncoder

from alpespartner.comun.documentos.celdas import celda

Fila = Mapping[str, object]
# What tells a spreadsheet that it is UTF-8.
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Pieza:
    """Some rows of a section, written: as JSON without its brackets, and as lines of its CSV under
    ``cabecera``. All are "" of one without rows."""

    seccion: str
    json: str = ""
    cabecera: str = ""
    lineas: str = ""


def pieza(seccion: str, filas: Sequence[Fila]) -> Pieza:
    """Rows of a section, which are plain values under the same names."""
    if not filas:
        return Pieza(seccion)
    textos = [json.dumps(dict(f), cls=DjangoJSONEncoder, ensure_ascii=False) for f in filas]
    lineas = _csv([_celda(valor) for valor in fila.values()] for fila in filas)
    return Pieza(seccion, ",\n".join(textos), _csv([list(filas[0])]), lineas)


class _Salida:
    """Where a ZIP is written that nobody can go back in."""

    def __init__(self) -> None:
        self._partes: list[bytes] = []

    def write(self, dado: bytes) -> int:
        self._partes.append(bytes(dado))
        return len(dado)

    def flush(self) -> None:
        """Nothing waits."""

    def sacar(self) -> bytes:
        """What was written since the last time."""
        juntas = b"".join(self._partes)
        self._partes.clear()
        return juntas


def en_zip(piezas: Callable[[], Iterable[Pieza]]) -> Iterator[bytes]:
    """The ZIP of some pieces, those of a section together; they are gone over twice."""
    salida = _Salida()
    with zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as paquete:  # type: ignore[call-overload]
        for seccion, suyas in groupby(piezas(), key=lambda una: una.seccion):
            con_filas = (una for una in suyas if una.json)
            if (primera := next(con_filas, None)) is None:
                continue
            with paquete.open(f"{seccion}.csv", "w", force_zip64=True) as hoja:
                hoja.write(_BOM + (primera.cabecera + primera.lineas).encode(errors="replace"))
                yield salida.sacar()
                for una in con_filas:
                    hoja.write(una.lineas.encode(errors="replace"))
                    yield salida.sacar()
        with paquete.open("datos.json", "w", force_zip64=True) as todo:
            antes = "{"
            for seccion, suyas in groupby(piezas(), key=lambda una: una.seccion):
                todo.write(f"{antes}\n{json.dumps(seccion)}: [".encode())
                entre = "\n"
                for una in suyas:
                    if una.json:
                        todo.write((entre + una.json).encode(errors="replace"))
                        entre = ",\n"
                        yield salida.sacar()
                todo.write(b"]")
                antes = ","
            todo.write(b"{}" if antes == "{" else b"\n}\n")
    yield salida.sacar()


def _csv(filas: Iterable[list[str]]) -> str:
    papel = io.StringIO()
    csv.writer(papel, lineterminator="\r\n").writerows(filas)
    return papel.getvalue()


def _celda(valor: object) -> str:
    if isinstance(valor, str):
        return celda(valor)
    if valor is None:
        return ""
    if isinstance(valor, dict | list):
        return celda(json.dumps(valor, cls=DjangoJSONEncoder, ensure_ascii=False))
    return json.dumps(valor, cls=DjangoJSONEncoder).strip('"')
