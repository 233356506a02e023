"""Races of the review on real connections: one thread each, through the services and the API."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alpespartner.comun.errores import TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.libro.selectors import saldos
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import aprobar_comision, rechazar_comision
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


def test_ocho_aprobaciones() -> None:
    """One change, one event, one entry, one line of history."""
    suya = fabricas.comision()
    resultados = a_la_vez([lambda: aprobar_comision(comision=suya, actor=ANA)] * 8)
    assert sum(isinstance(r, Comision) for r in resultados) == 1, resultados
    assert sum(isinstance(r, YaAprobada) for r in resultados) == 7, resultados
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 1
    assert Asiento.objects.count() == 1
    assert Historial.objects.filter(accion="aprobar").count() == 1
    suya.refresh_from_db()
    assert (suya.estado, suya.version) == ("aprobada", 2)


def test_ocho_aprobaciones_por_http() -> None:
    """The same through both doors of the API: eight times 200."""
    suya = fabricas.comision()
    clave = fabricas.clave()

    def vieja() -> int:
        cuerpo = {"commissionId": suya.id_publico}
        return int(ClienteAPI(clave).enviar("/commissions/approve", cuerpo).status_code)

    def nueva() -> int:
        ruta = f"/api/v1/comisiones/{suya.id_publico}/aprobar"
        return int(ClienteAPI(clave).enviar(ruta, {}).status_code)

    assert a_la_vez([vieja, nueva] * 4) == [200] * 8
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 1
    assert saldos(suya.afiliado) == {"USD": Decimal(10)}


def test_aprobar_contra_rechazar() -> None:
    """One of the two wins and the ledger agrees with the winner."""
    for _vez in range(5):
        suya = fabricas.comision()
        aprobada, rechazada = a_la_vez(
            [
                lambda c=suya: aprobar_comision(comision=c, actor=ANA),  # type: ignore[misc]
                lambda c=suya: rechazar_comision(comision=c, actor=ANA, motivo="m"),  # type: ignore[misc]
            ]
        )
        suya.refresh_from_db()
        if suya.estado == "aprobada":
            assert isinstance(rechazada, TransicionInvalida)
        else:
            assert suya.estado == "rechazada"
            assert isinstance(aprobada, TransicionInvalida)
        assert Asiento.objects.filter(origen=suya.id_publico).exists() == (
            suya.estado == "aprobada"
        )
