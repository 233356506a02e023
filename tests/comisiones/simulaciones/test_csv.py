"""The backtest of files: what goes in, what comes out, and agreement with the oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpespartner.comun.documentos.errores import ErrorDeFichero
from tests.comisiones.motor import oraculo
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, montos, reglas
from tests.comisiones.simulaciones.mesa import CABECERA, CUANDO, DIEZ, FILA_BUENA, Mesa


def test_a_percentage(mesa: Mesa) -> None:
    totales, lineas = mesa.simular(
        [DIEZ], f"{CABECERA}\nc1,af_1,100.05,USD,{CUANDO}\nc2,af_2,7,USD,{CUANDO}\n"
    )
    assert totales == {"totales": {"USD": "10.71"}, "conversiones": 2}
    assert lineas == [
        ["c1", "af_1", "general", "1", "100.05", "10.01", "USD"],
        ["c2", "af_2", "general", "1", "7.00", "0.70", "USD"],
    ]
    texto = mesa.salida.read_bytes()
    assert b"\r" not in texto  # lines end in LF
    assert texto.endswith(b"\n")


def test_currencies_are_never_added_together(mesa: Mesa) -> None:
    totales, lineas = mesa.simular(
        [DIEZ],
        f"{CABECERA}\nc1,a,105,JPY,{CUANDO}\nc2,a,1.005,KWD,{CUANDO}\nc3,a,1.05,COP,{CUANDO}\n",
    )
    assert totales == {"totales": {"COP": "0.11", "JPY": "11", "KWD": "0.101"}, "conversiones": 3}
    assert [linea[4:] for linea in lineas] == [
        ["105", "11", "JPY"],
        ["1.005", "0.101", "KWD"],
        ["1.05", "0.11", "COP"],
    ]


def test_scopes_inheritance_and_conversions_without_a_rule(mesa: Mesa) -> None:
    politica = [
        {"nombre": "base", "tipo": "porcentual", "porcentaje": 10, "tope": 50,
         "alcance": {"campana": "camp_1"}},
        {"nombre": "premium", "porcentaje": 12.5, "alcance": {"tipo_afiliado": "premium"}},
        {"nombre": "item", "tipo": "fija", "monto_fijo": "1.50", "por": "item",
         "alcance": {"producto": "p_1"}},
        {"nombre": "ana", "porcentaje": "0", "alcance": {"afiliado": "ana"}},
    ]  # fmt: skip
    filas = [
        "conversion_id,cantidad,producto,afiliado_id,valor,moneda,ocurrida_en,campana_id,tipo_afiliado",
        f"c1,,,luis,100,USD,{CUANDO},camp_1,",
        f"c2,,,luis,1000,USD,{CUANDO},camp_1,premium",
        f"c3,3,p_1,luis,100,USD,{CUANDO},camp_1,premium",
        f"c4,3,,ana,100,USD,{CUANDO},camp_1,premium",
        f"c5,3,,luis,100,USD,{CUANDO},camp_2,otro",
    ]
    totales, lineas = mesa.simular(politica, "\n".join(filas))
    assert [linea[:4] + linea[5:6] for linea in lineas] == [
        ["c1", "luis", "base", "1", "10.00"],
        ["c2", "luis", "premium", "1", "50.00"],
        ["c3", "luis", "item", "1", "4.50"],
        ["c4", "ana", "ana", "1", "0.00"],
    ]
    assert totales == {"totales": {"USD": "64.50"}, "conversiones": 5}


def test_the_rule_written_later_is_the_newer(mesa: Mesa) -> None:
    otra = {**DIEZ, "nombre": "otra", "porcentaje": "20"}
    filas = f"{CABECERA}\nc1,a,100,USD,{CUANDO}\n"
    assert mesa.simular([DIEZ, otra], filas)[1][0][2] == "otra"
    assert mesa.simular([{**DIEZ, "prioridad": 1}, otra], filas)[1][0][2] == "general"


def test_a_period_goes_in_order_of_occurrence_in_its_time_zone(mesa: Mesa) -> None:
    politica = {
        "moneda": "USD",
        "zona_horaria": "America/Bogota",
        "reglas": [
            {"nombre": "mes", "tipo": "escalonada", "periodo": "mes", "tramos": DIEZ_QUINCE}
        ],
    }
    filas = [
        CABECERA,
        "c3,a,400,USD,2026-02-01T04:59:59Z",  # still January in Bogota
        "c4,a,400,USD,2026-02-01T05:00:00Z",
        "c2,a,300,USD,2026-01-10T12:00:00-05:00",
        "c1,a,800,USD,2026-01-10T11:00:00-05:00",
        "c5,b,800,USD,2026-01-10T11:00:00-05:00",
    ]
    totales, lineas = mesa.simular(politica, "\n".join(filas))
    assert [(linea[0], linea[5]) for linea in lineas] == [
        ("c3", "60.00"),
        ("c4", "40.00"),
        ("c2", "35.00"),
        ("c1", "80.00"),
        ("c5", "80.00"),
    ]
    assert totales["totales"] == {"USD": "295.00"}


def test_network(mesa: Mesa) -> None:
    politica = {"moneda": "USD", "reglas": [DIEZ], "red": {"porcentajes": ["10", "5"]}}
    filas = [
        CABECERA + ",referente",
        f"c1,a,100,USD,{CUANDO},b",
        f"c2,b,50,USD,{CUANDO},c",
        f"c3,c,10,USD,{CUANDO},",
        f"c4,a,1,USD,{CUANDO},",  # the referrer is known from the other row
        f"c5,c,10,USD,{CUANDO},d",
    ]
    totales, lineas = mesa.simular(politica, "\n".join(filas))
    assert [[linea[i] for i in (0, 1, 2, 3, 5)] for linea in lineas] == [
        ["c1", "a", "general", "1", "10.00"],
        ["c1", "b", "red", "2", "10.00"],
        ["c1", "c", "red", "3", "5.00"],
        ["c2", "b", "general", "1", "5.00"],
        ["c2", "c", "red", "2", "5.00"],
        ["c2", "d", "red", "3", "2.50"],
        ["c3", "c", "general", "1", "1.00"],
        ["c3", "d", "red", "2", "1.00"],
        ["c4", "a", "general", "1", "0.10"],
        ["c4", "b", "red", "2", "0.10"],
        ["c4", "c", "red", "3", "0.05"],
        ["c5", "c", "general", "1", "1.00"],
        ["c5", "d", "red", "2", "1.00"],
    ]
    assert totales["conversiones"] == 5
    assert sum(Decimal(linea[5]) for linea in lineas) == Decimal(totales["totales"]["USD"])


def test_a_rule_of_a_level_stands_before_the_network(mesa: Mesa) -> None:
    segunda = {"nombre": "dos", "nivel": 2, "tipo": "fija", "monto_fijo": "3.00",
               "alcance": {"afiliado": "b"}}  # fmt: skip
    politica = {"moneda": "USD", "reglas": [DIEZ, segunda], "red": {"porcentajes": ["10", "5"]}}
    filas = f"{CABECERA},referente\nc1,a,100,USD,{CUANDO},b\nc2,b,100,USD,{CUANDO},c\n"
    _, lineas = mesa.simular(politica, filas)
    assert [(x[0], x[1], x[2], x[3], x[5]) for x in lineas] == [
        ("c1", "a", "general", "1", "10.00"),
        ("c1", "b", "dos", "2", "3.00"),
        ("c1", "c", "red", "3", "5.00"),
        ("c2", "b", "general", "1", "10.00"),
        ("c2", "c", "red", "2", "10.00"),
    ]


@pytest.mark.parametrize("primero", list("=+-@\t\r"))
def test_text_is_not_a_formula(mesa: Mesa, primero: str) -> None:
    texto = f"{primero}cmd"
    totales, lineas = mesa.simular(
        [{**DIEZ, "nombre": texto}],
        f'{CABECERA}\n"{texto}","{texto}",5,USD,{CUANDO}\n',
    )
    # An affiliate's name is compared without blanks around it.
    afiliado = f"'{texto}" if texto.strip() == texto else "cmd"
    assert lineas == [[f"'{texto}", afiliado, f"'{texto}", "1", "5.00", "0.50", "USD"]]
    assert totales["conversiones"] == 1


def test_utf8_quotes_blank_lines_and_byte_order_mark(mesa: Mesa) -> None:
    filas = f'\ufeff{CABECERA}\r\n\r\n"a,""b""\nñ",af,5,USD,{CUANDO}\r\n'
    _, lineas = mesa.simular([DIEZ], filas)
    assert lineas[0][0] == 'a,"b"\nñ'


def test_an_empty_file_has_no_totals(mesa: Mesa) -> None:
    assert mesa.simular([DIEZ], CABECERA + "\n") == ({"totales": {}, "conversiones": 0}, [])


def test_progress(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comisiones.simulaciones.csv_salida.CADA", 2)
    avances: list[int] = []
    filas = "\n".join([CABECERA, *(f"c{n},a,1,USD,{CUANDO}" for n in range(5))])
    mesa.simular([DIEZ], filas, progreso=avances.append)
    assert avances == [2, 4]


def test_files_are_not_overwritten_by_the_output(mesa: Mesa) -> None:
    mesa.salida = mesa.conversiones
    with pytest.raises(ErrorDeFichero, match="no puede ser uno de los archivos"):
        mesa.simular([DIEZ], f"{CABECERA}\n{FILA_BUENA}\n")
    assert FILA_BUENA in mesa.conversiones.read_text()


def test_an_interruption_leaves_nothing_behind(mesa: Mesa) -> None:
    def parar(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as cambios:
        cambios.setattr("comisiones.simulaciones.csv_salida.CADA", 1)
        with pytest.raises(KeyboardInterrupt):
            mesa.simular([DIEZ], f"{CABECERA}\n{FILA_BUENA}\n", progreso=parar)
    assert {ruta.name for ruta in mesa.salida.parent.iterdir()} == {
        "politica.json",
        "conversiones.csv",
    }


FILAS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["", "premium"]),
        st.sampled_from(["", "p"]),
        montos(30_000),
        st.integers(1, 5),
        st.integers(0, 60 * 24 * 40),
    ),
    max_size=12,
)


@pytest.mark.lento
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(general=reglas(), premium=reglas(), producto=reglas(), filas=FILAS)
def test_agrees_with_the_oracle(
    tmp_path: Path,
    general: dict[str, Any],
    premium: dict[str, Any],
    producto: dict[str, Any],
    filas: list[tuple[str, str, str, Decimal, int, int]],
) -> None:
    candidatas = {"producto": producto, "premium": premium, "general": general}
    for regla in candidatas.values():
        regla.pop("base", None)
        regla.pop("excluye", None)
    politica = [
        {"nombre": "general", **general},
        {"nombre": "premium", "alcance": {"tipo_afiliado": "premium"}, **premium},
        {"nombre": "producto", "alcance": {"producto": "p"}, **producto},
    ]
    inicio = datetime(2026, 1, 10, tzinfo=UTC)
    texto = [CABECERA + ",tipo_afiliado,producto,cantidad"]
    esperadas: dict[str, tuple[str, Fraction]] = {}
    anteriores: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for n, (afiliado, tipo, prod, valor, cantidad, minuto) in enumerate(filas):
        cuando = inicio + timedelta(minutes=minuto)
        texto.append(
            f"c{n:03},{afiliado},{valor},USD,{cuando.isoformat()},{tipo},{prod},{cantidad}"
        )
    for n in sorted(range(len(filas)), key=lambda n: (filas[n][5], n)):
        afiliado, tipo, prod, valor, cantidad, minuto = filas[n]
        nombre = "producto" if prod else "premium" if tipo else "general"
        # What the winner does not say comes from the rules after it.
        orden_herencia = [c for c in (prod and "producto", tipo and "premium", "general") if c]
        regla: dict[str, Any] = {}
        for otra in reversed(orden_herencia):
            regla |= candidatas[otra]
        mes = (inicio + timedelta(minutes=minuto)).strftime("%Y-%m")
        previas = anteriores.setdefault((nombre, afiliado, mes), [])
        orden = {"valor": str(valor), "cantidad": cantidad}
        esperadas[f"c{n:03}"] = (nombre, oraculo.comision(regla, previas, orden, 2))
        previas.append(orden)
    totales, lineas = Mesa(tmp_path).simular(politica, "\n".join(texto))
    assert [linea[0] for linea in lineas] == [f"c{n:03}" for n in range(len(filas))]
    obtenidas = {linea[0]: (linea[2], Fraction(linea[5])) for linea in lineas}
    assert obtenidas == esperadas
    suma = sum((monto for _, monto in esperadas.values()), Fraction(0))
    assert Fraction(totales["totales"].get("USD", "0")) == suma
