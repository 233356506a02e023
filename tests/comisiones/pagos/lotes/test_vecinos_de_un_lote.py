"""What is done to one batch, or to one of its payments, leaves the others as they were."""

from __future__ import annotations

from typing import Any

import pytest

from alpespartner.comun.models import Historial
from comisiones.models import LotePago, Pago
from comisiones.pagos.lotes import ciclo, reintento
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pago.services import anular_pago
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sin_automaticos(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_LIBERA_QUIEN_APROBO = True


def propuesto(moneda: str, pagos: int = 2) -> LotePago:
    en = fabricas.campana(moneda=moneda)
    for _n in range(pagos):
        fabricas.aprobada(en=en)
    return proponer_lote(moneda=moneda, pasarela="pruebas", actor=LUIS)


def ejecutado(lote: LotePago) -> LotePago:
    lote = ciclo.liberar_lote(lote=ciclo.congelar_lote(lote=lote, actor=LUIS), actor=ANA)
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    for pk in lote.pagos.order_by("pk").values_list("pk", flat=True):
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    terminar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    lote.refresh_from_db()
    return lote


def test_terminar_lo_terminado_no_hace_nada(pasarela: type[PasarelaDePruebas]) -> None:
    """Nor what did not begin: two last payments each ask for it."""
    lote, otro = ejecutado(propuesto("USD")), propuesto("EUR", 1)
    assert lote.estado == "liquidado"
    ciclo.cerrar_lote(lote=lote, actor=LUIS, motivo=" cuadra ")
    paso = Historial.objects.get(entidad_id=lote.id_publico, accion="cerrar")
    assert (paso.actor, paso.motivo) == (str(LUIS), "cuadra")
    Pago.objects.filter(lote=otro).update(estado="anulado")
    antes = fabricas.foto()
    for uno in (lote, otro):
        terminar_lote(lote_pk=uno.pk, actor=PRUEBAS)
    assert fabricas.foto() == antes
    assert list(LotePago.objects.order_by("pk").values_list("estado", flat=True)) == [
        "cerrado", "borrador",
    ]  # fmt: skip


def test_reintentar_muchos_no_toca_otro_lote(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left to a task is left in its own batch."""
    monkeypatch.setattr(reintento, "REINTENTOS", 1)
    pasarela.accidentes += ["rechaza", "rechaza", "rechaza"]
    lote, otro = ejecutado(propuesto("USD")), ejecutado(propuesto("EUR", 1))
    assert (lote.estado, otro.estado) == ("parcialmente_fallido",) * 2
    assert len(reintento.reintentar_fallidos(lote=lote, actor=LUIS)) == 1
    lote.refresh_from_db()
    otro.refresh_from_db()
    assert lote.reintentado_hasta is not None
    assert otro.reintentado_hasta is None
    assert Pago.objects.filter(lote=otro).count() == 1


def test_lo_anulado_dice_por_que(pasarela: type[PasarelaDePruebas]) -> None:
    """Reread: out of the draft, with its reason; the other payment stays in it."""
    lote = propuesto("USD")
    uno, otro = lote.pagos.order_by("pk")
    anular_pago(pago=uno, actor=ANA, motivo="repetido")
    uno.refresh_from_db()
    lote.refresh_from_db()
    assert (uno.estado, uno.detalle, uno.lote) == ("anulado", "repetido", None)
    paso = Historial.objects.get(entidad_id=uno.id_publico, accion="anular")
    assert (paso.actor, paso.motivo) == (str(ANA), "repetido")
    assert fabricas.eventos_de(uno.id_publico) == ["PagoAnulado"]
    assert list(lote.pagos.all()) == [otro]
    assert (lote.total, lote.numero_pagos) == (otro.importe, 1)
