"""A folder on which a backtest of files runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from alpespartner.comun.documentos.errores import ErrorDeFichero
from comisiones.simulaciones.csv_salida import SALIDA, simular

DIEZ = {"nombre": "general", "tipo": "porcentual", "porcentaje": "10"}
CABECERA = "conversion_id,afiliado_id,valor,moneda,ocurrida_en"
CUANDO = "2026-01-15T10:00:00Z"
FILA_BUENA = f"c1,a,1.00,USD,{CUANDO}"


class Mesa:
    """A folder with a policy, conversions and an output."""

    def __init__(self, carpeta: Path) -> None:
        self.politica = carpeta / "politica.json"
        self.conversiones = carpeta / "conversiones.csv"
        self.salida = carpeta / "salida.csv"

    def simular(
        self, politica: Any, filas: str | bytes, **otros: Any
    ) -> tuple[dict[str, Any], list[list[str]]]:
        if not isinstance(politica, (str, bytes)):
            if isinstance(politica, list):
                politica = {"moneda": "USD", "reglas": politica}
            politica = json.dumps(politica)
        for ruta, texto in ((self.politica, politica), (self.conversiones, filas)):
            ruta.write_bytes(texto if isinstance(texto, bytes) else texto.encode())
        totales = simular(self.politica, self.conversiones, self.salida, **otros)
        with self.salida.open(newline="", encoding="utf-8") as archivo:
            cabecera, *lineas = csv.reader(archivo)
        assert tuple(cabecera) == SALIDA
        return totales, lineas

    def rechazo(self, politica: Any, filas: str | bytes) -> ErrorDeFichero:
        """The error, after checking that the folder was left as it was."""
        self.salida.write_text("lo de antes")
        with pytest.raises(ErrorDeFichero) as error:
            self.simular(politica, filas)
        assert self.salida.read_text() == "lo de antes"
        assert {ruta.name for ruta in self.salida.parent.iterdir()} == {
            "politica.json",
            "conversiones.csv",
            "salida.csv",
        }
        return error.value
