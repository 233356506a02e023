"""After a purge the checks say the same as before it, and what comes again is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.invariantes import comprobaciones
from comisiones.comision.models import Comision
from comisiones.pagos.pago.envio import ejecutar_pago
from conversiones.ventas.models import Conversion
from outbox.consumo import Sobre, procesar, suscripciones_de
from outbox.models import EventoProcesado, EventoPurgado, OutboxEvent
from outbox.reconciliacion import purgar
from tests import fabricas
from tests.fabricas import PRUEBAS
from tests.outbox.probeta import Probeta, emitir
from tests.outbox.test_hechos import TIPOS

pytestmark = pytest.mark.django_db


@pytest.fixture
def vida() -> None:
    """A paid commission and one in review, whose events everybody has had."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    fabricas.comision(de=pago.afiliado)
    fabricas.entregar_todo()
    assert rotas() == []


def rotas() -> list[str]:
    return [fila for c in comprobaciones() if not c.a_peticion for fila in c.filas()]


def purgar_todo() -> int:
    return sum(purgar(timezone.now() + timedelta(seconds=1), por_lote=3))


@pytest.mark.lento
def test_lo_purgado_esta_contado(vida: None, settings: Any) -> None:
    habia = dict(OutboxEvent.objects.values_list("evento_id", "type"))
    assert purgar_todo() == len(habia)
    assert not OutboxEvent.objects.exists()
    assert not EventoProcesado.objects.exists()
    assert dict(EventoPurgado.objects.values_list("evento_id", "type")) == habia
    assert rotas() == []
    # And what comes after it goes on as before.
    fabricas.comision(de=Comision.objects.earliest("pk").afiliado)
    fabricas.entregar_todo()
    assert rotas() == []
    assert purgar_todo() > 0
    assert rotas() == []


@pytest.mark.lento
@pytest.mark.parametrize("tipo", TIPOS[:4])
def test_lo_que_no_se_conto_se_ve_tras_la_purga(vida: None, tipo: str) -> None:
    """Nobody ever told it: a purge is no excuse."""
    sujeto = OutboxEvent.objects.filter(type=tipo).latest("posicion").aggregateid
    OutboxEvent.objects.filter(type=tipo, aggregateid=sujeto)._raw_delete(using="default")
    purgar_todo()
    assert f"{sujeto}: sin {tipo}" in rotas()


@pytest.mark.lento
@pytest.mark.parametrize("despues", [True, False])
def test_lo_que_se_conto_dos_veces_se_ve_tras_la_purga(vida: None, despues: bool) -> None:
    """Whether the second time went with the first or came later."""
    evento = OutboxEvent.objects.filter(type="ComisionAprobada").get()
    quien = evento.aggregateid
    if despues:
        purgar_todo()
    evento.pk, evento.evento_id = None, nuevo_uuid7()
    evento._state.adding = True
    evento.save()
    procesar_en_todas(evento)
    if not despues:
        purgar_todo()
        assert not OutboxEvent.objects.exists()
    assert f"{quien}: 2 × ComisionAprobada" in rotas()


def procesar_en_todas(evento: OutboxEvent) -> None:
    for suscripcion in suscripciones_de(evento.type):
        EventoProcesado.objects.create(suscripcion=suscripcion, evento_id=evento.evento_id)


@pytest.mark.lento
def test_la_venta_que_se_quedo_sin_comision_se_ve_tras_la_purga(vida: None) -> None:
    venta = fabricas.conversion(de=Comision.objects.earliest("pk").afiliado)
    fabricas.entregar_todo()
    Comision.objects.filter(conversion=venta)._raw_delete(using="default")
    que = f"{venta.id_publico}: su evento se procesó y no tiene comisión"
    assert que in rotas()
    purgar_todo()
    assert que in rotas()
    assert Conversion.objects.filter(comisiones=None).count() == 1


@pytest.mark.lento
def test_el_archivo_ha_de_tener_lo_purgado(vida: None, settings: Any) -> None:
    purgar_todo()
    archivo = settings.AUDITORIA_ARCHIVO
    lineas = archivo.read_bytes().splitlines(keepends=True)
    # As long, and without the last event.
    archivo.write_bytes(b"".join(lineas[:-1]) + b" " * len(lineas[-1]))
    assert any("no está en events.jsonl" in fila for fila in rotas())


def test_lo_purgado_que_llega_otra_vez_no_hace_nada(probeta: Probeta, settings: Any) -> None:
    """A stream that goes back tells again what the table has no more: its effect was had."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    evento, nuevo = emitir("af_1", "uno"), emitir("af_1", "dos")
    sobre, otro = (Sobre(e.evento_id, e.type, e.aggregateid, e.payload) for e in (evento, nuevo))
    assert procesar(probeta.consumidor, [sobre]) == 1
    assert sum(purgar(timezone.now() + timedelta(seconds=1))) == 1
    assert procesar(probeta.consumidor, [sobre, otro]) == 1
    assert probeta.efectos() == ["uno", "dos"]
