"""Races on real connections: one thread each, through the real services and views."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.errores import Conflicto, TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.libro.selectors import saldos
from comisiones.models import IntentoPago, Pago
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import (
    YaAprobada,
    anular_comision,
    aprobar_comision,
    rechazar_comision,
)
from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.pago.test_pago import ficheros
from tests.fabricas import ANA, PRUEBAS, ClienteAPI, a_la_vez

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


def test_programar_contra_anular() -> None:
    """A commission does not end void and inside a payment."""
    for _vez in range(5):
        suya = fabricas.aprobada()
        a_la_vez(
            [
                lambda c=suya: programar_pagos(comisiones_ids=[c.id_publico], actor=PRUEBAS),  # type: ignore[misc]
                lambda c=suya: anular_comision(comision=c, actor=ANA, motivo="m"),  # type: ignore[misc]
            ]
        )
        suya.refresh_from_db()
        pagos = Pago.objects.filter(items__comision=suya).count()
        assert (suya.estado, pagos) in (("programada", 1), ("anulada", 0))


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


def test_la_misma_referencia_a_la_vez() -> None:
    """A partner that posts twice at once: one conversion; the other is told which."""
    fabricas.campana(predeterminada=True)
    cuerpo = {
        "afiliado_id": fabricas.afiliado().id_publico, "valor_conversion": "10",
        "referencia_externa": "r-1",
    }  # fmt: skip
    clave = fabricas.clave()
    respuestas = a_la_vez([lambda: ClienteAPI(clave).enviar("/api/v1/conversiones", cuerpo)] * 6)
    assert sorted(r.status_code for r in respuestas) == [201] + [409] * 5
    hecha = Conversion.objects.get()
    for respuesta in respuestas:
        assert respuesta.json()["conversion_id"] == hecha.id_publico


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


def test_ejecutar_el_mismo_pago(settings: Any) -> None:
    """Eight workers with the same task: one file, one intent, one pair of entries."""
    pago = fabricas.pago()
    resultados = a_la_vez([lambda: ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)] * 8)
    assert resultados == [None] * 8
    assert len(ficheros(settings.PAGOS_DIR)) == 1
    assert IntentoPago.objects.count() == 1
    assert Asiento.objects.filter(origen=pago.id_publico).count() == 2
    assert OutboxEvent.objects.filter(type="ComisionPagada").count() == 1


def test_reanudar_el_mismo_pago(settings: Any) -> None:
    """Several sweeps at once over an interrupted payment."""
    pago = fabricas.pago()
    fabricas.reclamado(pago)
    resultados = a_la_vez([lambda: reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)] * 6)
    assert not [r for r in resultados if isinstance(r, BaseException)], resultados
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "pagado"
    assert [f.suffix for f in ficheros(settings.PAGOS_DIR)] == [".csv"]
    assert Asiento.objects.filter(origen=pago.id_publico).count() == 2


def test_programar_a_la_vez() -> None:
    """The consumer and the sweep meet: one payment."""
    suya = fabricas.aprobada()
    hechos = a_la_vez(
        [lambda: programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)] * 6
    )
    assert not [h for h in hechos if isinstance(h, Exception) and not isinstance(h, Conflicto)]
    assert Pago.objects.count() == 1
