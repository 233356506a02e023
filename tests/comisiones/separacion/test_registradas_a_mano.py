"""Whoever registered a sale does not approve what it pays, nor releases it, however they did it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from alpespartner.comun.actores import Actor, persona
from alpespartner.comun.errores import CuatroOjos
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.pagos.lotes.ciclo import congelar_lote, por_que_no_libera
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica
from comisiones.revision.services import aprobar_comision
from comisiones.separacion.selectors import Relacion, ajenas, vetos_de
from conversiones.ventas.a_mano import registrar_a_mano
from conversiones.ventas.services import (
    NuevaConversion,
    rechazar_conversion,
    registrar_conversion,
)
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
EVA, LUZ = persona(81), persona(82)


def de(actor: Actor, referencia: str = "p-1") -> Comision:
    """The commission of a sale that somebody registered by hand."""
    suya = fabricas.afiliado()
    fabricas.cuenta(suya)
    venta = registrar_a_mano(
        datos=NuevaConversion(
            afiliado=suya, campana=fabricas.campana(), valor=Decimal(100),
            referencia_externa=referencia, ocurrida_en=timezone.now() - timedelta(days=1),
        ),
        motivo="m", actor=actor,
    )  # fmt: skip
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    return Comision.objects.get(conversion=venta)


def test_no_aprueba_lo_que_registro() -> None:
    comision = de(EVA)
    assert vetos_de(comision, EVA) == {Relacion.REGISTRO}
    assert ajenas([comision], EVA) == set()
    with pytest.raises(CuatroOjos, match="registró su venta"):
        aprobar_comision(comision=comision, actor=EVA)
    assert ajenas([comision], LUZ) == {comision.pk}
    assert aprobar_comision(comision=comision, actor=LUZ).estado == "aprobada"


def test_ni_lo_aprueba_su_politica() -> None:
    comision = de(EVA)
    publicar_politica(campana=comision.campana, hasta=Decimal(500), motivo="m", actor=EVA)
    assert aprobar_por_politicas(actor=PRUEBAS) == 0
    publicar_politica(campana=comision.campana, hasta=Decimal(500), motivo="m", actor=LUZ)
    assert aprobar_por_politicas(actor=PRUEBAS) == 1


def test_ni_libera_el_lote_que_lo_paga() -> None:
    comision = aprobar_comision(comision=de(EVA), actor=LUIS)
    assert comision.estado == "aprobada"
    lote = congelar_lote(lote=proponer_lote(moneda="USD", actor=ANA, pasarela="archivo"), actor=ANA)
    assert "registró o calculó" in por_que_no_libera(lote, EVA)
    assert por_que_no_libera(lote, LUZ) == ""


def test_tampoco_quien_la_envia_otra_vez() -> None:
    """A refused sale counts again because of whoever sent it the second time."""
    comision = de(PRUEBAS)
    venta = comision.conversion
    rechazar_conversion(conversion=venta, actor=LUIS, motivo="m")
    repuesta = registrar_conversion(
        datos=NuevaConversion(
            afiliado=venta.afiliado, campana=venta.campana, valor=venta.valor,
            referencia_externa=venta.referencia_externa, ocurrida_en=venta.ocurrida_en,
        ),
        actor=EVA,
    )  # fmt: skip
    assert repuesta.estado == "recibida"
    assert vetos_de(comision, EVA) == {Relacion.REGISTRO}
    assert ajenas([comision], EVA) == set()
