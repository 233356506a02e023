"""``manage.py atribuir``: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

CLICS = "afiliado,cliente,momento\n"
VENTAS = "venta,cliente,momento,monto,moneda\n"
V = "2026-03-01T12:00:00Z"


@pytest.fixture
def correr(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def hacer(clics: str, ventas: str, *opciones: str) -> tuple[dict, list[str]]:
        (tmp_path / "c.csv").write_text(CLICS + clics, encoding="utf-8")
        (tmp_path / "v.csv").write_text(VENTAS + ventas, encoding="utf-8")
        call_command("atribuir", "--clics", str(tmp_path / "c.csv"), "--ventas",
                     str(tmp_path / "v.csv"), "--salida", str(tmp_path / "s.csv"),
                     *opciones)  # fmt: skip
        return json.loads(capsys.readouterr().out), (tmp_path / "s.csv").read_text().splitlines()

    hacer.salida = tmp_path / "s.csv"
    return hacer


def test_the_last_click_and_what_is_nobody_s(correr) -> None:
    hecho, lineas = correr(
        "ana,c1,2026-02-01T00:00:00Z\nluis,c1,2026-02-10T00:00:00-05:00\nana,c2,2026-03-02T00:00:00Z\n",
        f"v1,c1,{V},100.5,USD\nv2,c2,{V},7,USD\nv3,c9,{V},1000,JPY\n",
    )
    assert lineas == [
        "venta,afiliado,monto,moneda,por",
        "v1,luis,100.50,USD,clic",
        "v2,,7.00,USD,ninguno",
        "v3,,1000,JPY,ninguno",
    ]
    assert hecho == {"ventas": 3, "sin_atribuir": 2, "totales": {"USD": "100.50"}}


@pytest.mark.parametrize(("modelo", "de"), [("ultimo", "luis"), ("primero", "ana")])
def test_the_first_sale_binds_whatever_its_place_in_the_file(correr, modelo: str, de: str) -> None:
    _hecho, lineas = correr(
        "ana,c1,2026-02-25T00:00:00Z\nluis,c1,2026-02-26T00:00:00Z\nrosa,c1,2026-06-01T00:00:00Z\n",
        f"v2,c1,2026-06-02T00:00:00Z,5,USD\nv1,c1,{V},5,USD\n",
        "--modelo", modelo,
    )  # fmt: skip
    assert lineas[1:] == [f"v2,{de},5.00,USD,vinculo", f"v1,{de},5.00,USD,clic"]


def test_a_model_of_the_report_shares_each_sale(correr) -> None:
    hecho, lineas = correr(
        "ana,c1,2026-02-22T12:00:00Z\nluis,c1,2026-03-01T12:00:00Z\n",
        f"v1,c1,{V},100.00,USD\n", "--modelo=decaimiento",
    )  # fmt: skip
    assert lineas[1:] == ["v1,ana,33.33,USD,clic", "v1,luis,66.67,USD,clic"]
    assert hecho["totales"] == {"USD": "100.00"}


@pytest.mark.parametrize(("dias", "por"), [("7", "clic"), ("6", "ninguno")])
def test_the_window_is_what_is_asked_for(correr, dias: str, por: str) -> None:
    _hecho, lineas = correr(
        "ana,c1,2026-02-22T12:00:00Z\n", f"v1,c1,{V},1,USD\n", f"--ventana-dias={dias}"
    )
    assert lineas[1].endswith(por)


def test_nothing_of_it_is_a_formula(correr) -> None:
    _hecho, lineas = correr(f"=2+2,c1,{V}\n", f'"@v,1",c1,{V},1,USD\n')
    assert lineas[1] == "\"'@v,1\",'=2+2,1.00,USD,clic"


MALAS = {
    "clic sin zona": ("ana,c1,2026-03-01T12:00:00\n", "", "c.csv, línea 2"),
    "clic de nadie": (f"ana,c1,{V}\n,c1,{V}\n", "", "c.csv, línea 3: falta «afiliado»"),
    "clic sin cliente": (f"ana,,{V}\n", "", "línea 2: falta «cliente»"),
    "columnas de más": (f"ana,c1,{V},x\n", "", "c.csv, línea 2: tiene 4 columnas"),
    "venta repetida": ("", f"v1,c1,{V},1,USD\nv1,c1,{V},1,USD\n", "línea 3: «v1» está repetida"),
    "monto negativo": ("", f"v1,c1,{V},-1,USD\n", "línea 2: monto «-1»"),
    "monto en texto": ("", f"v1,c1,{V},1e3,USD\n", "línea 2: monto «1e3»"),
    "cent de yen": ("", f"v1,c1,{V},1.5,JPY\n", "más decimales que JPY"),
    "moneda": ("", f"v1,c1,{V},1,XXQ\n", "línea 2: «XXQ»"),
    "sin venta": ("", f",c1,{V},1,USD\n", "línea 2: falta «venta»"),
}  # fmt: skip


@pytest.mark.parametrize("mala", MALAS)
def test_a_bad_row_stops_with_its_line_and_leaves_nothing(correr, mala: str) -> None:
    clics, ventas, dice = MALAS[mala]
    with pytest.raises(CommandError, match="línea") as falla:
        correr(clics, ventas)
    assert falla.value.returncode == 2
    assert dice in str(falla.value)
    assert list(correr.salida.parent.glob("*s.csv*")) == []


def test_the_output_is_not_one_of_the_inputs(correr) -> None:
    correr("", "")
    correr.salida.write_text("algo")
    with pytest.raises(CommandError, match="archivos leídos"):
        call_command("atribuir", "--clics", str(correr.salida), "--ventas",
                     str(correr.salida.with_name("v.csv")), "--salida",
                     str(correr.salida))  # fmt: skip
    assert correr.salida.read_text() == "algo"


@pytest.mark.parametrize("dias", ["-1", "1.5", "x", "3651", "99999999999"])
def test_bad_days(correr, dias: str) -> None:
    with pytest.raises(CommandError, match="ventana-dias"):
        correr("", "", f"--ventana-dias={dias}")
