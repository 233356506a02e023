"""A bad file of conversions: the error names its line, and nothing is written."""

from __future__ import annotations

import pytest

from alpespartner.comun.documentos.errores import FilaInvalida
from tests.comisiones.simulaciones.mesa import CABECERA, CUANDO, DIEZ, FILA_BUENA, Mesa


@pytest.mark.parametrize(
    ("mala", "motivo"),
    [
        (f"c2,a,-1.00,USD,{CUANDO}", "valor «-1.00»: debe estar entre 0"),
        (f"c2,a,1e3,USD,{CUANDO}", "valor «1e3»"),
        (f"c2,a,NaN,USD,{CUANDO}", "valor «NaN»"),
        (f"c2,a,,USD,{CUANDO}", "valor «»"),
        (f"c2,a, 1,USD,{CUANDO}", "valor « 1»"),
        (f"c2,a,1.001,USD,{CUANDO}", "más decimales que USD"),
        (f"c2,a,1.5,JPY,{CUANDO}", "más decimales que JPY"),
        (f"c2,a,{'9' * 16},USD,{CUANDO}", "debe estar entre 0 y 99999999999.9999"),
        (f"c2,a,1.00,XXX,{CUANDO}", "XXX"),
        (f"c2,a,1.00,,{CUANDO}", "no es una moneda"),
        ("c2,a,1.00,USD,2026-01-15T10:00:00", "con zona"),
        ("c2,a,1.00,USD,ayer", "ISO 8601"),
        ("c2,a,1.00,USD,0001-01-01T00:00:00+10:00", "ISO 8601"),
        (f",a,1.00,USD,{CUANDO}", "falta «conversion_id»"),
        (f"c2,,1.00,USD,{CUANDO}", "falta «afiliado_id»"),
        (FILA_BUENA, "«c1» está repetida"),
        ("c2,a,1.00,USD", "tiene 4 columnas y la cabecera 5"),
        (FILA_BUENA + ",", "tiene 6 columnas y la cabecera 5"),
        (f'c2,"a"b,1.00,USD,{CUANDO}', "CSV mal formado"),
        (f"c2,\udcff,1.00,USD,{CUANDO}", "UTF-8"),
    ],
)
@pytest.mark.parametrize("periodo", ["orden", "mes"])
def test_a_bad_row_stops_with_its_line(mesa: Mesa, mala: str, motivo: str, periodo: str) -> None:
    regla = {"nombre": "r", "tipo": "escalonada", "periodo": periodo, "metrica": "cantidad",
             "tramos": [{"desde": 0, "porcentaje": 5}]}  # fmt: skip
    texto = f"{CABECERA}\n{FILA_BUENA}\n\n{mala}\nc9,a,1,USD,{CUANDO}\n"
    error = mesa.rechazo([regla], texto.encode("utf-8", "surrogateescape"))
    assert isinstance(error, FilaInvalida)
    assert error.linea == 4
    assert motivo in error.motivo
    assert str(error) == f"conversiones.csv, línea 4: {error.motivo}"


@pytest.mark.parametrize("cantidad", ["0", "-1", "1.5", "x", "\u0661", "1" * 10])
def test_a_bad_quantity(mesa: Mesa, cantidad: str) -> None:
    error = mesa.rechazo([DIEZ], f"{CABECERA},cantidad\n{FILA_BUENA},{cantidad}\n")
    assert (error.linea, "cantidad" in error.motivo) == (2, True)


def test_amounts_of_another_currency_are_a_bad_row(mesa: Mesa) -> None:
    fija = {"nombre": "f", "tipo": "fija", "monto_fijo": "5.00"}
    error = mesa.rechazo([fija], f"{CABECERA}\n{FILA_BUENA}\nc2,a,1.00,EUR,{CUANDO}\n")
    assert error.linea == 3
    assert "montos en USD y la conversión es en EUR" in error.motivo


@pytest.mark.parametrize(
    ("cabecera", "motivo"),
    [
        ("conversion_id,afiliado_id,valor,moneda", "falta la columna «ocurrida_en»"),
        (CABECERA + ",referent", "columna desconocida: «referent»"),
        (CABECERA + ",cantidad,cantidad", "hay columnas repetidas"),
        ("", "falta la columna «conversion_id»"),
    ],
)
def test_a_bad_header(mesa: Mesa, cabecera: str, motivo: str) -> None:
    error = mesa.rechazo([DIEZ], cabecera + "\n")
    assert (error.linea, error.motivo) == (1, motivo + ".")


@pytest.mark.parametrize(
    ("filas", "linea", "motivo"),
    [
        ([("a", "b"), ("a", "c")], 3, "«a» ya tiene otro referente en la línea 2"),
        ([("a", "a")], 2, "ciclo"),
        ([("x", "a"), ("a", "b"), ("b", "a")], 3, "ciclo"),
    ],
)
def test_a_bad_network(mesa: Mesa, filas: list[tuple[str, str]], linea: int, motivo: str) -> None:
    politica = {"moneda": "USD", "reglas": [DIEZ], "red": {"porcentajes": ["1"]}}
    texto = "\n".join(
        [CABECERA + ",referente"]
        + [f"c{n},{a},1,USD,{CUANDO},{r}" for n, (a, r) in enumerate(filas)]
    )
    error = mesa.rechazo(politica, texto)
    assert error.linea == linea
    assert motivo in error.motivo
