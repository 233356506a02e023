"""Races of the calculation on real connections: one commission of each sale."""

from __future__ import annotations

from typing import Any

import pytest

from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import PRUEBAS, ClienteAPI, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.lento
def test_cuarenta_por_ocho() -> None:
    """40 ids × 8 identical posts: 40 commissions, each with one 201, and no 5xx; and the events
    of those conversions add none."""
    fabricas.campana(predeterminada=True)
    afiliado = fabricas.afiliado(referencia_externa="socio-1")
    clave = fabricas.clave()

    def pedir() -> list[tuple[int, Any]]:
        api = ClienteAPI(clave)
        return [
            (r.status_code, r.json())
            for n in range(40)
            for r in [
                api.enviar(
                    "/commissions/calculate",
                    {"conversionId": f"venta-{n}", "affiliateId": "socio-1", "grossAmount": 100},
                )
            ]
        ]

    hilos = a_la_vez([pedir] * 8)
    assert all(isinstance(h, list) for h in hilos), hilos
    for n in range(40):
        respuestas = [h[n] for h in hilos]
        assert sorted(estado for estado, _c in respuestas) == [200] * 7 + [201]
        assert len({c["commissionId"] for _e, c in respuestas}) == 1
    assert Conversion.objects.count() == Comision.objects.count() == 40
    fabricas.entregar_todo()
    assert Comision.objects.filter(afiliado=afiliado).count() == 40
    assert OutboxEvent.objects.filter(type="ComisionCalculada").count() == 40


def test_calcular_a_la_vez_y_en_otro_orden() -> None:
    """Two consumers with the same events in opposite order: no deadlock, one commission each."""
    afiliado, campana = fabricas.afiliado(), fabricas.campana()
    ids = [fabricas.conversion(de=afiliado, en=campana).id_publico for _ in range(10)]
    hechas = a_la_vez(
        [
            lambda i=i: calcular_comisiones(conversiones_ids=i, actor=PRUEBAS)  # type: ignore[misc]
            for i in (ids, ids[::-1], ids[5:], ids[:5])
        ]
    )
    assert all(isinstance(h, list) for h in hechas), hechas
    assert sum(len(h) for h in hechas) == Comision.objects.count() == 10
