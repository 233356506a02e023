"""Races between sales whose commission depends on the others': none sees a stale state."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from comisiones.ajustes.models import Ajuste
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, ClienteAPI, a_la_vez, hace

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
ESCALA = {
    "modo": "graduada",
    "metrica": "valor",
    "periodo": "total",
    "tramos": [
        {"desde": "0", "hasta": "100", "porcentaje": "10"},
        {"desde": "100", "porcentaje": "20"},
    ],
}


def publicar(tipo: str, condiciones: Any, porcentaje: Decimal | None = None) -> None:
    publicar_version(
        regla=crear_regla(nombre="Escala", campana=None, actor=ANA), tipo=tipo, moneda="USD",
        porcentaje=porcentaje, condiciones=condiciones, vigente_desde=hace(days=9), actor=ANA,
    )  # fmt: skip


def concedido() -> Decimal:
    """What all commissions and the adjustments drafted for late ones add up to."""
    comisiones = Comision.objects.aggregate(s=Sum("monto"))["s"]
    ajustes = Ajuste.objects.aggregate(s=Sum("monto"))["s"] or D(0)
    return Decimal(comisiones + ajustes).quantize(D("0.01"))


def por_evento(ventas: Any) -> list[Any]:
    return a_la_vez(
        [
            lambda v=v: calcular_comisiones(conversiones_ids=[v.id_publico], actor=PRUEBAS)
            for v in ventas
        ]
    )


def test_escala_del_periodo() -> None:
    """Eight sales of 100: the first at 10 % and the other seven at 20 %."""
    publicar("escalonada", ESCALA)
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana()
    ventas = [fabricas.conversion(de=de, en=en) for _ in range(8)]
    resultados = por_evento(ventas)
    assert not [r for r in resultados if isinstance(r, Exception)], resultados
    assert concedido() == D(150)


def test_escala_por_calculate() -> None:
    """The same, each sale registered by its own request."""
    publicar("escalonada", ESCALA)
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana()
    clave = fabricas.clave()

    def pedir(n: int) -> int:
        cuerpo = {
            "conversionId": f"p{n}", "affiliateId": de.id_publico, "campaignId": en.id_publico,
            "grossAmount": 100,
        }  # fmt: skip
        return int(ClienteAPI(clave).enviar("/commissions/calculate", cuerpo).status_code)

    assert a_la_vez([lambda n=n: pedir(n) for n in range(8)]) == [201] * 8
    assert concedido() == D(150)


@pytest.mark.parametrize("ambito", ["afiliado", "campana"])
def test_topes_de_gasto(ambito: str) -> None:
    """Eight commissions of 10 under a cap of 35 spend exactly 35."""
    tope = {"ambito": ambito, "periodo": "total", "monto": "35"}
    publicar("porcentual", {"topes_gasto": [tope]}, D(10))
    en = fabricas.campana()
    uno = fabricas.afiliado_sin_tarifa()
    ventas = [
        fabricas.conversion(
            de=uno if ambito == "afiliado" else fabricas.afiliado_sin_tarifa(), en=en
        )
        for _ in range(8)
    ]
    resultados = por_evento(ventas)
    assert not [r for r in resultados if isinstance(r, Exception)], resultados
    assert concedido() == D(35)
