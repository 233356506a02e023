"""An adjustment that names a commission: its own is accepted, another's refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import CuatroOjos, DatoInvalido, TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.libro.selectors import saldos
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db
D = Decimal


def test_el_suyo_se_acepta_y_se_paga() -> None:
    suya = fabricas.aprobada()
    borrador = crear_ajuste(
        afiliado=suya.afiliado, comision=suya, tipo="correccion", monto=D("-0.01"), moneda="USD",
        motivo="m", actor=LUIS,
    )  # fmt: skip
    aprobar_ajuste(ajuste=borrador, actor=ANA)
    leido = Ajuste.objects.get()
    assert (leido.comision, leido.monto, leido.estado) == (suya, D("-0.01"), "contabilizado")
    assert (leido.creado_por, leido.aprobado_por) == (str(LUIS), str(ANA))
    assert leido.contabilizado_en is not None
    pasos = Historial.objects.filter(entidad_id=leido.id_publico).order_by("pk")
    assert list(
        pasos.values_list("accion", "actor", "estado_anterior", "estado_nuevo", "motivo")
    ) == [
        ("crear", str(LUIS), "", "borrador", "m"),
        ("aprobar", str(ANA), "borrador", "aprobado", ""),
        ("contabilizar", str(ANA), "aprobado", "contabilizado", ""),
    ]
    assert fabricas.eventos_de(leido.id_publico) == ["AjusteContabilizado"]
    assert saldos(suya.afiliado) == {"USD": D("9.99")}


def test_lo_que_ya_se_aprobo_se_dice_antes_que_quien() -> None:
    """Whoever drafted it reads that it is done, and not that another should do it."""
    suya = fabricas.aprobada()
    borrador = crear_ajuste(
        afiliado=suya.afiliado, tipo="bono", monto=D(1), moneda="USD", motivo="m", actor=LUIS
    )
    with pytest.raises(CuatroOjos):
        aprobar_ajuste(ajuste=borrador, actor=LUIS)
    aprobar_ajuste(ajuste=borrador, actor=ANA)
    for actor in (LUIS, ANA):
        with pytest.raises(TransicionInvalida):
            aprobar_ajuste(ajuste=borrador, actor=actor)
    assert saldos(suya.afiliado) == {"USD": D(11)}


@pytest.mark.parametrize("de_otro", ["afiliado", "moneda", "los dos"])
def test_el_de_otro_se_rechaza(de_otro: str) -> None:
    """One difference is enough."""
    suya = fabricas.aprobada()
    datos: dict[str, Any] = {"afiliado": suya.afiliado, "moneda": "USD"}
    if de_otro != "moneda":
        datos["afiliado"] = fabricas.afiliado()
    if de_otro != "afiliado":
        datos["moneda"] = "EUR"
    with pytest.raises(DatoInvalido) as error:
        crear_ajuste(**datos, comision=suya, tipo="bono", monto=D(1), motivo="m", actor=LUIS)
    assert error.value.campo == "comision"
    assert not Ajuste.objects.exists()
