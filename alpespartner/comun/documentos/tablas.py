"""Tables that people upload: a CSV of whatever program, read whole before any of it is used.

What is not sure is refused with what to do: nothing is guessed of a file that does not say it.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alpespartner.comun.documentos.errores import TablaIlegible

MAX_BYTES = 5_000_000
MAX_FILAS = 40_000
MAX_COLUMNAS = 100
MAX_CELDA = 2_000
SEPARADORES = (",", ";", "\t")
_MARCAS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets of Western Europe write when nobody tells them otherwise.
_SIN_MARCA = ("utf-8", "cp1252")
_DE_EXCEL = b"PK\x03\x04"
# What a spreadsheet takes for a formula, and what it cannot be once ``'`` is before it.
_FORMULA = ("=", "@")
_NEUTRALIZADAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Tabla:
    """Header and rows of a file, each row with the line where it begins."""

    cabecera: tuple[str, ...]
    filas: list[tuple[int, list[str]]]
    codificacion: str
    separador: str


def leer_tabla(contenido: bytes) -> Tabla:
    """The table that a file holds. Raises :class:`TablaIlegible`."""
    if len(contenido) > MAX_BYTES:
        raise TablaIlegible(
            _("Ocupa más de %(mb)s MB: pártelo en varios.") % {"mb": MAX_BYTES // 1_000_000}
        )
    texto, codificacion = _texto(contenido)
    separador = _separador(texto)
    filas = _registros(texto, separador)
    if not filas:
        raise TablaIlegible(_("El fichero está vacío."))
    (_linea, cabecera), *resto = filas
    if not resto:
        raise TablaIlegible(_("El fichero solo tiene la cabecera: no hay filas que importar."))
    return Tabla(_cabecera(cabecera), resto, codificacion, separador)


def _texto(contenido: bytes) -> tuple[str, str]:
    if contenido.startswith(_DE_EXCEL):
        raise TablaIlegible(_("Es un libro de Excel: guárdalo como «CSV UTF-8» y súbelo."))
    marcadas = [nombre for marca, nombre in _MARCAS if contenido.startswith(marca)]
    for codificacion in marcadas or _SIN_MARCA:
        try:
            texto = contenido.decode(codificacion)
        except UnicodeDecodeError:
            continue
        nulo = texto.find("\0")
        if nulo >= 0:
            raise TablaIlegible(
                _("La línea %(linea)s tiene caracteres nulos: guárdalo como «CSV UTF-8».")
                % {"linea": texto.count("\n", 0, nulo) + 1}
            )
        return texto, codificacion
    raise TablaIlegible(_("No se entiende su codificación: guárdalo como «CSV UTF-8»."))


def _separador(texto: str) -> str:
    """The separator that cuts the header in most pieces."""
    return max(SEPARADORES, key=lambda separador: _piezas(texto, separador))


def _piezas(texto: str, separador: str) -> int:
    try:
        for celdas in csv.reader(io.StringIO(texto, newline=""), delimiter=separador, strict=True):
            if any(celdas):
                return len(celdas)
    except csv.Error:
        pass
    return 0


def _registros(texto: str, separador: str) -> list[tuple[int, list[str]]]:
    """Rows that hold something, with their line."""
    lector = csv.reader(io.StringIO(texto, newline=""), delimiter=separador, strict=True)
    filas: list[tuple[int, list[str]]] = []
    empieza = 1
    try:
        for celdas in lector:
            if any(celda.strip() for celda in celdas):
                filas.append((empieza, celdas))
            if len(filas) > MAX_FILAS + 1:
                raise TablaIlegible(
                    _("Tiene más de %(n)s filas: pártelo en varios.") % {"n": MAX_FILAS}
                )
            empieza = lector.line_num + 1
    except csv.Error:
        raise TablaIlegible(
            _("La línea %(linea)s no se entiende: revisa sus comillas, que se abren y se cierran.")
            % {"linea": empieza}
        ) from None
    return filas


def _cabecera(celdas: list[str]) -> tuple[str, ...]:
    nombres = tuple(celda.strip() for celda in celdas)
    if len(nombres) > MAX_COLUMNAS:
        raise TablaIlegible(_("Tiene más de %(n)s columnas.") % {"n": MAX_COLUMNAS})
    dados = [nombre for nombre in nombres if nombre]
    for nombre in dados:
        if dados.count(nombre) > 1:
            raise TablaIlegible(
                _("Hay dos columnas «%(nombre)s»: cambia el nombre de una.")
                % {"nombre": nombre[:60]}
            )
    return nombres


def sin_comilla(texto: str) -> str:
    """Without the ``'`` that keeps a spreadsheet from taking a text for a formula."""
    guardado = texto.startswith("'") and texto[1:].startswith(_NEUTRALIZADAS)
    return texto[1:] if guardado else texto


def texto_de_celda(celda: str) -> str:
    """A cell as text, as :func:`sin_comilla` leaves it.

    Raises ValueError with a sentence for a formula, for control characters and for one too long.
    """
    texto = celda.strip(" \u00a0")
    if len(texto) > MAX_CELDA:
        raise ValueError(_("Pasa de %(n)s caracteres.") % {"n": MAX_CELDA})
    limpio = sin_comilla(texto)
    if limpio == texto and texto.startswith(_FORMULA):
        raise ValueError(
            _("«%(texto)s» empieza como una fórmula: si es un texto, escribe ' delante.")
            % {"texto": texto[:40]}
        )
    texto = limpio.strip()
    if any(unicodedata.category(letra) == "Cc" for letra in texto):
        raise ValueError(_("Tiene saltos de línea o caracteres de control: quítalos."))
    return texto
