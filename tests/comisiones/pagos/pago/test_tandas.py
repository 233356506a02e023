"""Payments of a batch leave a few at a time: one does not spoil those beside it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from afiliados.afiliado.services import bloquear_afiliado
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import IntentoPago, LotePago, Pago
from comisiones.pagos.pago import envio
from comisiones.pagos.pago.bloqueo import TANDA
from comisiones.pagos.pago.envio import ejecutar_pago
from tests import fabricas
from tests.comisiones.pagos.fabrica import en_ejecucion, todo_cuadra
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, PRUEBAS, a_la_vez

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("solo_lotes")]


def en_marcha(cuantos: int) -> tuple[LotePago, list[int]]:
    """A running batch of payments of 10, 10.10, 10.20…, and their keys in order."""
    en = fabricas.campana()
    for n in range(cuantos):
        fabricas.aprobada(de=fabricas.afiliado(), en=en, valor=str(100 + n))
    lote = en_ejecucion(pasarela="pruebas")
    return lote, list(lote.pagos.order_by("pk").values_list("pk", flat=True))


def estados(lote: LotePago) -> Counter[str]:
    """How many payments in each state."""
    return Counter(lote.pagos.values_list("estado", flat=True))


@pytest.mark.lento
def test_una_tarea_envia_una_tanda(
    pasarela: type[PasarelaDePruebas], django_capture_on_commit_callbacks: Any
) -> None:
    """Its own and those behind it; never those before it, whose tasks are of others."""
    lote, claves = en_marcha(TANDA + 3)
    with django_capture_on_commit_callbacks(execute=True):
        ejecutar_pago(pago_pk=claves[1], actor=PRUEBAS)
    enviados = set(lote.pagos.filter(estado="pagado").values_list("pk", flat=True))
    assert enviados == set(claves[1 : TANDA + 1])
    assert Comision.objects.filter(estado="pagada").count() == TANDA
    assert Historial.objects.filter(entidad="pago", accion="confirmar").count() == TANDA
    with django_capture_on_commit_callbacks(execute=True):
        for pk in claves:
            ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    assert sorted(pasarela.envios) == sorted(lote.pagos.values_list("id_publico", flat=True))
    assert PasarelaDePruebas.total() == lote.total
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    for pago in lote.pagos.all():
        assert pago.detalle == f"ref-{pago.id_publico}"
        assert pago.version == 3
        comision = Comision.objects.get(items_pago__pago=pago)
        assert fabricas.eventos_de(pago.id_publico)[-2:] == ["PagoEnviado", "PagoConfirmado"]
        historia = Historial.objects.get(entidad_id=comision.id_publico, accion="pagar")
        assert historia.datos == {"pago_id": pago.id_publico}
    todo_cuadra()


def test_cuestan_lo_mismo(pasarela: type[PasarelaDePruebas]) -> None:
    """A whole round takes as many statements as a pair."""
    cuantas = []
    for cuantos in (2, TANDA):
        _lote, claves = en_marcha(cuantos)
        with CaptureQueriesContext(
            connection,
        ) as hechas:
            ejecutar_pago(pago_pk=claves[0], actor=PRUEBAS)
        cuantas.append(len(hechas))
    assert cuantas[0] == cuantas[1]


@pytest.mark.lento
def test_cada_uno_con_lo_suyo(pasarela: type[PasarelaDePruebas]) -> None:
    """Paid, refused, unknown and broken side by side: each gets its own answer."""
    lote, claves = en_marcha(5)
    pasarela.accidentes += ["", "rechaza", "no_sabe", "falla_despues"]
    ejecutar_pago(pago_pk=claves[0], actor=PRUEBAS)
    assert list(lote.pagos.order_by("pk").values_list("estado", flat=True)) == [
        "pagado", "fallido", "incierto", "incierto", "pagado",
    ]  # fmt: skip
    assert Comision.objects.filter(estado="pagada").count() == 2
    assert Comision.objects.filter(estado="aprobada").count() == 1
    assert Comision.objects.filter(estado="programada").count() == 2
    todo_cuadra()


def test_uno_que_no_puede_salir(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """Neither a blocked affiliate nor an order that cannot be made keeps the others."""
    lote, claves = en_marcha(4)
    bloqueado, roto = lote.pagos.get(pk=claves[0]), lote.pagos.get(pk=claves[2])
    bloquear_afiliado(afiliado=bloqueado.afiliado, actor=ANA, motivo="fraude")
    hacer = envio.orden_de

    def orden_de(pago: Pago) -> Any:
        if pago == roto:
            raise ValueError("cifrado con otra clave")
        return hacer(pago)

    monkeypatch.setattr(envio, "orden_de", orden_de)
    for pk in claves:
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    assert estados(lote) == {"listo": 2, "pagado": 2}
    assert roto.id_publico in caplog.text
    assert IntentoPago.objects.count() == 2


def test_los_de_otro_lote_y_los_sueltos(pasarela: type[PasarelaDePruebas]) -> None:
    """A round is of one batch; what belongs to none goes alone."""
    lote, claves = en_marcha(2)
    otro, _suyas = en_marcha(2)
    suelto, detras = fabricas.pago(), fabricas.pago()
    ejecutar_pago(pago_pk=claves[0], actor=PRUEBAS)
    assert (estados(lote), estados(otro)) == ({"pagado": 2}, {"listo": 2})
    ejecutar_pago(pago_pk=suelto.pk, actor=PRUEBAS)
    detras.refresh_from_db()
    assert detras.estado == "listo"


@pytest.mark.lento
@pytest.mark.django_db(transaction=True)
def test_todas_las_tareas_a_la_vez(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every task of a batch, twice, in both orders: each payment is sent once and none is left."""
    monkeypatch.setattr(envio, "A_LA_VEZ", 4)
    lote, claves = en_marcha(TANDA * 2)
    hechos = a_la_vez(
        [
            lambda pk=pk: ejecutar_pago(pago_pk=pk, actor=PRUEBAS)  # type: ignore[misc]
            for pk in [*claves, *reversed(claves)]
        ]
    )
    assert not [h for h in hechos if h is not None], hechos
    assert len(pasarela.envios) == len(set(pasarela.envios)) == len(claves)
    assert estados(lote) == {"pagado": len(claves)}
    assert IntentoPago.objects.count() == len(claves)
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    assert fabricas.eventos_de(lote.id_publico).count("LoteTerminado") == 1
    todo_cuadra()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite locks the whole database, not rows"
)
def test_lo_que_otro_tiene_cogido(pasarela: type[PasarelaDePruebas]) -> None:
    """A worker does not wait for payments that another one is taking: it takes the next."""
    lote, claves = en_marcha(3)
    with transaction.atomic():
        list(Pago.objects.select_for_update().filter(pk=claves[0]))
        assert a_la_vez([lambda: ejecutar_pago(pago_pk=claves[0], actor=PRUEBAS)]) == [None]
        assert lote.pagos.get(pk=claves[0]).estado == "listo"
    assert estados(lote) == {"listo": 1, "pagado": 2}
    ejecutar_pago(pago_pk=claves[0], actor=PRUEBAS)
    assert estados(lote) == {"pagado": 3}
    assert PasarelaDePruebas.total() == Decimal("30.30")
