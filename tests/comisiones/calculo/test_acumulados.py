"""Tiers over a period and spending caps, against the orders as they really arrive."""

from __future__ import annotations

import io
import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from alpespartner.comun.errores import DatoInvalido
from comisiones.ajustes.models import Ajuste
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal
INICIO = datetime(2024, 1, 1, tzinfo=UTC)
VENTAS = [("600", 5), ("600", 10), ("333.33", 15)]


def escala(modo: str = "graduada") -> None:
    """10 % up to 1000 in the month, 15 % beyond."""
    publicar_version(
        regla=crear_regla(nombre="Mes", campana=None, actor=ANA), tipo="escalonada", moneda="USD",
        actor=ANA, vigente_desde=INICIO,
        condiciones={
            "modo": modo, "periodo": "mes", "zona_horaria": "America/Bogota",
            "tramos": [{"desde": "0", "hasta": "1000", "porcentaje": "10"},
                       {"desde": "1000", "porcentaje": "15"}],
        },
    )  # fmt: skip


@pytest.mark.parametrize("orden", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(("modo", "total"), [("graduada", "180.00"), ("completa", "230.00")])
def test_en_cualquier_orden_el_mes_suma_lo_mismo(
    orden: tuple[int, ...], modo: str, total: str
) -> None:
    """Commissions plus proposed adjustments are the month's commission, and each replays."""
    escala(modo)
    afiliado, campana = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    for lugar in orden:
        valor, dia = VENTAS[lugar]
        fabricas.comision(de=afiliado, en=campana, valor=valor,
                          ocurrida_en=datetime(2024, 10, dia, 12, tzinfo=UTC))  # fmt: skip
    suma = sum(c.monto for c in Comision.objects.all()) + sum(
        (a.monto for a in Ajuste.objects.all()), D(0)
    )
    assert suma == D(total)
    if orden == (0, 1, 2):
        assert not Ajuste.objects.exists()
    assert all(a.estado == "borrador" and a.tipo == "escala" for a in Ajuste.objects.all())
    call_command("recalcular", stdout=io.StringIO())


def test_muchas_se_calculan_por_orden_de_ocurrencia() -> None:
    """A batch whose ids are not in order of occurrence needs no adjustment; another month is
    another scale."""
    escala()
    afiliado, campana = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    ventas = [
        fabricas.conversion(de=afiliado, en=campana, valor="1000",
                            ocurrida_en=datetime(2024, mes, dia, 12, tzinfo=UTC))
        for mes, dia in ((10, 9), (10, 2), (9, 30))
    ]  # fmt: skip
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    montos = [Comision.objects.get(conversion=v).monto for v in ventas]
    assert montos == [D(150), D(100), D(100)]
    assert not Ajuste.objects.exists()


def test_lo_ya_ajustado_cuenta_en_el_ajuste_siguiente() -> None:
    """600 that were at 10 %: 200 of them go to 15 % with the first late sale, the rest with the
    second."""
    escala()
    afiliado, campana = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    suyas = [
        fabricas.comision(de=afiliado, en=campana, valor="600",
                          ocurrida_en=datetime(2024, 10, dia, 12, tzinfo=UTC))
        for dia in (20, 1, 2)
    ]  # fmt: skip
    de_la_primera = Ajuste.objects.filter(comision=suyas[0]).order_by("pk")
    assert list(de_la_primera.values_list("monto", flat=True)) == [D(10), D(20)]


def test_tope_de_gasto() -> None:
    """25 USD per affiliate and month: 10, 10, 5, nothing; another affiliate has its own."""
    publicar_version(
        regla=crear_regla(nombre="Tope", campana=None, actor=ANA), tipo="porcentual",
        porcentaje=D(10), moneda="USD", actor=ANA, vigente_desde=INICIO,
        condiciones={"topes_gasto": [{"ambito": "afiliado", "periodo": "mes", "monto": "25"}]},
    )  # fmt: skip
    afiliado, campana = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    cuando = datetime(2024, 10, 9, 12, tzinfo=UTC)
    montos = [
        fabricas.comision(de=afiliado, en=campana, ocurrida_en=cuando).monto for _v in range(4)
    ]
    assert montos == [D(10), D(10), D(5), D(0)]
    assert fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=campana).monto == D(10)
    call_command("recalcular", stdout=io.StringIO())


def test_tope_y_periodo_no_se_combinan() -> None:
    with pytest.raises(DatoInvalido):
        publicar_version(
            regla=crear_regla(nombre="X", campana=None, actor=ANA), tipo="escalonada",
            moneda="USD", actor=ANA,
            condiciones={
                "periodo": "mes", "tramos": [{"desde": "0", "porcentaje": "10"}],
                "topes_gasto": [{"ambito": "afiliado", "periodo": "mes", "monto": "25"}],
            },
        )  # fmt: skip


def test_la_que_llega_tarde_gana_lo_de_su_lugar() -> None:
    """It is the first of its month: 60. What changes is the one after it, by 10."""
    escala()
    afiliado, campana = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    segunda, primera = (
        fabricas.comision(de=afiliado, en=campana, valor="600",
                          ocurrida_en=datetime(2024, 10, dia, 12, tzinfo=UTC))
        for dia in (10, 5)
    )  # fmt: skip
    assert (segunda.monto, primera.monto) == (D(60), D(60))
    ajuste = Ajuste.objects.get()
    assert (ajuste.comision, ajuste.monto) == (segunda, D(10))
