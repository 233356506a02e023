"""Entries: those of any life add up, malformed ones are refused, and balances are exact."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from comisiones.comision.models import Comision
from comisiones.comision.selectors import totales
from comisiones.libro.models import Apunte, Asiento, Cuenta
from comisiones.libro.selectors import saldos
from comisiones.libro.services import AsientoInvalido, Linea, asentar
from comisiones.revision.services import anular_comision, rechazar_comision
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
D = Decimal


def test_el_libro_cuadra() -> None:
    """Invariants 1 and 2 after a bit of everything, in two currencies."""
    afiliado = fabricas.afiliado()
    usd, jpy = fabricas.campana(), fabricas.campana(moneda="JPY")
    fabricas.aprobada(de=afiliado, en=usd, valor="100")
    fabricas.aprobada(de=afiliado, en=jpy, valor="1000")
    anular_comision(
        comision=fabricas.aprobada(de=afiliado, en=usd, valor="50"), actor=ANA, motivo="m"
    )
    rechazar_comision(comision=fabricas.comision(de=afiliado, en=usd), actor=ANA, motivo="m")
    for asiento in Asiento.objects.all():
        sumas: dict[str, Decimal] = defaultdict(Decimal)
        for apunte in asiento.apuntes.all():
            sumas[apunte.moneda] += apunte.importe
        assert set(sumas.values()) == {D(0)}
    assert saldos(afiliado) == {"JPY": D(100), "USD": D(10)}


def test_asientos_mal_hechos() -> None:
    """A programming error stops before anything is written."""
    afiliado = fabricas.afiliado()
    debe = Linea(Cuenta.GASTO_COMISIONES, D(10), "USD")
    haber = Linea(Cuenta.POR_PAGAR, D(-10), "USD", afiliado)
    for lineas in (
        [debe],
        [debe, Linea(Cuenta.POR_PAGAR, D(-9), "USD", afiliado)],
        [debe, Linea(Cuenta.POR_PAGAR, D(-10), "EUR", afiliado)],
        [debe, Linea(Cuenta.POR_PAGAR, D(-10), "USD")],
        [Linea(Cuenta.GASTO_COMISIONES, D(10), "USD", afiliado), haber],
        [Linea(Cuenta.GASTO_COMISIONES, D("10.001"), "USD"),
         Linea(Cuenta.POR_PAGAR, D("-10.001"), "USD", afiliado)],
        [debe, haber, Linea(Cuenta.BANCO, D(0), "USD")],
    ):  # fmt: skip
        with pytest.raises(AsientoInvalido):
            asentar(tipo="aprobacion", origen="com_1", lineas=lineas)
    assert not Asiento.objects.exists()
    assert not Apunte.objects.exists()


def test_el_saldo_de_muchas_sumas_es_exacto() -> None:
    """SQLite adds in binary: without rounding the sum, a settled affiliate is owed 5.6E-17."""
    afiliado, campana = fabricas.afiliado(comision_base=D(100)), fabricas.campana()
    suyas = [fabricas.aprobada(de=afiliado, en=campana, valor=v) for v in ("0.10", "0.20", "0.70")]
    assert str(saldos(afiliado)["USD"]) == "1.00"
    assert totales(Comision.objects.all()) == [("USD", 3, D("1.00"))]
    for suya in suyas:
        anular_comision(comision=suya, actor=ANA, motivo="m")
    assert str(saldos(afiliado)["USD"]) == "0.00"
