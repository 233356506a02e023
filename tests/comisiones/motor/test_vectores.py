"""The published worked examples, figure by figure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comisiones.motor.calculo import calcular
from comisiones.motor.congelado import terminos_de
from comisiones.motor.errores import CongeladoInvalido, ReversoInvalido, TramosInvalidos
from comisiones.motor.reversos import revertir, revertir_todas
from comisiones.motor.tramos import validar_tramos
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, hechos, terminos

VECTORES = json.loads(
    (Path(__file__).parents[2] / "vectors" / "worked-examples.json").read_text(),
    parse_float=Decimal,
)


def centavos(numero: int) -> str:
    return str(Decimal(numero).scaleb(-2))


@pytest.mark.parametrize("caso", VECTORES["percent_half_up_minor_units"], ids=str)
def test_percent_rounds_half_up(caso: dict[str, Any]) -> None:
    regla = terminos(tipo="porcentual", porcentaje=caso["porcentaje"])
    assert calcular(regla, hechos(centavos(caso["valor"]))).monto == Decimal(
        centavos(caso["comision"])
    )
    en_yenes = calcular(regla, hechos(str(caso["valor"]), "JPY"))
    assert str(en_yenes.monto) == str(caso["comision"])


@pytest.mark.parametrize("modo", ["graduada", "completa"])
@pytest.mark.parametrize("caso", VECTORES["tiers_10_to_1000_then_15"], ids=lambda c: c["valor"])
def test_tiers(caso: dict[str, str], modo: str) -> None:
    regla = terminos(tipo="escalonada", modo=modo, tramos=DIEZ_QUINCE)
    assert str(calcular(regla, hechos(caso["valor"])).monto) == caso[modo]


def test_refund_lifecycle() -> None:
    caso = VECTORES["refund_lifecycle_minor_units"]
    venta, comision = Decimal(centavos(caso["sale"])), Decimal(centavos(caso["comision"]))
    regla = terminos(tipo="porcentual", porcentaje=caso["porcentaje"])
    assert calcular(regla, hechos(str(venta))).monto == comision
    reverso = revertir(comision=comision, venta=venta, devolucion=venta, moneda="USD")
    assert (reverso.monto, reverso.resto) == (comision, 0)
    with pytest.raises(ReversoInvalido):
        revertir(comision=comision, venta=venta, devolucion=venta, moneda="USD", devuelto=venta)
    assert 4 * comision == Decimal(centavos(caso["four_sales_reach_minimum_5000"]))


@pytest.mark.parametrize("caso", VECTORES["partial_refund"], ids=str)
def test_partial_refunds(caso: dict[str, Any]) -> None:
    reversos = revertir_todas(
        Decimal(centavos(caso["comision_minor"])),
        Decimal(centavos(caso["sale_minor"])),
        [Decimal(centavos(monto)) for monto in caso["refunds_minor"]],
        "USD",
    )
    assert [reverso.monto for reverso in reversos] == [
        Decimal(centavos(monto)) for monto in caso["reversals_minor"]
    ]
    assert reversos[-1].resto == caso["ends_at"]


def test_maturity() -> None:
    caso = VECTORES["maturity"]
    cobrada = datetime.fromisoformat(caso["charged"])
    assert cobrada + timedelta(days=caso["hold_days"]) == datetime.fromisoformat(caso["matures"])


def test_tiers_to_refuse() -> None:
    abiertos, doble = VECTORES["tiers_to_refuse"]
    # [0,50) and (50,100): a tier always includes its end, so this cannot even be written...
    datos = [
        {"desde": desde, "hasta": hasta, "porcentaje": "10", "incluye_hasta": incluye}
        for desde, hasta, incluye in abiertos["tramos"]
    ]
    with pytest.raises(CongeladoInvalido, match="incluye_hasta"):
        terminos_de({"tramos": datos})
    # ... nor with a neighbour's limit in neither: that leaves a gap.
    hueco = [
        {"desde": "0", "hasta": "49.99", "porcentaje": "10"},
        {"desde": "50", "hasta": None, "porcentaje": "10"},
    ]
    with pytest.raises(TramosInvalidos, match="hueco"):
        validar_tramos(terminos(tramos=hueco).tramos or ())
    # [50,100] and [100,inf): 100 would be in both.
    assert "100" in doble["note"]
    solape = [
        {"desde": "0", "hasta": "100", "porcentaje": "10"},
        {"desde": "99.99", "hasta": None, "porcentaje": "15"},
    ]
    with pytest.raises(TramosInvalidos, match="solapa"):
        validar_tramos(terminos(tramos=solape).tramos or ())
