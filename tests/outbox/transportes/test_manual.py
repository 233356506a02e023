"""The path without Debezium: each row goes out once per lease, and none is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from outbox.errores import PublicacionFallida
from outbox.models import EntregaPendiente, OutboxEvent
from outbox.transportes.manual import ARRIENDO, _arrendar, pendientes, publicar_pendientes
from tests.outbox.probeta import emitir

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_mano(settings: Any) -> None:
    settings.EVENTOS_TRANSPORTE = "manual"


class Caja:
    """Stands where the broker would be, to fail on demand."""

    def __init__(self) -> None:
        self.publicados: list[str] = []
        self.falla = False

    def publicar(self, filas: Iterable[OutboxEvent]) -> None:
        if self.falla:
            raise PublicacionFallida("no")
        self.publicados += [fila.aggregateid for fila in filas]


def test_publica_en_orden_y_una_vez() -> None:
    for n in range(5):
        emitir(f"af_{n}", "e")
    caja: Any = Caja()
    assert publicar_pendientes(caja, 3) == 3
    assert publicar_pendientes(caja, 3) == 2
    assert publicar_pendientes(caja, 3) == 0
    assert caja.publicados == [f"af_{n}" for n in range(5)]


def test_dos_a_la_vez_se_reparten_las_filas() -> None:
    for n in range(6):
        emitir(f"af_{n}", "e")
    primera = {e.pk for e in _arrendar(4)}
    segunda = {e.pk for e in _arrendar(4)}
    assert len(primera) == 4
    assert len(segunda) == 2
    assert not primera & segunda


def test_lo_posterior_de_un_agregado_espera_a_lo_arrendado() -> None:
    for _ in range(3):
        emitir("af_1", "e")
    emitir("af_2", "e")
    assert [e.evento.aggregateid for e in _arrendar(2)] == ["af_1", "af_1"]
    assert [e.evento.aggregateid for e in _arrendar(2)] == ["af_2"]
    assert _arrendar(2) == []


def test_lo_que_falla_sale_cuando_vence_su_arriendo() -> None:
    emitir("af_1", "e")
    caja: Any = Caja()
    caja.falla = True
    with pytest.raises(PublicacionFallida):
        publicar_pendientes(caja, 10)
    caja.falla = False
    assert publicar_pendientes(caja, 10) == 0
    with time_machine.travel(timezone.now() + ARRIENDO + timedelta(seconds=1)):
        assert publicar_pendientes(caja, 10) == 1
    assert pendientes() == 0


def test_simular_no_publica(capsys: pytest.CaptureFixture[str]) -> None:
    emitir("af_1", "e")
    call_command("publicar_outbox", "--simular")
    assert capsys.readouterr().out == "1 filas por publicar\n"
    assert EntregaPendiente.objects.get().no_antes_de is None


def test_exige_su_transporte(settings: Any) -> None:
    settings.EVENTOS_TRANSPORTE = "pulsar"
    with pytest.raises(CommandError, match="manual"):
        call_command("publicar_outbox")
