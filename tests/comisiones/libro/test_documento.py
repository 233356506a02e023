"""The parts of a statement's document, and what each says of the lines before it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.documentos.pdf import LINEAS_POR_PARTE
from comisiones.libro.documento import _bloque, nombre_de, partes_de, resumen
from comisiones.libro.extracto import Extracto, LineaExtracto

D = Decimal
CUANDO = datetime(2026, 3, 10, tzinfo=UTC)


def hoja(*lineas: tuple[str, str]) -> Extracto:
    """From an opening of 5.00: lines of (concept, amount)."""
    saldo, filas = D(5), []
    for concepto, importe in lineas:
        saldo += D(importe)
        filas.append(LineaExtracto(CUANDO, "t", concepto, "com_1", "as_1", D(importe), saldo))
    return Extracto("af_1", "2026-03", "USD", D(5), saldo, tuple(filas))


def test_el_resumen_cuenta_y_suma_cada_concepto() -> None:
    suya = hoja(("Pago", "-3"), ("Aprobación", "10"), ("Pago", "-0.50"), ("Aprobación", "0.01"))
    assert resumen(suya) == [("Aprobación", 2, "10,01"), ("Pago", 2, "-3,50")]
    assert resumen(hoja()) == []


@pytest.mark.parametrize(
    ("lineas", "partes"),
    [
        ([], 1), ([0], 1), ([1], 1), ([LINEAS_POR_PARTE], 1), ([LINEAS_POR_PARTE + 1], 2),
        ([LINEAS_POR_PARTE, 1], 2), ([LINEAS_POR_PARTE, LINEAS_POR_PARTE], 2),
    ],
)  # fmt: skip
def test_cuantas_partes(lineas: list[int], partes: int) -> None:
    """At least one; a currency may begin in the middle of one."""
    assert partes_de([hoja(*[("x", "1")] * n) for n in lineas]) == partes


@pytest.mark.parametrize(
    ("desde", "hasta", "sigue", "anterior", "saldos"),
    [
        (0, 2, False, "5,00", ["6,00", "8,00"]),
        (2, 4, True, "8,00", ["11,00"]),
        (1, 2, True, "6,00", ["8,00"]),
        # Its lines ended in the part before: only its summary is left.
        (4, 6, True, "5,00", []),
        (0, 0, False, "5,00", []),
    ],
)
def test_una_parte_empieza_por_el_saldo_anterior(
    desde: int, hasta: int, sigue: bool, anterior: str, saldos: list[str]
) -> None:
    bloque = _bloque(hoja(("x", "1"), ("x", "2"), ("x", "3")), desde, hasta)
    assert (bloque["apertura"], bloque["cierre"]) == ("5,00", "11,00")
    assert (bloque["sigue"], bloque["anterior"]) == (sigue, anterior)
    assert [linea["saldo"] for linea in bloque["lineas"]] == saldos


def test_como_se_llama() -> None:
    suya = Afiliado(id_publico="af_1")
    assert nombre_de(suya, "2026-03", "csv") == "extracto-af_1-2026-03.csv"
    assert nombre_de(suya, "2026-03", "pdf", 2, 3) == "extracto-af_1-2026-03-2-de-3.pdf"
