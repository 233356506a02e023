"""A commission that nobody can be paid does not keep its neighbours from being paid."""

from __future__ import annotations

import pytest
from django.db import connection

from alpespartner.comun.dinero import MAXIMO
from comisiones.comision.models import Comision
from comisiones.models import Pago
from comisiones.pagos.barrido import barrer_pagos
from tests import fabricas
from tests.fabricas import PRUEBAS, hace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("columna", "valor"), [("moneda", "ZZZ"), ("moneda", "XAU"), ("monto", str(MAXIMO + 1))]
)
@pytest.mark.parametrize("juntas", [True, False])
def test_el_barrido_paga_las_otras(columna: str, valor: str, juntas: bool) -> None:
    en = fabricas.campana()
    de = fabricas.afiliado()
    mala = fabricas.aprobada(de=de, en=en)
    buena = fabricas.aprobada(de=de if juntas else fabricas.afiliado(), en=en, valor="70")
    Comision.objects.update(actualizado_en=hace(minutes=5))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE comisiones_comision SET {columna} = %s WHERE id = %s", [valor, mala.pk]
        )
    barrer_pagos(actor=PRUEBAS)
    pago = Pago.objects.get()
    assert (pago.importe, pago.moneda) == (7, "USD")
    assert list(pago.items.values_list("comision", flat=True)) == [buena.pk]
    mala.refresh_from_db()
    assert mala.estado == "aprobada"
