"""A batch beside others: what is of one says nothing of the next, nor stands before it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from alpespartner.comun.actores import Actor, persona
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.identificadores import nuevo_id
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.models import LotePago, Pago
from comisiones.pagos.lotes import ciclo
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.services import aprobar_comision
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
EVA, TEO = persona(3), persona(4)


@pytest.fixture(autouse=True)
def _sin_automaticos(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_LIBERA_QUIEN_APROBO = False


def congelado(moneda: str, aprueba: Actor, *, pasarela: str = "archivo") -> LotePago:
    """A batch that Luis froze, with a commission and a bonus that ``aprueba`` approved."""
    suya = fabricas.comision(en=fabricas.campana(moneda=moneda))
    aprobar_comision(comision=suya, actor=aprueba)
    bono = crear_ajuste(
        afiliado=suya.afiliado, tipo="bono", monto=Decimal(1), moneda=moneda, motivo="m",
        actor=LUIS,
    )  # fmt: skip
    aprobar_ajuste(ajuste=bono, actor=aprueba)
    lote = proponer_lote(moneda=moneda, pasarela=pasarela, actor=LUIS)
    return ciclo.congelar_lote(lote=lote, actor=LUIS)


def parados(cuantos: int, estado: str) -> None:
    """Old batches that are in nobody's way."""
    hace = timezone.now() - timedelta(days=9)
    LotePago.objects.bulk_create(
        LotePago(
            id_publico=nuevo_id("lote"), moneda="USD", pasarela="archivo", estado=estado,
            preparado_por="persona:2", creado_en=hace, actualizado_en=hace,
        )
        for _n in range(cuantos)
    )  # fmt: skip


def test_aprobar_en_un_lote_no_impide_liberar_otro() -> None:
    """Ana approved what is in the first and nothing of the second; Teo, the other way round."""
    dolares, euros = congelado("USD", ANA), congelado("EUR", TEO)
    for lote, actor in ((dolares, ANA), (euros, TEO)):
        with pytest.raises(CuatroOjos):
            ciclo.liberar_lote(lote=lote, actor=actor)
    for lote, actor in ((dolares, TEO), (euros, ANA)):
        ciclo.liberar_lote(lote=lote, actor=actor)
        lote.refresh_from_db()
        assert (lote.estado, lote.liberado_por) == ("aprobado", str(actor))


def test_cien_lotes_acabados_no_tapan_al_que_acaba(pasarela: type[PasarelaDePruebas]) -> None:
    """The finished one is settled, however many closed ones were before it."""
    parados(101, "cerrado")
    lote = ciclo.liberar_lote(lote=congelado("USD", ANA, pasarela="pruebas"), actor=EVA)
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    for pk in Pago.objects.values_list("pk", flat=True):
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    ciclo.barrer_lotes(antes_de=timezone.now() + timedelta(minutes=1), actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    assert LotePago.objects.filter(estado="cerrado").count() == 101


def test_cien_lotes_acabados_no_tapan_al_que_empieza(pasarela: type[PasarelaDePruebas]) -> None:
    """Nor the one that was released and whose task got lost."""
    parados(101, "cerrado")
    lote = ciclo.liberar_lote(lote=congelado("USD", ANA, pasarela="pruebas"), actor=EVA)
    ciclo.barrer_lotes(antes_de=timezone.now() - timedelta(minutes=1), actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "aprobado", "its task is not late yet"
    ciclo.barrer_lotes(antes_de=timezone.now() + timedelta(minutes=1), actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "en_ejecucion"
