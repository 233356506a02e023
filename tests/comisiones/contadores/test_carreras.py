"""Several consumers, a recount and writers at once, each on a connection of its own."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from comisiones.comision.models import Comision
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.models import Contada, Contador
from comisiones.contadores.reconstruccion import reconstruir
from comisiones.contadores.services import contar, tomar_turno
from comisiones.contadores.tablas import COMISIONES
from comisiones.revision.services import aprobar_comision, rechazar_comision
from outbox import rehacer
from outbox.consumo import Sobre, procesar
from outbox.models import EventoAparcado, OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.contadores.cuadre import cuadra
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db(transaction=True)


def _ventas(cuantas: int) -> list[Comision]:
    en, quienes = fabricas.campana(), [fabricas.afiliado(), fabricas.afiliado()]
    return [fabricas.comision(en=en, de=quienes[n % 2], valor=f"{n + 1}") for n in range(cuantas)]


def test_tres_consumidores_a_la_vez() -> None:
    for suya in _ventas(40)[::2]:
        aprobar_comision(comision=suya, actor=ANA)
    hechas = fabricas.a_la_vez([lambda: drenar([CONTADORES])] * 3)
    assert all(isinstance(h, int) for h in hechas), hechas
    assert not EventoAparcado.objects.exists()
    assert cuadra()


def test_los_mismos_eventos_a_dos_a_la_vez() -> None:
    """As when a batch comes again before its first handling has ended."""
    _ventas(12)
    filas = OutboxEvent.objects.filter(type__in=CONTADORES.tipos).order_by("posicion")
    sobres = [Sobre(f.evento_id, f.type, f.aggregateid, f.payload) for f in filas]

    def manejar(orden: int) -> int:
        for _intento in range(20):
            try:
                with transaction.atomic():
                    return procesar(CONTADORES, sobres[::orden])
            except Exception as exc:  # the other one was first
                ultima = exc
        raise ultima

    hechas = fabricas.a_la_vez([lambda: manejar(1), lambda: manejar(-1), lambda: manejar(1)])
    assert sorted(hechas) == [0, 0, len(sobres)], hechas
    assert cuadra()


@pytest.mark.lento
def test_recuento_mientras_se_escribe_y_se_cuenta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehacer, "PORCION", 5)
    suyas = _ventas(40)
    fabricas.entregar_todo()
    Contador.objects.update(cuantas=1_000)
    parar = threading.Event()

    def escribir() -> None:
        try:
            for n, suya in enumerate(suyas):
                if n % 2:
                    aprobar_comision(comision=suya, actor=ANA)
                else:
                    rechazar_comision(comision=suya, actor=ANA, motivo="m")
        finally:
            parar.set()

    def relevar() -> None:
        while not parar.is_set():
            drenar([CONTADORES])

    def recontar() -> None:
        while True:
            for _paso in reconstruir():
                pass
            if parar.is_set():
                return

    resultados = fabricas.a_la_vez([escribir, relevar, recontar])
    assert resultados == [None] * 3, resultados
    fabricas.entregar_todo()
    assert not EventoAparcado.objects.exists()
    assert cuadra()


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
def test_nadie_que_escribe_espera_a_quien_cuenta() -> None:
    """Whoever counts has read and written everything, and has not committed yet."""
    [suya, otra] = _ventas(2)
    contado, escrito = threading.Event(), threading.Event()

    def contar_despacio() -> bool:
        with transaction.atomic():
            tomar_turno()
            contar(COMISIONES, [suya.pk, otra.pk])
            contado.set()
            return escrito.wait(20)

    def escribir() -> Any:
        contado.wait(20)
        aprobar_comision(comision=suya, actor=ANA)
        fabricas.comision(en=suya.campana, de=suya.afiliado)
        escrito.set()

    assert fabricas.a_la_vez([contar_despacio, escribir]) == [True, None]
    fabricas.entregar_todo()
    assert cuadra()
    assert Contada.objects.filter(de="comision").count() == 3
