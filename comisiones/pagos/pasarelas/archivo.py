"""Gateway ``archivo``: a payment file per order, for a treasury that pays from files.

A file appears whole or not at all, and its name is the idempotency key: writing it again changes
nothing.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from alpespartner.comun import privado
from alpespartner.comun.dinero import texto
from alpespartner.comun.documentos.celdas import celda
from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta

CABECERA = ("pago_id", "clave", "afiliado_id", "beneficiario", "importe", "moneda", "concepto")


class PasarelaArchivo:
    """Writes ``data/pagos/<date>/<key>.csv``; what is written counts as paid."""

    nombre = "archivo"
    # Files do not forget.
    ventana: timedelta | None = None
    por_fichero = False
    paga_a: PagaA = ""
    monedas: frozenset[str] | None = None

    def _ruta(self, orden: Orden) -> Path:
        return Path(settings.PAGOS_DIR) / orden.fecha / f"{orden.clave}.csv"

    def enviar(self, orden: Orden) -> Respuesta:
        """Write the file of an order; raises OSError when the disk says no."""
        ruta = self._ruta(orden)
        sabido = self.consultar(orden)
        if sabido is not None:
            return sabido
        privado.carpeta(ruta.parent)
        privado.escribir(ruta, contenido(orden))
        return Respuesta("pagado", referencia=ruta.name)

    def consultar(self, orden: Orden) -> Respuesta | None:
        """``pagado`` when the file exists with this order, None when it does not exist."""
        ruta = self._ruta(orden)
        try:
            escrito = ruta.read_bytes()
        except FileNotFoundError:
            return None
        if not _es_el_mismo(escrito, contenido(orden)):
            return Respuesta("incierto", detalle=f"{ruta.name} tiene otro contenido")
        return Respuesta("pagado", referencia=ruta.name)


def _es_el_mismo(escrito: bytes, esperado: bytes) -> bool:
    """Whether two files pay the same: the payee's name may have been corrected in between."""
    try:
        return _sin_beneficiario(escrito) == _sin_beneficiario(esperado)
    except (UnicodeDecodeError, csv.Error):
        return False


def _sin_beneficiario(fichero: bytes) -> list[list[str]]:
    columna = CABECERA.index("beneficiario")
    filas = csv.reader(io.StringIO(fichero.decode(), newline=""))
    return [fila[:columna] + fila[columna + 1 :] for fila in filas]


def contenido(orden: Orden) -> bytes:
    """The CSV of an order, safe to open in a spreadsheet."""
    texto_csv = io.StringIO(newline="")
    filas = csv.writer(texto_csv, lineterminator="\r\n")
    filas.writerow(CABECERA)
    filas.writerow(
        (
            orden.pago_id,
            orden.clave,
            orden.afiliado_id,
            celda(orden.beneficiario),
            texto(orden.importe, orden.moneda),
            orden.moneda,
            f"Comisiones {orden.pago_id}",
        )
    )
    return texto_csv.getvalue().encode()
