"""What a batch leaves in the database when it is proposed and frozen."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.models import Historial
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.models import ItemPago, LotePago
from comisiones.pagos.lotes.ciclo import congelar_lote, devolver_lote, liberar_lote
from comisiones.pagos.lotes.contenido import contenido, huella_de
from comisiones.pagos.lotes.propuesta import descartar_lote, proponer_lote
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def lote(settings: Any) -> LotePago:
    """Two payments, one of two commissions, that Luis proposed."""
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    una, en = fabricas.afiliado(), fabricas.campana()
    for de, valor in ((una, "100"), (una, "0.10"), (fabricas.afiliado(), "5")):
        fabricas.aprobada(de=de, en=en, valor=valor)
    return proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)


def pasos(lote: LotePago) -> list[tuple[str, str, str, str]]:
    return list(
        Historial.objects.filter(entidad="lote", entidad_id=lote.id_publico)
        .order_by("pk")
        .values_list("accion", "actor", "estado_nuevo", "motivo")
    )


def test_lo_propuesto(lote: LotePago) -> None:
    leido = LotePago.objects.get()
    assert (leido.estado, leido.total, leido.numero_pagos) == ("borrador", D("10.51"), 2)
    assert (leido.preparado_por, leido.propuesto_hasta) == (str(LUIS), None)
    assert pasos(lote) == [("proponer", str(LUIS), "borrador", "")]
    programados = Historial.objects.filter(entidad="pago", accion="programar")
    assert set(programados.values_list("entidad_id", "actor", "estado_nuevo")) == {
        (pago.id_publico, str(LUIS), "listo") for pago in lote.pagos.all()
    }
    assert [paso.datos for paso in programados] == [{"lote_id": lote.id_publico}] * 2


def test_lo_congelado_liberado_y_devuelto(lote: LotePago) -> None:
    """Sums are taken again when it is frozen, and nothing of it is left once it is sent back."""
    LotePago.objects.update(total=1, numero_pagos=9)
    congelar_lote(lote=lote, actor=LUIS)
    leido = LotePago.objects.get()
    assert (leido.estado, leido.total, leido.numero_pagos) == ("congelado", D("10.51"), 2)
    assert leido.congelado_por == str(LUIS)
    assert leido.huella == huella_de(leido)
    assert len(leido.huella) == 64
    liberar_lote(lote=lote, actor=ANA)
    leido.refresh_from_db()
    assert (leido.estado, leido.liberado_por) == ("aprobado", str(ANA))
    assert fabricas.eventos_de(lote.id_publico) == ["LoteAprobado"]
    devolver_lote(lote=lote, actor=ANA, motivo=" mal ")
    leido.refresh_from_db()
    assert (leido.estado, leido.huella) == ("borrador", "")
    assert (leido.congelado_por, leido.liberado_por) == ("", "")
    assert pasos(lote)[1:] == [
        ("congelar", str(LUIS), "congelado", ""),
        ("liberar", str(ANA), "aprobado", ""),
        ("devolver", str(ANA), "borrador", "mal"),
    ]


def test_la_huella_es_de_cada_cosa_una_vez(lote: LotePago) -> None:
    """A line for each payment, commission and adjustment, and for each debt that it leaves out."""
    bono = crear_ajuste(
        afiliado=lote.pagos.order_by("pk")[0].afiliado, tipo="bono", monto=D(1), moneda="USD",
        motivo="m", actor=LUIS,
    )  # fmt: skip
    aprobar_ajuste(ajuste=bono, actor=ANA)
    descartar_lote(lote=lote, actor=LUIS, motivo="falta el bono")
    otro = proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)
    lineas = Counter(una.split("'")[1] for una in contenido(otro))
    assert lineas == {"pago": 2, "comision": 3, "ajuste": 1}
    deuda = crear_ajuste(
        afiliado=bono.afiliado, tipo="clawback", monto=D("-0.01"), moneda="USD", motivo="m",
        actor=LUIS,
    )  # fmt: skip
    aprobar_ajuste(ajuste=deuda, actor=ANA)
    assert Counter(una.split("'")[1] for una in contenido(otro)) == {**lineas, "deuda": 1}


def test_la_huella_no_depende_de_cuando_se_escribio_cada_linea(lote: LotePago) -> None:
    """The same lines, written the other way round."""
    antes = huella_de(lote)
    lineas = list(ItemPago.objects.order_by("pk"))
    ItemPago.objects.all().delete()
    for linea in reversed(lineas):
        linea.pk = None
        linea._state.adding = True
    ItemPago.objects.bulk_create(reversed(lineas))
    assert huella_de(lote) == antes
    ItemPago.objects.filter(importe=D("0.01")).update(importe=D("0.02"))
    assert huella_de(lote) != antes


def test_los_ajustes_van_en_su_orden(settings: Any) -> None:
    """Whichever payment has them."""
    settings.PAGOS_AUTOMATICOS = False
    primera, segunda = (fabricas.aprobada(valor="100").afiliado for _n in range(2))
    for de in (segunda, primera):
        borrador = crear_ajuste(
            afiliado=de, tipo="correccion", monto=D(1), moneda="USD", motivo="m", actor=LUIS
        )
        aprobar_ajuste(ajuste=borrador, actor=ANA)
    lote = proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)
    suyas = [linea for linea in contenido(lote) if linea.startswith("'ajuste'")]
    assert [segunda.id_publico in suyas[0], primera.id_publico in suyas[1]] == [True, True]
