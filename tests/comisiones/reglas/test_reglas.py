"""Rules of every type, from their publication to the commission they pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import DatoInvalido
from comisiones.calculo.explicacion import diferencias
from comisiones.models import Regla
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db
D = Decimal
TRAMOS = [
    {"desde": "0", "hasta": "1000", "porcentaje": "10"},
    {"desde": "1000", "porcentaje": "15"},
]


def publicar(de: Campana | None = None, *, en: Regla | None = None, **datos: Any) -> Regla:
    """A version in force for a year, of a new rule unless one is given."""
    regla = en or crear_regla(nombre="Regla", campana=de, actor=ANA)
    publicar_version(regla=regla, actor=ANA, **{"vigente_desde": hace(days=365), **datos})
    return regla


TIPOS: dict[str, tuple[dict[str, Any], str]] = {
    "mixta": ({"tipo": "mixta", "porcentaje": D(10), "monto_fijo": D("0.50"), "moneda": "USD"},
              "150.50"),
    "fija por item": ({"tipo": "fija", "monto_fijo": D("2"), "moneda": "USD",
                       "condiciones": {"por": "item"}}, "6"),
    "graduada": ({"tipo": "escalonada", "moneda": "USD", "condiciones": {"tramos": TRAMOS}}, "175"),
    "completa": ({"tipo": "escalonada", "moneda": "USD",
                  "condiciones": {"tramos": TRAMOS, "modo": "completa"}}, "225"),
    "por cantidad": ({"tipo": "escalonada", "condiciones": {"metrica": "cantidad", "tramos": [
        {"desde": "0", "hasta": "2", "porcentaje": "1"}, {"desde": "2", "porcentaje": "10"}]}},
        "60"),
    "tope": ({"tipo": "porcentual", "porcentaje": D(10), "moneda": "USD",
              "condiciones": {"tope": "99.99"}}, "99.99"),
    "minimo": ({"tipo": "porcentual", "porcentaje": D("0.01"), "moneda": "USD",
                "condiciones": {"minimo": "3"}}, "3"),
    "neto": ({"tipo": "porcentual", "porcentaje": D(10), "condiciones": {"base": "neto"}}, "120"),
    "oro": ({"tipo": "porcentual", "porcentaje": D(10),
             "condiciones": {"multiplicadores": [["oro", "1.25"]]}}, "187.5"),
}  # fmt: skip


@pytest.mark.parametrize("caso", TIPOS)
def test_tipos(caso: str) -> None:
    """A sale of 1500 USD of three items of one product, with 300 of tax, by a gold affiliate."""
    datos, monto = TIPOS[caso]
    campana = fabricas.campana()
    publicar(campana, **datos)
    suya = fabricas.comision(
        de=fabricas.afiliado_sin_tarifa(nivel="oro"), en=campana, valor="1500",
        productos=[{"producto_id": "p1", "cantidad": 3}], metadatos={"impuesto": "300"},
    )  # fmt: skip
    assert (suya.monto, suya.tipo) == (D(monto), datos["tipo"])


def test_precedencia_de_alcances() -> None:
    """Each more precise scope beats the one before; a higher priority beats within one."""
    campana = fabricas.campana()
    afiliado = fabricas.afiliado_sin_tarifa(tipo_afiliado="premium")
    alcances: list[dict[str, Any]] = [
        {}, {"de": campana}, {"tipo_afiliado": "premium"}, {"producto": "p1"},
        {"producto": "p1", "prioridad": 5},
        {"producto": "p1", "afiliado": afiliado}, {"afiliado": afiliado},
    ]  # fmt: skip
    for porcentaje, alcance in enumerate(alcances, start=1):
        publicar(tipo="porcentual", porcentaje=D(porcentaje), **alcance)
        publicar(tipo="porcentual", porcentaje=D(99), afiliado=fabricas.afiliado())
        suya = fabricas.comision(de=afiliado, en=campana, productos=[{"sku": "p1"}])
        assert suya.monto == D(porcentaje), alcance


def test_lo_que_falta_se_hereda_y_se_cuenta() -> None:
    """The affiliate's own rate is capped by the campaign's rule, and the explanation says so."""
    campana = fabricas.campana()
    publicar(campana, tipo="porcentual", porcentaje=D(1), moneda="USD", condiciones={"tope": "5"})
    suya = fabricas.comision(de=fabricas.afiliado(comision_base=D(10)), en=campana)
    assert suya.monto == D(5)
    assert suya.traza["hereda"][0][0] in {"tope", "moneda"}


RECHAZADAS: dict[str, tuple[dict[str, Any], str | None]] = {
    "hueco": ({"tipo": "escalonada", "moneda": "USD", "condiciones": {"tramos": [
        {"desde": "0", "hasta": "10", "porcentaje": "1"}, {"desde": "11", "porcentaje": "2"}]}},
        "tramos"),
    "solape": ({"tipo": "escalonada", "moneda": "USD", "condiciones": {"tramos": [
        {"desde": "0", "hasta": "10", "porcentaje": "1"}, {"desde": "9", "porcentaje": "2"}]}},
        "tramos"),
    "sin tramos": ({"tipo": "escalonada"}, "tramos"),
    "ciento uno": ({"tipo": "porcentual", "porcentaje": D(101)}, "porcentaje"),
    "tope sin moneda": (
        {"tipo": "porcentual", "porcentaje": D(1), "condiciones": {"tope": "5"}}, "moneda"),
    "minimo sobre tope": ({"tipo": "porcentual", "porcentaje": D(1), "moneda": "USD",
                           "condiciones": {"minimo": "6", "tope": "5"}}, "minimo"),
    "tope demasiado preciso": ({"tipo": "porcentual", "porcentaje": D(1), "moneda": "JPY",
                                "condiciones": {"tope": "5.5"}}, "tope"),
    "nivel cero": ({"tipo": "porcentual", "porcentaje": D(1), "nivel": 0}, "nivel"),
    "clave desconocida": (
        {"tipo": "porcentual", "porcentaje": D(1), "condiciones": {"topes": "5"}}, None),
}  # fmt: skip


@pytest.mark.parametrize("caso", RECHAZADAS)
def test_no_se_publica(caso: str) -> None:
    """What the engine refuses is refused before anybody is paid by it."""
    datos, campo = RECHAZADAS[caso]
    regla = crear_regla(nombre="R", campana=None, actor=ANA)
    with pytest.raises(DatoInvalido) as error:
        publicar_version(regla=regla, actor=ANA, **datos)
    assert error.value.campo == campo
    assert not regla.versiones.exists()


@pytest.mark.parametrize(
    ("alcance", "venta", "monto"),
    [
        ({"cupon": " invierno10"}, {"cupon": "Invierno10"}, 1),
        ({"cupon": "INVIERNO10"}, {"cupon": "VERANO"}, 20),
        ({"cupon": "INVIERNO10"}, {}, 20),
        ({"enlace": "b7"}, {"enlace": "b7"}, 1),
        ({"enlace": "b7"}, {"enlace": "B7"}, 20),
        ({"cupon": "C", "enlace": "b7"}, {"cupon": "c"}, 20),
        ({"cupon": "C", "enlace": "b7"}, {"cupon": "c", "enlace": "b7"}, 1),
    ],
)
def test_cupon_y_enlace(alcance: dict[str, str], venta: dict[str, str], monto: int) -> None:
    """They go before what was agreed with the affiliate; a coupon is the same in any case."""
    publicar(tipo="porcentual", porcentaje=D(1), **alcance)
    de = fabricas.afiliado(comision_base=D(20))
    comision = fabricas.calcular(fabricas.conversion(de=de, **venta))
    assert comision.monto == monto
    assert diferencias(comision) == ()
