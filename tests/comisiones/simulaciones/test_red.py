"""Backtests of a network: what it would have paid those above, and nobody else differently."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.errores import DatoInvalido
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.models import Simulacion
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.simulaciones import services
from tests import fabricas
from tests.comisiones.calculo.test_red import cadena, pagan, red, vender
from tests.comisiones.simulaciones.test_simulaciones import correr, crear, lineas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sin_cola(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "encolar", lambda _pk: None)


def borrador(*porcentajes: str, **condiciones: Any) -> dict[str, Any]:
    datos = {"porcentajes": list(porcentajes), **condiciones}
    return {"tipo": "red", "condiciones": datos}


def probar(regla: Any, *porcentajes: str, **condiciones: Any) -> Simulacion:
    hecha = correr(crear(regla=regla, borrador=borrador(*porcentajes, **condiciones)))
    assert (hecha.estado, hecha.excluidas, hecha.problema) == ("terminada", 0, "")
    return hecha


def test_otra_red_en_vez_de_la_que_hay() -> None:
    """The seller earns the same; those above what the draft says, also one that earned nothing."""
    version = red("5", "2.5")
    vender(cadena()[0], "80.10", ocurrida_en=hace(days=10))
    antes = list(Comision.objects.values())
    hecha = probar(version.regla, "10", "2.5", "1.25")
    assert lineas(hecha) == {
        "N1": (1, "8.01", "8.01", "0.00"),
        "N2": (1, "4.01", "8.01", "4.00"),
        "N3": (1, "2.00", "2.00", "0.00"),
        "N4": (1, "0.00", "1.00", "1.00"),
    }
    assert list(Comision.objects.values()) == antes
    # None: nobody above earns, and what they earn now is what they would lose.
    assert lineas(probar(version.regla))["N2"] == (1, "4.01", "0.00", "-4.01")


def test_dice_lo_que_pagaria_publicada() -> None:
    """To the cent, with its cap and somebody suspended: what the same sale pays once published."""
    regla = crear_regla(nombre="Red", campana=None, actor=ANA)
    afiliados = cadena()
    vender(afiliados[0], "33.33", ocurrida_en=hace(days=10))
    suspender_afiliado(afiliado=afiliados[1], actor=ANA, motivo="m")
    condiciones = {"tope": "4", "suspendido": "comprimir"}
    previsto = lineas(probar(regla, "1.5", "2.5", **condiciones))
    publicar_version(
        regla=regla, tipo="red", vigente_desde=hace(days=365), actor=ANA,
        condiciones={"porcentajes": ["1.5", "2.5"], **condiciones},
    )  # fmt: skip
    venta = vender(afiliados[0], "33.33", ocurrida_en=hace(days=9))
    pagado = {quien: Decimal(monto) for _nivel, quien, monto in pagan(venta)}
    assert pagado.keys() == {"N1", "N3", "N4"} == previsto.keys()
    assert {quien: Decimal(p[2]) for quien, p in previsto.items()} == pagado


def test_solo_donde_se_le_oye() -> None:
    """A campaign's own network goes before the programme's; a level of its own rule stays."""
    campana = fabricas.campana(moneda="USD")
    red("3", de=campana)
    programa = red("5", "5")
    nivel = crear_regla(nombre="Tercero", campana=None, actor=ANA)
    publicar_version(
        regla=nivel, tipo="porcentual", porcentaje=Decimal(1), nivel=3, actor=ANA,
        vigente_desde=hace(days=365),
    )  # fmt: skip
    afiliados = cadena(3)
    vender(afiliados[0], "100", ocurrida_en=hace(days=10))
    venta = fabricas.conversion(de=afiliados[0], en=campana, valor="100", ocurrida_en=hace(days=9))
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    hecha = lineas(probar(programa.regla, "10", "10"))
    # 5 of one and 3 of the other; only the 5 would be 10.
    assert hecha["N2"] == (2, "8.00", "13.00", "5.00")
    assert hecha["N3"] == (2, "2.00", "2.00", "0.00")


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        (borrador("60", "50"), "porcentajes_red"),
        (borrador("5") | {"nivel": 2}, "nivel"),
        (borrador("5") | {"producto": "sku"}, "afiliado"),
    ],
)
def test_lo_que_no_se_publica_tampoco_se_prueba(datos: dict[str, Any], campo: str) -> None:
    with pytest.raises(DatoInvalido) as error:
        crear(regla=crear_regla(nombre="Red", campana=None, actor=ANA), borrador=datos)
    assert error.value.campo == campo


def test_una_regla_es_siempre_una_red_o_nunca() -> None:
    with pytest.raises(DatoInvalido, match="siempre una red o nunca"):
        crear(regla=red("5").regla, borrador={"tipo": "porcentual", "porcentaje": Decimal(1)})
    assert not Simulacion.objects.exists()
