"""A sale that changes hands: what nobody approved yet, less than a unit, and what is not owed any
more."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from comisiones.ajustes.selectors import a_quien_pasaron
from comisiones.ajustes.services import crear_ajuste
from comisiones.ajustes.traspasos import lo_que_tiene
from comisiones.calculo.invariantes import _una_comision_por_conversion
from conversiones.ventas.informe import _reasignada, atribucion_de
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste
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
    for uno, estado in ((borrador, "descartado"), (ajeno, "borrador")):
        uno.refresh_from_db()
        assert uno.estado == estado


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


def test_lo_que_se_ajusto_sin_ser_de_ella_no_cuenta() -> None:
    mundo = Mundo()
    mundo.aprobar(mundo.a)
    mundo.pagar(mundo.a)
    ajuste(mundo.a, "7")
    suya = mundo.suya(mundo.a)
    assert lo_que_tiene(suya, mundo.a) == suya.monto == D("10.01")


def test_quien_la_tuvo_se_dice_una_vez() -> None:
    """As it was decided then, or as a person said when nothing was decided."""
    decidido = {"afiliado_id": "af_1", "por": "clic", "resultado": "gana", "razon": "elegido"}
    perdio = {"afiliado_id": "af_2", "por": "clic", "resultado": "pierde", "razon": "despues"}
    venta: Any = SimpleNamespace(
        afiliado=SimpleNamespace(id_publico="af_3"),
        atribucion=SimpleNamespace(candidatos=[decidido, perdio]),
    )
    cambios: Any = [SimpleNamespace(datos={"anterior_id": uno}) for uno in ("af_1", "af_2")]
    dichos = _reasignada(venta, cambios)["candidatos"]
    assert [(c["afiliado_id"], c["razon"]) for c in dichos] == [
        ("af_3", "elegido"), ("af_2", "reasignada"), ("af_1", "reasignada"), ("af_2", "despues"),
    ]  # fmt: skip


def test_de_una_venta_que_es_de_nadie_no_se_dice_de_quien() -> None:
    assert atribucion_de(fabricas.sin_atribuir())["motivo"] == "ninguno"
