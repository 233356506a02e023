"""Reads of imports."""

from __future__ import annotations

import csv
import io

from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.documentos.tablas import sin_comilla
from conversiones.fuentes.estados import Resultado
from conversiones.fuentes.models import Importacion
from conversiones.fuentes.services import tabla_de

# The columns that say why, after those of the file: nothing is read from them.
_PROBLEMA = ("alpes_linea", "alpes_columna", "alpes_que_hacer")


def csv_de_rechazadas(importacion: Importacion) -> str:
    """The refused rows as they came, each with what to mend, to be uploaded again. Raises
    :class:`TablaIlegible` when the file is there no more."""
    tabla = tabla_de(importacion.pk)
    malas = {
        fila.linea: fila
        for fila in importacion.filas.filter(resultado=Resultado.RECHAZADA).order_by("linea")
    }
    salida = io.StringIO(newline="")
    # With its mark, so that a spreadsheet reads it as it is.
    salida.write("\ufeff")
    escritor = csv.writer(salida, delimiter=tabla.separador)
    propias = [n for n, nombre in enumerate(tabla.cabecera) if nombre not in _PROBLEMA]
    escritor.writerow([*(celda(tabla.cabecera[n]) for n in propias), *_PROBLEMA])
    for linea, celdas in tabla.filas:
        if linea in malas:
            mala = malas[linea]
            suyas = [celda(sin_comilla(celdas[n])) if n < len(celdas) else "" for n in propias]
            escritor.writerow([*suyas, mala.linea, celda(mala.columna), celda(mala.detalle)])
    return salida.getvalue()
