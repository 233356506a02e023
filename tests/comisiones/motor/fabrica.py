"""Short ways to write rules and facts in tests, and strategies to draw them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from comisiones.motor.congelado import a_json, terminos_de
from comisiones.motor.tipos import Hechos, Terminos

CUANDO = datetime(2026, 3, 10, 12, tzinfo=UTC)


def terminos(**datos: Any) -> Terminos:
    """Terms from the keys of a policy, in USD unless told."""
    return terminos_de({"moneda": "USD", **datos})


def hechos(valor: str, moneda: str = "USD", **otros: Any) -> Hechos:
    return Hechos(Decimal(valor), moneda, otros.pop("ocurrida_en", CUANDO), **otros)


def tramos(*pares: tuple[str | None, str]) -> list[dict[str, Any]]:
    """Tiers by percentage: ("1000", "10"), (None, "15") is 10 % up to 1000 and 15 % beyond."""
    desde = "0"
    lista = []
    for hasta, porcentaje in pares:
        lista.append({"desde": desde, "hasta": hasta, "porcentaje": porcentaje})
        desde = hasta or ""
    return lista


DIEZ_QUINCE = [
    {"desde": "0", "hasta": "1000", "porcentaje": "10"},
    {"desde": "1000", "hasta": None, "porcentaje": "15"},
]

EXPONENTES = {"JPY": 0, "USD": 2, "COP": 2, "KWD": 3, "CLF": 4}


def montos(maximo: int = 10**7, exponente: int = 2) -> st.SearchStrategy[Decimal]:
    return st.integers(0, maximo).map(lambda n: Decimal(n).scaleb(-exponente))


def porcentajes() -> st.SearchStrategy[Decimal]:
    return st.one_of(
        st.integers(0, 100).map(Decimal),
        st.integers(0, 10_000_000).map(lambda n: Decimal(n).scaleb(-5)),
    )


@st.composite
def escalas(dibuja: Any, crece: bool = False, enteras: bool = False) -> list[dict[str, Any]]:
    """Valid tiers as JSON; ``crece``: no tier pays less than the one before."""
    cortes = sorted(dibuja(st.sets(st.integers(1, 400), min_size=0, max_size=4)))
    escala = 1 if enteras else dibuja(st.sampled_from([1, 10]))
    limites = [str(Decimal(corte * (1 if enteras else 7)) / escala) for corte in cortes]
    tasas = [dibuja(porcentajes()) for _ in range(len(limites) + 1)]
    fijos = [dibuja(st.sampled_from(["0", "0.25", "1", "3.5"])) for _ in tasas]
    if crece:
        tasas.sort()
        fijos.sort(key=Decimal)
    con_fijo = dibuja(st.booleans())
    return [
        {"desde": desde, "hasta": hasta, "porcentaje": str(tasa)}
        | ({"monto_fijo": fijo} if con_fijo else {})
        for desde, hasta, tasa, fijo in zip(
            ["0", *limites], [*limites, None], tasas, fijos, strict=True
        )
    ]


@st.composite
def reglas(dibuja: Any, periodo: bool | None = None) -> dict[str, Any]:
    """A rule as JSON: any type, base, bounds; ``periodo`` forces tiers over a period or none."""
    tipo = (
        "escalonada"
        if periodo
        else dibuja(st.sampled_from(["porcentual", "fija", "mixta", "escalonada"]))
    )
    regla: dict[str, Any] = {"tipo": tipo}
    if tipo in ("porcentual", "mixta"):
        regla["porcentaje"] = str(dibuja(porcentajes()))
    if tipo in ("fija", "mixta"):
        regla["monto_fijo"] = str(dibuja(montos(10_000)))
    regla["por"] = dibuja(st.sampled_from(["orden", "item"]))
    if tipo == "escalonada":
        regla["modo"] = dibuja(st.sampled_from(["graduada", "completa"]))
        regla["metrica"] = dibuja(st.sampled_from(["valor", "cantidad"]))
        largo = dibuja(st.booleans()) if periodo is None else periodo
        regla["periodo"] = "mes" if largo else "orden"
        regla["tramos"] = dibuja(
            escalas(
                crece=largo and regla["modo"] == "completa",
                enteras=regla["metrica"] == "cantidad",
            )
        )
    if dibuja(st.booleans()):
        regla["base"] = "neto"
        regla["excluye"] = sorted(
            dibuja(st.sets(st.sampled_from(["impuesto", "envio", "descuento"])))
        )
    return regla


@st.composite
def ordenes(dibuja: Any, moneda: str = "USD") -> Hechos:
    exponente = EXPONENTES[moneda]
    partes = montos(2_000, exponente)
    return Hechos(
        dibuja(montos(30_000, exponente)),
        moneda,
        CUANDO + timedelta(minutes=dibuja(st.integers(0, 20_000))),
        cantidad=dibuja(st.integers(1, 9)),
        impuesto=dibuja(partes),
        envio=dibuja(partes),
        descuento=dibuja(partes),
    )


def como_orden(hecho: Hechos) -> dict[str, Any]:
    """Facts as the oracle reads them."""
    return dict(a_json(hecho))
