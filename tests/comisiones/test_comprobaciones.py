"""What checks say of rows that are late, or that do not add up: each on both sides of its edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.invariantes import TARDE, comprobaciones
from comisiones.comision.models import Comision
from comisiones.models import DecisionEnMasa, ExtractoBanco, ExtractoPendiente, LineaEnMasa
from comisiones.revision.avance import avanzar_decision
from comisiones.revision.en_masa import confirmar_decision
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.services import rechazar_conversion
from outbox.models import (
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    EventoPurgado,
    OutboxEvent,
)
from tests import fabricas
from tests.comisiones.revision.mesa import elegir, jefa
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db
PELLIZCO = timedelta(microseconds=1)


def faltas(*nombres: str) -> list[str]:
    """What some checks say, or all of them."""
    todas = {c.nombre: c for c in comprobaciones() if not c.a_peticion}
    return [fila for nombre in nombres or todas for fila in todas[nombre].filas()]


@pytest.fixture(scope="module")
def acabada(una_vez: Callable[[Callable[[], Any]], Any]) -> DecisionEnMasa:
    """A decision that did two, found one done and set aside one."""

    def hacer() -> DecisionEnMasa:
        en, de = fabricas.campana(), fabricas.afiliado()
        suyas = [fabricas.comision(en=en, de=de) for _n in range(4)]
        decision = elegir(suyas)
        aprobar_comision(comision=suyas[0], actor=LUIS)
        Comision.objects.filter(pk=suyas[1].pk).update(version=7)
        confirmar_decision(decision=decision, actor=jefa())
        avanzar_decision(decision_pk=decision.pk)
        decision.refresh_from_db()
        return decision

    suya: DecisionEnMasa = una_vez(hacer)
    return suya


CUENTA = "Una decisión en masa cuenta lo que dicen sus líneas"
PARADA = "Ninguna decisión en masa está parada"


@pytest.mark.lento
@pytest.mark.parametrize("campo", ["total", "hechas", "ya", "apartadas"])
def test_cada_cuenta_de_una_decision(acabada: DecisionEnMasa, campo: str) -> None:
    """To the one, each by itself."""
    bien = {"total": 4, "hechas": 2, "ya": 1, "apartadas": 1}
    assert {c: getattr(acabada, c) for c in bien} == bien
    assert faltas() == []
    for sobra in (1, -1):
        mal = {**bien, campo: bien[campo] + sobra}
        DecisionEnMasa.objects.filter(pk=acabada.pk).update(**mal)
        assert faltas() == [
            f"{acabada.id_publico}: dice {tuple(mal.values())} y sus líneas {(4, 2, 1, 1)}"
        ]


@pytest.mark.parametrize(
    ("estado", "falta"), [("terminada", True), ("detenida", True), ("en_curso", False)]
)
def test_lo_que_quedo_por_hacer(acabada: DecisionEnMasa, estado: str, falta: bool) -> None:
    """Nothing of one that ended; of one that goes on it is what it has still to do."""
    LineaEnMasa.objects.filter(resultado="ya").update(resultado="por_hacer")
    DecisionEnMasa.objects.update(ya=0, estado=estado)
    esperado = [f"{acabada.id_publico}: {estado} con 1 por hacer"] if falta else []
    assert faltas(CUENTA) == esperado


@pytest.mark.parametrize("estado", ["en_curso", "por_confirmar", "terminada"])
def test_una_decision_parada(acabada: DecisionEnMasa, estado: str) -> None:
    """Five minutes and a moment without news, of one that should have some."""
    with time_machine.travel(timezone.now(), tick=False):
        corte = timezone.now() - TARDE
        DecisionEnMasa.objects.update(estado=estado, actualizado_en=corte)
        assert faltas(PARADA) == []
        DecisionEnMasa.objects.update(actualizado_en=corte - PELLIZCO)
        esperado = [f"{acabada.id_publico}: sin avanzar desde {corte - PELLIZCO:%Y-%m-%d %H:%M}"]
        assert faltas(PARADA) == (esperado if estado == "en_curso" else [])


@pytest.mark.parametrize(("error", "dicho"), [("", ""), ("OSError", " (OSError)")])
def test_un_extracto_a_medias(error: str, dicho: str) -> None:
    """Since it was imported; one that waits for a person is not late."""
    que = "Ningún extracto está a medias"
    with time_machine.travel(timezone.now(), tick=False):
        corte = timezone.now() - TARDE
        for n, (por_confirmar, creado) in enumerate(
            ((False, corte), (False, corte - PELLIZCO), (True, corte - PELLIZCO))
        ):
            extracto = ExtractoBanco(
                id_publico=f"ext_{n}", nombre="x", huella=f"{n}", movimientos=1,
                importado_por=str(ANA), creado_en=creado,
            )  # fmt: skip
            extracto.save()
            ExtractoPendiente.objects.create(
                extracto=extracto, por_confirmar=por_confirmar, ultimo_error=error
            )
        assert faltas(que) == [f"ext_1: le quedan líneas por aplicar{dicho}"]


ENTREGAS = "Ninguna entrega va tarde"


def test_una_entrega_tarde() -> None:
    """By when its event was written, and what was parked until it is handed over again."""
    fabricas.afiliado()
    evento = OutboxEvent.objects.latest("posicion")
    esperan = sorted(evento.entregas_pendientes.values_list("suscripcion", flat=True))
    assert esperan
    EntregaPendiente.objects.exclude(evento=evento).delete()
    with time_machine.travel(evento.created_at + TARDE, tick=False):
        assert faltas(ENTREGAS) == []
    with time_machine.travel(evento.created_at + TARDE + PELLIZCO, tick=False):
        tarde = [f"evento {evento.pk}: {quien} lo espera desde hace rato" for quien in esperan]
        assert sorted(faltas(ENTREGAS)) == tarde
        EntregaPendiente.objects.all().delete()
        assert faltas(ENTREGAS) == []
        aparcado = EventoAparcado.objects.create(
            suscripcion="auditoria", evento=evento, intentos=5, error="x"
        )
        assert faltas(ENTREGAS) == [f"evento {evento.pk}: auditoria lo tiene aparcado"]
        EventoAparcado.objects.filter(pk=aparcado.pk).update(reencolado_en=timezone.now())
        assert faltas(ENTREGAS) == []


def test_lo_que_una_suscripcion_no_tiene(settings: Any) -> None:
    """Neither waiting, nor handled, nor parked; with another transport nothing waits here."""
    que = "Cada evento está entregado, en cola o aparcado"
    fabricas.afiliado()
    evento = OutboxEvent.objects.latest("posicion")
    assert faltas(que) == []
    EntregaPendiente.objects.filter(evento=evento, suscripcion="auditoria").delete()
    assert faltas(que) == [f"{evento.evento_id} {evento.type}: auditoria no lo tiene"]
    settings.EVENTOS_TRANSPORTE = "pulsar"
    assert faltas(que) == []
    settings.EVENTOS_TRANSPORTE = "embebido"
    EventoProcesado.objects.create(suscripcion="auditoria", evento_id=evento.evento_id)
    assert faltas(que) == []


def test_una_linea_que_no_es_un_evento(settings: Any) -> None:
    """It is named, and those beside it count."""
    que = "events.jsonl tiene cada evento una vez"
    fabricas.afiliado()
    fabricas.entregar_todo()
    assert faltas(que) == []
    archivo = settings.AUDITORIA_ARCHIVO
    primera, *otras = archivo.read_bytes().splitlines(keepends=True)
    archivo.write_bytes(b"".join([b"x" * (len(primera) - 1) + b"\n", *otras]))
    mala, falta = faltas(que)
    assert mala.startswith(f"{archivo.name}: una línea no es un evento: b'xxx")
    assert falta.endswith(f": no está en {archivo.name}")


SERVIDA = "Cada conversión procesada tiene su comisión"


@pytest.mark.parametrize(
    ("que", "dicho"),
    [
        ("espera", ""), ("procesado", "su evento se procesó y no tiene comisión"),
        ("de otra", ""), ("purgado", "su evento se procesó y no tiene comisión"),
        ("de otro tipo", ""), ("sin evento", "sin evento"), ("rechazada", ""), ("con comisión", ""),
    ],
)  # fmt: skip
def test_una_venta_sin_comision(que: str, dicho: str) -> None:
    """Beside another that has hers; one is late, and not wrong, until its event was handled."""
    venta = fabricas.conversion()
    otra = fabricas.comision(de=venta.afiliado, en=venta.campana).conversion
    evento = OutboxEvent.objects.get(aggregateid=venta.id_publico)
    suya = {"aggregateid": venta.id_publico, "created_at": evento.created_at}
    if que in ("procesado", "rechazada", "con comisión"):
        EventoProcesado.objects.create(suscripcion="comisiones", evento_id=evento.evento_id)
    if que == "de otra":
        EventoProcesado.objects.create(suscripcion="auditoria", evento_id=evento.evento_id)
        suyo = OutboxEvent.objects.get(aggregateid=otra.id_publico)
        EventoProcesado.objects.create(suscripcion="comisiones", evento_id=suyo.evento_id)
    if que == "purgado":
        EventoPurgado.objects.create(evento_id="x", type="ConversionRegistrada", **suya)
    if que == "de otro tipo":
        EventoPurgado.objects.create(evento_id="x", type="ConversionValidada", **suya)
    if que == "sin evento":
        EntregaPendiente.objects.filter(evento=evento).delete()
        OutboxEvent.objects.filter(pk=evento.pk)._raw_delete(using="default")
    if que == "rechazada":
        rechazar_conversion(conversion=venta, actor=ANA, motivo="x")
    if que == "con comisión":
        fabricas.calcular(venta)
    assert faltas(SERVIDA) == ([f"{venta.id_publico}: {dicho}"] if dicho else [])


def test_cuales_son_avisos() -> None:
    """What is only late does not fail."""
    nombres = [c.nombre for c in comprobaciones() if c.aviso]
    assert {PARADA, ENTREGAS, "Ningún extracto está a medias"} <= set(nombres)
    assert CUENTA not in nombres
    assert SERVIDA not in nombres
