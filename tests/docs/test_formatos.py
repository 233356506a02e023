"""What the documents say of figures and formats is what the product does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from comisiones.motor import Hechos, Modo, Terminos, Tipo, Tramo, calcular, revertir_todas
from comisiones.simulaciones.csv_entrada import OBLIGATORIAS, OPCIONALES
from comisiones.simulaciones.csv_salida import SALIDA, simular
from comisiones.simulaciones.politica import politica_de

REGLAS = (Path(settings.BASE_DIR) / "docs" / "reglas.md").read_text()


def politica() -> str:
    """The policy of the document."""
    [texto] = re.findall(r"^```json\n(.*?)^```$", REGLAS, re.M | re.S)
    return texto


def test_la_politica_de_ejemplo_vale() -> None:
    leida = politica_de(politica())
    assert [regla.regla for regla in leida.reglas] == ["general", "premium"]
    assert leida.red.porcentajes == (Decimal(10), Decimal(5))


def test_la_politica_de_ejemplo_simula(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(politica())
    (tmp_path / "c.csv").write_text(
        f"{','.join(OBLIGATORIAS + OPCIONALES)}\n"
        "v1,af_ana,1500.00,USD,2026-01-31T10:00:00Z,premium,,,1,,af_luz\n"
        "v2,af_ana,1500.00,USD,2026-01-31T11:00:00Z,,,,1,,af_luz\n"
    )
    totales = simular(tmp_path / "p.json", tmp_path / "c.csv", tmp_path / "s.csv")
    # 50 twice to whoever sold, for the scale inherits the cap, and 10 % of each to her referrer.
    assert totales == {"totales": {"USD": "400.00"}, "conversiones": 2}


def test_las_columnas_son_las_que_dice() -> None:
    for columnas in (OBLIGATORIAS, OPCIONALES, SALIDA):
        assert f"`{','.join(columnas)}`" in REGLAS.replace("\n", " ")


@pytest.mark.parametrize(("modo", "monto"), [(Modo.GRADUADA, "175.00"), (Modo.COMPLETA, "225.00")])
def test_la_escala_de_ejemplo(modo: Modo, monto: str) -> None:
    terminos = Terminos(
        tipo=Tipo.ESCALONADA,
        moneda="USD",
        modo=modo,
        tramos=(
            Tramo(Decimal(0), Decimal(1000), Decimal(10)),
            Tramo(Decimal(1000), None, Decimal(15)),
        ),
    )
    hechos = Hechos(Decimal(1500), "USD", datetime(2026, 1, 1, tzinfo=UTC))
    assert calcular(terminos, hechos).monto == Decimal(monto)
    assert f"{monto} `{modo.value}`" in REGLAS


def test_las_devoluciones_de_ejemplo() -> None:
    reversos = revertir_todas(Decimal(79), Decimal(1000), [Decimal(400), Decimal(600)], "JPY")
    assert [int(reverso.monto) for reverso in reversos] == [32, 47]
    assert "32 and 47" in REGLAS
