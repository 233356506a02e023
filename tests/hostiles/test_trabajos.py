"""Everything that works by itself goes on beside hostile rows: the good ones are approved, paid,
sent, told, refunded and exported as if they were alone, and ``verificar`` names the bad ones."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import models

from comisiones.comision.models import Comision
from comisiones.models import (
    ExtractoPendiente,
    ItemPago,
    Liquidacion,
    Notificacion,
    Novedad,
    Reverso,
    Simulacion,
)
from comisiones.pagos.lotes import ciclo, propuesta
from outbox.consumo import CONSUMIDORES, suscripciones_de
from outbox.models import EventoAparcado, EventoProcesado, OutboxEvent
from tests.comisiones.pagos.fabrica import EVA
from tests.fabricas import LUIS, PRUEBAS
from tests.hostiles import trabajos
from tests.hostiles.filas import SEMILLA, TANDAS, Hostil, Sembrador
from tests.hostiles.mundo import Mundo, poblar
from tests.hostiles.visitas import Visitas

pytestmark = pytest.mark.django_db(transaction=True)
EN_PAGO = ("programada", "pagada")


@pytest.fixture(autouse=True)
def _sin_cola(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is queued is run by the tests themselves: each task, for each row."""
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *args, **kwargs: None)


def _pagar_un_lote(visitas: Visitas, mundo: Mundo) -> None:
    """Two persons and a file for the bank, with whatever else is due in euros."""
    settings.PAGOS_AUTOMATICOS = False
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    settings.PAGOS_AUTOMATICOS = True
    suyo = ItemPago.objects.get(comision=mundo.por_lote)
    if (suyo.importe, suyo.pago.estado, suyo.pago.lote_id) != (9, "enviando", lote.pk):
        visitas.fallar("el lote no paga lo bueno", suyo.pago.estado)


def _lo_bueno_sigue(visitas: Visitas, mundo: Mundo, buenas: dict[Any, set[Any]]) -> None:
    """Every good row that waited had its turn, with its right value."""

    def exigir(que: str, hay: object, esperado: object) -> None:
        if hay != esperado:
            visitas.fallar(f"lo bueno no siguió: {que}", f"{hay} y no {esperado}")

    for que, comision, monto in (
        ("aprobar por política", mundo.por_aprobar, 5),
        ("pagar", mundo.por_pagar, 8),
        ("calcular", Comision.objects.filter(conversion=mundo.por_calcular).first(), 4),
    ):
        if comision is None:
            visitas.fallar(f"lo bueno no siguió: {que}", "no hay comisión")
            continue
        comision.refresh_from_db()
        item = ItemPago.objects.filter(comision=comision, pago__estado="pagado").first()
        exigir(que, (comision.estado, comision.monto), ("pagada", Decimal(monto)))
        exigir(f"{que}: importe", item and item.importe, Decimal(monto))
    mundo.por_enviar.refresh_from_db()
    exigir("enviar", (mundo.por_enviar.estado, mundo.por_enviar.importe), ("pagado", Decimal(7)))
    documento = Liquidacion.objects.filter(pago=mundo.por_enviar).first()
    exigir("documentar", documento and documento.importe, Decimal(7))
    quitado = Reverso.objects.filter(comision=mundo.por_devolver).values_list("monto", flat=True)
    exigir("devolver", list(quitado), [Decimal(3)])
    mundo.linea_de.refresh_from_db()
    exigir("aplicar el extracto", mundo.linea_de.estado, "pagado")
    quedan = ExtractoPendiente.objects.filter(extracto=mundo.extracto).exists()
    exigir("terminar el extracto", quedan, False)
    mundo.lote.refresh_from_db()
    exigir("liquidar el lote", mundo.lote.estado, "liquidado")
    mundo.por_decidir.refresh_from_db()
    exigir("decidir en masa", mundo.por_decidir.estado, "retenida")
    exigir("simular", Simulacion.objects.get(pk=mundo.simulacion).estado, "terminada")
    contada = Novedad.objects.get(evento_id=mundo.por_contar).notificacion
    exigir("resumir", contada and contada.clase, "resumen")
    correos = Notificacion.objects.filter(pk__in=buenas[Notificacion]).exclude(estado="enviada")
    exigir("avisar", list(correos.values_list("pk", "detalle")), [])
    _lo_bueno_se_entrega(visitas, buenas)


