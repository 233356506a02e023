"""Reading a file of decisions: CSV with its names in the first line, in any order.

``comision_id`` or ``referencia_externa``, ``decision`` (aprobar, rechazar, corregir),
``motivo_codigo``, ``nota`` and, to correct, ``valor_nuevo``: what the sale is worth. Other columns
are not looked at, so that an exported list with these added will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from alpespartner.comun.cifras import leer_numero
from alpespartner.comun.dinero import MAXIMO
from alpespartner.comun.documentos.tablas import leer_tabla, sin_comilla
from alpespartner.comun.textos import MAX_MOTIVO, normalizar
from comisiones.revision.errores import FicheroIlegible
from comisiones.revision.estados import AccionEnMasa, CausaFila
from conversiones.ventas.motivos import MotivoDecision

# In this order.
DE_FICHERO = (AccionEnMasa.APROBAR, AccionEnMasa.RECHAZAR, AccionEnMasa.CORREGIR)
_CON_MOTIVO = (AccionEnMasa.RECHAZAR, AccionEnMasa.CORREGIR)


@dataclass(frozen=True, slots=True)
class Fila:
    """A line of a file: which commission, what to do with it and why; ``causa`` says why not."""

    numero: int
    comision_id: str
    referencia: str
    accion: str = ""
    motivo: str = ""
    motivo_codigo: str = ""
    valor_nuevo: Decimal | None = None
    causa: str = ""

    @property
    def nombrada(self) -> str:
        """The commission, as the file names it."""
        return self.comision_id or self.referencia


def leer(contenido: bytes) -> list[Fila]:
    """The lines of a file, good and bad. Raises TablaIlegible for what is no table, or has too many
    rows, and :class:`FicheroIlegible` for a table of something else."""
    tabla = leer_tabla(contenido)
    nombres = [normalizar(nombre).lower() for nombre in tabla.cabecera]
    _exigir_columnas(nombres)
    return [
        _fila(numero, dict(zip(nombres, celdas, strict=False)), sobran=any(celdas[len(nombres) :]))
        for numero, celdas in tabla.filas
    ]


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
        return normalizar(sin_comilla(celdas.get(nombre, "").strip()))

    fila = Fila(numero, de("comision_id")[:40], de("referencia_externa")[:128])
    accion, codigo = de("decision").lower(), de("motivo_codigo").lower()
    motivo = sin_comilla(celdas.get("nota", "").strip())
    causa = ""
    if sobran:
        causa = CausaFila.MAL_FORMADA
    elif not accion:
        causa = CausaFila.SIN_DECISION
    elif accion not in DE_FICHERO:
        causa = CausaFila.DECISION_DESCONOCIDA
    elif not fila.nombrada:
        causa = CausaFila.SIN_NOMBRE
    elif codigo and codigo not in MotivoDecision.values:
        causa = CausaFila.MOTIVO_DESCONOCIDO
    elif accion in _CON_MOTIVO and not codigo:
        causa = CausaFila.SIN_MOTIVO
    elif len(motivo) > MAX_MOTIVO:
        causa = CausaFila.NOTA_LARGA
    valor_nuevo = None
    if not causa and accion == AccionEnMasa.CORREGIR:
        valor_nuevo = _valor(de("valor_nuevo"))
        causa = "" if valor_nuevo is not None else CausaFila.VALOR_INVALIDO
    return Fila(
        numero, fila.comision_id, fila.referencia, accion[:16], motivo[:MAX_MOTIVO], codigo[:24],
        valor_nuevo, causa,
    )  # fmt: skip


def _valor(texto: str) -> Decimal | None:
    """An amount as people type it; None for what is none."""
    try:
        valor = leer_numero(texto)
    except ValueError:
        return None
    return valor if 0 < valor <= MAXIMO else None
