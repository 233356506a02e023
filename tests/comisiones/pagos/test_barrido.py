"""The sweep schedules what matured, a little at a time, net of what is owed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comisiones.models import Pago
from comisiones.pagos import barrido
from comisiones.pagos.barrido import barrer_pagos
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste, todo_cuadra
from tests.fabricas import PRUEBAS

D = Decimal


@pytest.mark.lento
@pytest.mark.django_db
def test_sin_lote_tambien_se_compensa(settings: Any) -> None:
    """Paid as they mature, adjustments and minimums count as well."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    suya = fabricas.afiliado(minimo_pago=D(15), moneda_comision="USD")
    fabricas.aprobada(de=suya)
    fabricas.entregar_todo()
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    fabricas.aprobada(de=suya)
    ajuste(suya, "-2")
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 1
    assert Pago.objects.get().importe == D(18)
    todo_cuadra()


@pytest.mark.django_db
def test_los_que_no_cobran_no_estorban(settings: Any) -> None:
    """The sweep takes the first few: debtors and those under their minimum are not among them, and
    a bonus may be what reaches it."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    deudora, en_paz = fabricas.afiliado(), fabricas.afiliado()
    poca, con_bono = (
        fabricas.afiliado(minimo_pago=D(15), moneda_comision="USD") for _n in range(2)
    )
    ultima = fabricas.afiliado()
    for de in (deudora, en_paz, poca, con_bono, ultima):
        fabricas.aprobada(de=de)
    ajuste(deudora, "-50")
    ajuste(en_paz, "-10")
    ajuste(con_bono, "5")
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 1
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 1
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 0
    assert {p.afiliado_id: p.importe for p in Pago.objects.all()} == {
        con_bono.pk: D(15), ultima.pk: D(10),
    }  # fmt: skip


@pytest.mark.django_db
def test_un_barrido_no_lo_programa_todo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few commissions at a time, but one affiliate's go together."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    monkeypatch.setattr(barrido, "A_PROGRAMAR", 2)
    muchas, *otras = (fabricas.afiliado() for _n in range(4))
    for de in [muchas] * 5 + otras:
        fabricas.aprobada(de=de)
    assert [barrer_pagos(actor=PRUEBAS)["programados"] for _vez in range(4)] == [1, 2, 1, 0]
    assert [p.importe for p in Pago.objects.order_by("pk")] == [D(50), D(10), D(10), D(10)]
