"""What happened was told, once: each kind of fact that the apps declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.invariantes import comprobaciones
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from outbox.consumidores.auditoria import AUDITORIA
from outbox.models import EntregaPendiente, EventoPurgado, OutboxEvent, PosicionArchivo
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste
from tests.fabricas import PRUEBAS
from tests.outbox.probeta import emitir

pytestmark = pytest.mark.django_db
TIPOS = [
    "AfiliadoRegistrado", "ConversionRegistrada", "ComisionCalculada", "ComisionAprobada",
    "AjusteContabilizado", "PagoConfirmado", "ComisionPagada",
]  # fmt: skip


@pytest.fixture
def vida() -> None:
    """A paid commission, one in review and an adjustment."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    fabricas.comision(de=pago.afiliado)
    ajuste(pago.afiliado, "1")
    assert Pago.objects.get().estado == "pagado"
    assert list(dichos()) == []


def dichos(que: str = "Cada hecho tiene su evento, una vez") -> Iterator[str]:
    [cual] = [c for c in comprobaciones() if c.nombre == que]
    return iter(cual.filas())


@pytest.mark.parametrize("tipo", TIPOS)
def test_lo_que_no_se_conto_se_ve(vida: None, tipo: str) -> None:
    suyos = OutboxEvent.objects.filter(type=tipo)
    sujetos = sorted(suyos.values_list("aggregateid", flat=True))
    EntregaPendiente.objects.all().delete()
    suyos._raw_delete(using="default")
    assert sorted(dichos()) == [f"{sujeto}: sin {tipo}" for sujeto in sujetos]
    assert sujetos


@pytest.mark.parametrize("tipo", TIPOS)
def test_lo_que_se_conto_dos_veces_se_ve(vida: None, tipo: str) -> None:
    evento = OutboxEvent.objects.filter(type=tipo).latest("posicion")
    evento.pk, evento.evento_id = None, nuevo_uuid7()
    evento._state.adding = True
    evento.save()
    assert list(dichos()) == [f"{evento.aggregateid}: 2 × {tipo}"]


def test_lo_que_se_cuenta_muchas_veces_no_es_de_mas_al_purgarlo(vida: None) -> None:
    """Only facts that happen once are told once."""
    socia = Afiliado.objects.earliest("pk")
    for nombre in ("Una", "Otra"):
        actualizar_afiliado(afiliado=socia, cambios={"nombre": nombre}, actor=PRUEBAS)
    suyos = OutboxEvent.objects.filter(type="AfiliadoActualizado")
    EventoPurgado.objects.bulk_create(
        EventoPurgado(
            evento_id=e.evento_id, type=e.type, aggregateid=e.aggregateid, created_at=e.created_at
        )
        for e in suyos
    )
    EntregaPendiente.objects.all().delete()
    suyos._raw_delete(using="default")
    assert EventoPurgado.objects.count() == 2
    assert list(dichos()) == []


def test_el_archivo_tiene_cada_evento_una_vez(settings: Any) -> None:
    """Of its committed part: what a crash left beyond it is not there."""
    archivo, que = settings.AUDITORIA_ARCHIVO, "events.jsonl tiene cada evento una vez"
    assert list(dichos(que)) == []
    eventos = [emitir(f"af_{n}", "e") for n in range(3)]
    drenar([AUDITORIA])
    lineas = archivo.read_bytes().splitlines(keepends=True)
    assert list(dichos(que)) == []
    archivo.write_bytes(b"".join([*lineas, b"media lin"]))
    assert list(dichos(que)) == []
    archivo.write_bytes(b"".join([lineas[0], lineas[0], lineas[2]]))
    assert list(dichos(que)) == [
        f"{eventos[0].evento_id}: 2 veces en events.jsonl",
        f"{eventos[1].evento_id}: no está en events.jsonl",
    ]
    for roto in (lambda: archivo.write_bytes(lineas[0]), archivo.unlink):
        roto()
        assert list(dichos(que)) == ["events.jsonl: faltan líneas (¿se borró el archivo?)"]


def test_el_archivo_se_mira_por_su_posicion_y_no_por_la_de_otro(settings: Any) -> None:
    PosicionArchivo.objects.create(nombre="otro.jsonl", bytes=10_000)
    assert not settings.AUDITORIA_ARCHIVO.exists()
    assert list(dichos("events.jsonl tiene cada evento una vez")) == []
