"""The backtest: file in, file out, or an error with its line and nothing written."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comisiones.simulaciones.csv_entrada import FilaInvalida
from comisiones.simulaciones.csv_salida import SALIDA, simular
from comisiones.simulaciones.politica import ErrorSimulacion, PoliticaInvalida, politica_de
from tests.comisiones.motor import oraculo
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, montos, reglas

DIEZ = {"nombre": "general", "tipo": "porcentual", "porcentaje": "10"}
CABECERA = "conversion_id,afiliado_id,valor,moneda,ocurrida_en"
CUANDO = "2026-01-15T10:00:00Z"


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

    def rechazo(self, politica: Any, filas: str | bytes) -> ErrorSimulacion:
        """The error, after checking that the folder was left as it was."""
        self.salida.write_text("lo de antes")
        with pytest.raises(ErrorSimulacion) as error:
            self.simular(politica, filas)
        assert self.salida.read_text() == "lo de antes"
        assert {ruta.name for ruta in self.salida.parent.iterdir()} == {
            "politica.json",
            "conversiones.csv",
            "salida.csv",
        }
        return error.value


@pytest.fixture
def mesa(tmp_path: Path) -> Mesa:
    return Mesa(tmp_path)


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
    assert lineas == [[f"'{texto}", f"'{texto}", f"'{texto}", "1", "5.00", "0.50", "USD"]]
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


FILA_BUENA = f"c1,a,1.00,USD,{CUANDO}"


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


def con_regla(**cambios: Any) -> str:
    """A policy whose second rule, on line 4, is ``cambios``."""
    return (
        '{"moneda": "USD",\n"reglas": [\n'
        + json.dumps(DIEZ)
        + ",\n"
        + json.dumps({"nombre": "mala", **cambios})
        + "\n]}"
    )


@pytest.mark.parametrize(
    ("politica", "linea", "motivo"),
    [
        ("", 1, "JSON mal formado"),
        ('{\n"moneda": "USD",\n}', 3, "JSON mal formado"),
        ("[]", 1, "La política debe ser un objeto"),
        ('{"reglas": [{"tipo": "fija"}]}', 1, "Falta «moneda»"),
        ('{"moneda": "ZZZ", "reglas": [{}]}', 1, "ISO 4217"),
        ('{"moneda": "USD", "zona_horaria": "Marte", "reglas": [{}]}', 1, "zona horaria"),
        ('{"moneda": "USD"}', 1, "«reglas» debe ser una lista"),
        ('{"moneda": "USD", "reglas": []}', 1, "«reglas» debe ser una lista"),
        ('{"moneda": "USD",\n"reglas": [3]}', 1, "La regla 1 debe ser un objeto"),
        ('{"moneda": "USD", "regla": []}', 1, "clave desconocida: «regla»"),
        ('{"moneda": "USD",\n"reglas": [\n{"tipo": "fija",\n"tipo": "mixta"}]}', 3,
         "clave repetida: «tipo»"),
        ('{"moneda": "USD",\n"reglas": [\n{"porcentaje": NaN}]}', 3, "NaN no es un número"),
        (con_regla(porcentage="5"), 4, "clave desconocida: «porcentage»"),
        (con_regla(porcentaje="101"), 4, "regla «mala»: El porcentaje debe estar entre 0 y 100"),
        (con_regla(porcentaje="-1"), 4, "entre 0 y 100"),
        (con_regla(porcentaje=True), 4, "«porcentaje»: Se esperaba un número decimal"),
        (con_regla(porcentaje="diez"), 4, "«porcentaje»"),
        (con_regla(tipo="rara"), 4, "«tipo»: se esperaba uno de"),
        (con_regla(nivel=0), 4, "«nivel»"),
        (con_regla(nivel="1"), 4, "número entero"),
        (con_regla(prioridad=1.5), 4, "número entero"),
        (con_regla(nombre="general"), 4, "mismo nombre"),
        (con_regla(nombre=""), 4, "el nombre no puede ser"),
        (con_regla(nombre="red"), 4, "el nombre no puede ser"),
        (con_regla(nombre=5), 4, "se esperaba un texto"),
        (con_regla(alcance={"cupon": "X"}), 4, "«alcance» tiene una clave desconocida: «cupon»"),
        (con_regla(alcance=[]), 4, "«alcance» debe ser un objeto"),
        (con_regla(minimo="2", tope="1"), 4, "mayor que el tope"),
        (con_regla(tipo="escalonada"), 4, "Falta «tramos»"),
        (con_regla(tramos=[{"desde": "1", "porcentaje": "1"}]), 4, "hueco"),
        (con_regla(tramos=[{"desde": "0", "hasta": "9", "porcentaje": "1"}]), 4, "último tramo"),
        (
            con_regla(tramos=[{"desde": "0", "hasta": "9", "porcentaje": "1"},
                              {"desde": "8", "hasta": None, "porcentaje": "1"}]),
            4, "solapa",
        ),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n"red": {}}', 2,
         "«porcentajes» de la red"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": ["60", "41"]}}', 2, "suman 101 %"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": ["6", "4"], "tope": 9}}', 2, "suman 10 %"),
        ('{"moneda": "USD", "reglas": [{"tipo": "fija", "monto_fijo": "1"}],\n'
         '"red": {"porcentajes": [1.5, "x"]}}', 2, "«red»"),
        ("[" * 100_000, 1, "anidado"),
        (b'{"moneda":\n"\xff"}', 2, "UTF-8"),
    ],
)  # fmt: skip
def test_a_bad_policy_stops_with_its_line(
    mesa: Mesa, politica: str | bytes, linea: int, motivo: str
) -> None:
    error = mesa.rechazo(politica, f"{CABECERA}\n{FILA_BUENA}\n")
    assert isinstance(error, PoliticaInvalida)
    assert motivo in error.motivo
    assert error.linea == linea


def test_a_rule_left_incomplete_by_a_conversion_is_a_bad_policy(mesa: Mesa) -> None:
    politica = (
        '{"moneda": "USD", "reglas": [\n'
        '{"nombre": "una", "porcentaje": "5", "alcance": {"afiliado": "a"}},\n'
        '{"nombre": "otra", "tipo": "porcentual", "alcance": {"campana": "x"}, "porcentaje": "1"}]}'
    )
    error = mesa.rechazo(politica, f"{CABECERA}\n{FILA_BUENA}\n")
    assert isinstance(error, PoliticaInvalida)
    assert (error.linea, error.motivo) == (2, "regla «una»: Falta «tipo» en la regla.")


def test_a_rule_that_could_never_pay_is_refused_without_conversions(mesa: Mesa) -> None:
    error = mesa.rechazo(con_regla(tipo="escalonada", prioridad=1), CABECERA + "\n")
    assert (error.linea, error.motivo) == (
        4,
        "regla «mala»: Falta «tramos» en la regla escalonada.",
    )
    # "mala" takes its type and its percentage from "general", below it.
    assert mesa.simular(con_regla(tope="1.00", prioridad=1), CABECERA + "\n")[1] == []


def test_the_format_as_published() -> None:
    politica = politica_de(
        '{"moneda":"USD","zona_horaria":"UTC","reglas":[{"nombre":"n","tipo":"escalonada",'
        '"porcentaje":"10","monto_fijo":"5.00","por":"item","modo":"graduada","metrica":"valor",'
        '"periodo":"orden","tramos":[{"desde":"0","hasta":"1000","porcentaje":"10"},{"desde":"1000"'
        ',"hasta":null,"porcentaje":"15"}],"alcance":{"afiliado":null,"tipo_afiliado":"x",'
        '"producto":"p","campana":"c"},"nivel":1,"minimo":null,"tope":"9","prioridad":2},'
        '{"tipo":"fija","monto_fijo":0.1}],"red":{"porcentajes":["10","5"]}}'
    )
    assert [regla.regla for regla in politica.reglas] == ["n", "regla-2"]
    assert politica.reglas[1].terminos.monto_fijo == Decimal("0.1")
    assert politica.niveles == 3


def test_files_are_not_overwritten_by_the_output(mesa: Mesa) -> None:
    mesa.salida = mesa.conversiones
    with pytest.raises(ErrorSimulacion, match="no puede ser uno de los archivos"):
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
