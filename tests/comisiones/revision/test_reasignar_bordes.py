"""A sale that changes hands: what nobody approved yet, less than a unit, and what is not owed any
more."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.ajustes.selectors import a_quien_pasaron
from comisiones.ajustes.services import crear_ajuste
from comisiones.calculo.invariantes import _una_comision_por_conversion
from tests import fabricas
from tests.comisiones.revision.test_reasignar import Mundo
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
D = Decimal


def test_lo_que_nadie_aprobo_era_para_quien_la_tenia() -> None:
    mundo = Mundo()
    mundo.aprobar(mundo.a)
    mundo.pagar(mundo.a)
    suya = mundo.suya(mundo.a)
    borrador = crear_ajuste(
        afiliado=mundo.a, comision=suya, tipo="correccion", monto=D(-1), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    ajeno = crear_ajuste(
        afiliado=mundo.a, tipo="correccion", monto=D(-1), moneda="USD", motivo="m", actor=ANA
    )
    mundo.reasignar(mundo.b)
    for ajuste, estado in ((borrador, "descartado"), (ajeno, "borrador")):
        ajuste.refresh_from_db()
        assert ajuste.estado == estado


def test_menos_de_una_unidad_tambien_pasa() -> None:
    mundo = Mundo()
    mundo.venta = fabricas.conversion(de=mundo.a, en=mundo.en, valor="0.50")
    fabricas.calcular(mundo.venta)
    mundo.aprobar(mundo.a)
    mundo.pagar(mundo.a)
    suya = mundo.suya(mundo.a)
    assert suya.monto == D("0.05")
    mundo.reasignar(mundo.b)
    assert a_quien_pasaron([suya.pk]) == {suya.pk: mundo.b.pk}


def test_la_de_antes_no_es_otra_de_la_misma_venta() -> None:
    mundo = Mundo()
    mundo.reasignar(mundo.b)
    assert [viva for *_de, viva in mundo.todas()] == [None, True]
    assert list(_una_comision_por_conversion()) == []
