"""Reading a file of decisions: CSV with its names in the first line, in any order.

``comision_id`` or ``referencia_externa``, ``decision`` (aprobar, rechazar), ``motivo_codigo`` and
``nota``. Other columns are not looked at, so that an exported list with these added will do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alpespartner.comun.formato import entero
from alpespartner.comun.textos import MAX_MOTIVO, normalizar
from comisiones.revision.errores import FicheroIlegible
from comisiones.revision.estados import AccionEnMasa, CausaFila
from conversiones.ventas.motivos import MotivoDecision

MAX_FILAS = 40_000
MAX_BYTES = 8_000_000
_SEPARADORES = (",", ";")
_CORREGIR = "corregir"
_DE_FICHERO = (AccionEnMasa.APROBAR, AccionEnMasa.RECHAZAR)


@dataclass(frozen=True, slots=True)
class Fila:
    """A line of a file: which commission, what to do with it and why; ``causa`` says why not."""

    numero: int
    comision_id: str
    referencia: str
    accion: str = ""
    motivo: str = ""
    motivo_codigo: str = ""
    causa: str = ""

    @property
    def nombrada(self) -> str:
        """The commission, as the file names it."""
        return self.comision_id or self.referencia


def leer(contenido: bytes) -> list[Fila]:
    """The lines of a file, good and bad. Raises :class:`FicheroIlegible` for what is no such file,
    or has too many."""
    if len(contenido) > MAX_BYTES:
        raise FicheroIlegible(_("El fichero es demasiado grande."))
    try:
        texto = contenido.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FicheroIlegible(_("No es texto UTF-8: guárdalo como «CSV UTF-8».")) from None
    if "\x00" in texto:
        raise FicheroIlegible(_("No es un fichero de texto."))
    try:
        return list(_filas(texto))
    except csv.Error as exc:
        raise FicheroIlegible(_("No se pudo leer: %(porque)s.") % {"porque": exc}) from None


def _filas(texto: str) -> Iterator[Fila]:
    primera = texto.partition("\n")[0]
    separador = max(_SEPARADORES, key=primera.count)
    lector = csv.reader(io.StringIO(texto, newline=""), delimiter=separador)
    nombres = [normalizar(nombre).lower() for nombre in next(lector, [])]
    _exigir_columnas(nombres)
    n = 0
    for celdas in lector:
        if not any(celda.strip() for celda in celdas):
            continue
        n += 1
        if n > MAX_FILAS:
            raise FicheroIlegible(
                _("Tiene más de %(n)s filas: pártelo.") % {"n": entero(MAX_FILAS)}
            )
        dichas = dict(zip(nombres, celdas, strict=False))
        yield _fila(lector.line_num, dichas, sobran=len(celdas) > len(nombres))


def _exigir_columnas(nombres: list[str]) -> None:
    propias = [n for n in nombres if n]
    if len(set(propias)) != len(propias):
        raise FicheroIlegible(_("Hay columnas repetidas."))
    if "decision" not in propias or not {"comision_id", "referencia_externa"} & set(propias):
        raise FicheroIlegible(
            _("Faltan columnas: «decision», y «comision_id» o «referencia_externa».")
        )


def _fila(numero: int, celdas: dict[str, str], *, sobran: bool) -> Fila:
    def de(nombre: str) -> str:
        return normalizar(celdas.get(nombre, ""))

    fila = Fila(numero, de("comision_id")[:40], de("referencia_externa")[:128])
    accion, codigo = de("decision").lower(), de("motivo_codigo").lower()
    motivo = celdas.get("nota", "").strip()
    causa = ""
    if sobran:
        causa = CausaFila.MAL_FORMADA
    elif not accion:
        causa = CausaFila.SIN_DECISION
    elif accion == _CORREGIR:
        causa = CausaFila.CORREGIR
    elif accion not in _DE_FICHERO:
        causa = CausaFila.DECISION_DESCONOCIDA
    elif not fila.nombrada:
        causa = CausaFila.SIN_NOMBRE
    elif codigo and codigo not in MotivoDecision.values:
        causa = CausaFila.MOTIVO_DESCONOCIDO
    elif accion == AccionEnMasa.RECHAZAR and not codigo:
        causa = CausaFila.SIN_MOTIVO
    elif len(motivo) > MAX_MOTIVO:
        causa = CausaFila.NOTA_LARGA
    return Fila(
        numero, fila.comision_id, fila.referencia, accion[:16], motivo[:MAX_MOTIVO], codigo[:24],
        causa,
    )  # fmt: skip
