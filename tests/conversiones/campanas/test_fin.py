"""The end of a campaign: by hand and by date, and the sales that arrive after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.errores import Conflicto, ReferenciaDesconocida
from alpespartner.comun.historial import historial_de
from conversiones.campanas.models import Campana
from conversiones.campanas.services import (
    activar_campana,
    actualizar_campana,
    finalizar_campana,
    finalizar_vencidas,
    pausar_campana,
)
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db


def vencer(campana: Campana, **pasado: float) -> None:
    """As if its date had gone by since it was written."""
    Campana.objects.filter(pk=campana.pk).update(termina_en=hace(**pasado))


def test_termina_por_fecha() -> None:
    """Active or paused, once, with its event and its history; a draft, one that ends later and one
    without a date go on."""
    activa, pausada, borrador, luego, sin_fecha, otra = (
        fabricas.campana(activa=n != 2) for n in range(6)
    )
    pausar_campana(campana=pausada, actor=ANA, motivo="m")
    for campana in (activa, pausada, borrador):
        vencer(campana, seconds=1)
    vencer(luego, seconds=-60)
    finalizar_campana(campana=otra, actor=ANA, motivo="antes")
    vencer(otra, seconds=1)
    assert finalizar_vencidas(actor=PRUEBAS) == 2
    assert finalizar_vencidas(actor=PRUEBAS) == 0
    estados = [Campana.objects.get(pk=c.pk).estado
               for c in (activa, pausada, borrador, luego, sin_fecha)]  # fmt: skip
    assert estados == ["finalizada", "finalizada", "borrador", "activa", "activa"]
    for campana in (activa, pausada, otra):
        assert fabricas.eventos_de(campana.id_publico).count("CampanaFinalizada") == 1
    ultimo = historial_de("campana", activa.id_publico).last()
    assert ultimo is not None
    assert (ultimo.accion, ultimo.actor, ultimo.motivo) == (
        "finalizar", str(PRUEBAS), "Llegó su fecha de fin.",
    )  # fmt: skip


def test_no_se_activa_lo_que_termino() -> None:
    """It would end for good a minute later; with another date it goes on."""
    campana = pausar_campana(campana=fabricas.campana(), actor=ANA, motivo="m")
    vencer(campana, seconds=1)
    with pytest.raises(Conflicto) as error:
        activar_campana(campana=campana, actor=ANA)
    assert error.value.codigo == "campana_vencida"
    manana = timezone.now() + timedelta(days=1)
    actualizar_campana(campana=campana, cambios={"termina_en": manana}, actor=ANA)
    assert activar_campana(campana=campana, actor=ANA).estado == "activa"


@pytest.mark.parametrize("por_fecha", [True, False])
def test_lo_que_ocurrio_antes_del_fin_cuenta(por_fecha: bool) -> None:
    """To the last instant before it, but for what occurred in a pause; alone and in a batch it is
    the same service. What occurred later does not, and neither does what a pause refuses."""
    ahora = timezone.now()
    campana, socia = fabricas.campana(), fabricas.afiliado()
    with time_machine.travel(ahora + timedelta(hours=1), tick=False):
        pausar_campana(campana=campana, actor=ANA, motivo="m")
    with time_machine.travel(ahora + timedelta(hours=2), tick=False):
        activar_campana(campana=campana, actor=ANA)
    fin = ahora + timedelta(hours=3)
    with time_machine.travel(fin, tick=False):
        if por_fecha:
            actualizar_campana(campana=campana, cambios={"termina_en": fin}, actor=ANA)
        else:
            finalizar_campana(campana=campana, actor=ANA, motivo="m")
    with time_machine.travel(ahora + timedelta(hours=4), tick=False):
        finalizar_vencidas(actor=PRUEBAS)
        campana.refresh_from_db()
        assert campana.estado == "finalizada"

        def vender(**antes: float) -> Any:
            return fabricas.conversion(de=socia, en=campana, ocurrida_en=fin - timedelta(**antes))

        buenas = [vender(seconds=1), vender(minutes=59), vender(hours=2, minutes=1), vender(days=9)]
        for mala in ({"seconds": -1}, {"minutes": 61}, {"minutes": 119}):
            with pytest.raises(ReferenciaDesconocida) as error:
                vender(**mala)
            assert error.value.codigo in ("campana_no_admitida", "fuera_de_campana")
    assert Conversion.objects.count() == len(buenas)
