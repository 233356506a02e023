"""Transactions that the database undoes: tried again, and told plainly when that does not help."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.reintento import es_pasajero, reintentar
from alpespartner.comun.db.remesa import Remesa
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import a_la_vez, problema

pytestmark = pytest.mark.django_db(transaction=True)


def que_falla(veces: int, codigo: int) -> Callable[..., Any]:
    """Writing all of a request, which the database undoes some times after it was done."""
    quedan, enviar = [veces], Remesa.enviar

    def fallar(remesa: Remesa, *pueden_sobrar: Any) -> Any:
        hecho = enviar(remesa, *pueden_sobrar)
        if pueden_sobrar and quedan[0]:
            quedan[0] -= 1
            raise OperationalError(codigo, "la base de datos no quiso")
        return hecho

    return fallar


def calcular(**mas: str) -> Any:
    fabricas.campana(predeterminada=True)
    cuerpo = {
        "conversionId": "venta-1",
        "affiliateId": fabricas.afiliado().id_publico,
        "grossAmount": "100",
    }
    return fabricas.api().enviar("/commissions/calculate", cuerpo, **mas)


@pytest.mark.parametrize("cabeceras", [{}, {"Idempotency_Key": "k1"}])
def test_un_interbloqueo_no_llega_al_socio(
    monkeypatch: pytest.MonkeyPatch, cabeceras: dict[str, str]
) -> None:
    """Two deadlocks and then it works: one sale, one commission, one event of each."""
    monkeypatch.setattr(Remesa, "enviar", que_falla(2, 1213))
    respuesta = calcular(**cabeceras)
    assert respuesta.status_code == 201, respuesta.json()
    assert Conversion.objects.count() == Comision.objects.count() == 1
    assert OutboxEvent.objects.filter(type="ComisionCalculada").count() == 1


@pytest.mark.parametrize(("veces", "codigo"), [(9, 1213), (1, 1205), (1, 2006)])
def test_ocupada(monkeypatch: pytest.MonkeyPatch, veces: int, codigo: int) -> None:
    """503 that says to repeat the request, and nothing written."""
    monkeypatch.setattr(Remesa, "enviar", que_falla(veces, codigo))
    respuesta = calcular()
    problema(respuesta, 503, "base_de_datos_ocupada")
    assert respuesta.headers["Retry-After"] == "1"
    assert not Conversion.objects.exists()
    assert not OutboxEvent.objects.filter(aggregatetype="conversiones").exists()


def test_un_fallo_nuestro_no_es_pasajero() -> None:
    """A missing column does not come back by itself."""
    assert not es_pasajero(OperationalError(1054, "Unknown column"))
    assert not es_pasajero(OperationalError("no such column: x"))
    assert es_pasajero(OperationalError("database is locked"))


def test_interbloqueo_de_verdad() -> None:
    """Two transactions that lock two rows in opposite order both end."""
    if connection.vendor != "mysql":
        pytest.skip("SQLite has one writer: two transactions cannot wait for each other")
    uno, otro = fabricas.afiliado(), fabricas.afiliado()
    juntos = threading.Barrier(2)
    vueltas: list[str] = []

    def cruzar(primero: Afiliado, segundo: Afiliado) -> None:
        def intentar() -> None:
            vueltas.append(primero.id_publico)
            with transaction.atomic():
                Afiliado.objects.select_for_update().get(pk=primero.pk)
                if len(vueltas) <= 2:
                    juntos.wait(10)
                Afiliado.objects.select_for_update().get(pk=segundo.pk)

        reintentar(intentar)

    fallos = a_la_vez([lambda: cruzar(uno, otro), lambda: cruzar(otro, uno)])
    assert fallos == [None, None]
    assert len(vueltas) == 3, "no hubo interbloqueo"
