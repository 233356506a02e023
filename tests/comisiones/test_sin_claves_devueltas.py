"""Where the database does not give the keys of a bulk insert back, as MySQL does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.models import ItemPago
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.comisiones.pagos.fabrica import ejecutar, en_ejecucion, todo_cuadra
from tests.fabricas import ANA, PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_sin_claves")]
D = Decimal


@pytest.fixture
def _sin_claves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)


@pytest.mark.lento
def test_varias_ventas_con_devoluciones_de_antes() -> None:
    """Commissions, and what refunds that came before them take."""
    en = fabricas.campana()
    ventas = [fabricas.conversion(en=en) for _n in range(3)]
    devolver(conversion=ventas[1], datos=Devolucion(id_externo="d", monto=D(40)), actor=ANA)
    hechas = calcular_comisiones(
        conversiones_ids=[venta.id_publico for venta in ventas], actor=PRUEBAS
    )
    assert [(c.monto, c.revertido) for c in hechas] == [(D(10), 0), (D(6), D(4)), (D(10), 0)]
    assert list(Comision.objects.order_by("pk").values_list("monto", "revertido")) == [
        (c.monto, c.revertido) for c in hechas
    ]
    fabricas.entregar_todo()
    todo_cuadra()


@pytest.mark.lento
def test_un_lote_de_varios_pagos(settings: Any) -> None:
    """Its payments, what each pays, their entries and their lines."""
    settings.PAGOS_AUTOMATICOS, settings.PAGOS_LIBERA_QUIEN_APROBO = False, True
    for _n in range(3):
        fabricas.aprobada(de=fabricas.afiliado())
    lote = en_ejecucion()
    ejecutar(lote)
    assert lote.estado == "liquidado"
    assert ItemPago.objects.filter(pago__lote=lote).count() == 3
    for tipo in ("pago", "liquidacion"):
        for asiento in Asiento.objects.filter(tipo=tipo):
            assert asiento.apuntes.count() == 2
        assert Asiento.objects.filter(tipo=tipo).count() == 3
    fabricas.entregar_todo()
    todo_cuadra()