def _lo_bueno_se_entrega(visitas: Visitas, buenas: dict[Any, set[Any]]) -> None:
    aparcados = EventoAparcado.objects.filter(
        suscripcion__in=list(CONSUMIDORES), evento__in=buenas[OutboxEvent]
    )
    for aparcado in aparcados:
        visitas.fallar("un evento bueno se aparcó", f"{aparcado} {aparcado.error}")
    eventos = dict(
        OutboxEvent.objects.filter(pk__in=buenas[OutboxEvent]).values_list("evento_id", "type")
    )
    hechos = set(EventoProcesado.objects.values_list("suscripcion", "evento_id"))
    escritos = Path(settings.AUDITORIA_ARCHIVO).read_text()
    for evento, tipo in eventos.items():
        for suscripcion in suscripciones_de(tipo):
            if (suscripcion, evento) not in hechos:
                visitas.fallar("un evento bueno no se entregó", f"{suscripcion} {tipo} {evento}")
        # A copy of an event carries the document, and so the id, of the good one.
        if f'"id": "{evento}"' not in escritos and f'"id":"{evento}"' not in escritos:
            visitas.fallar("un evento bueno no está en el archivo", f"{tipo} {evento}")


def _lo_malo_se_ve(visitas: Visitas, hostiles: list[Hostil], dicho: str) -> None:
    for hostil in hostiles:
        # The key of several columns may be what was spoilt.
        clave = "" if isinstance(hostil.pk, tuple) else f"{hostil.pk} "
        suya = f"{hostil.modelo._meta.label} {clave}("
        if hostil.es_mala and not any(
            linea.strip().startswith(suya) and f": {hostil.campo.name} es" in linea
            for linea in dicho.splitlines()
        ):
            visitas.fallar("verificar no nombra una fila mala", hostil)


def _comprobar(
    visitas: Visitas, monkeypatch: pytest.MonkeyPatch, por_columna: int | None, semilla: int
) -> None:
    monkeypatch.setattr("alpespartner.operacion.verificacion.MOSTRADAS", 10**6)
    mundo = poblar()
    sembrador = Sembrador(semilla)
    buenas: dict[type[models.Model], set[Any]] = {
        modelo: {fila.pk for fila in filas} for modelo, filas in sembrador.buenas.items()
    }
    hostiles = sembrador.sembrar(por_columna=por_columna) if por_columna else []
    visitas.hechas["filas hostiles"] = len(hostiles)
    # Before anything mends or closes what they say.
    _lo_malo_se_ve(visitas, hostiles, trabajos.ordenar(visitas, "verificar"))
    _pagar_un_lote(visitas, mundo)
    trabajos.consumir(visitas, vueltas=7)
    for _vez in range(2):
        trabajos.correr_todas(visitas, buenas)
        trabajos.consumir(visitas, vueltas=2)
    for nombre, args in trabajos.ordenes():
        trabajos.ordenar(visitas, nombre, *args)
    _lo_bueno_sigue(visitas, mundo, buenas)
    assert not visitas.fallos, str(visitas)


@pytest.mark.lento
def test_sin_filas_hostiles(visitas: Visitas, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other tests ask for happens when nothing is wrong."""
    _comprobar(visitas, monkeypatch, None, SEMILLA)


@pytest.mark.lento
@pytest.mark.timeout(600)
def test_todo_sigue(visitas: Visitas, monkeypatch: pytest.MonkeyPatch) -> None:
    _comprobar(visitas, monkeypatch, 1, SEMILLA)


@pytest.mark.lento
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("tanda", range(1, TANDAS + 1))
def test_todo_sigue_con_mas(visitas: Visitas, monkeypatch: pytest.MonkeyPatch, tanda: int) -> None:
    _comprobar(visitas, monkeypatch, 4, SEMILLA + tanda)
