"""What else looks at a commission, once its sale is another affiliate's."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.ajustes.services import proponer_por_hecho
from comisiones.metricas.models import Medida
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.reasignacion import reasignar_conversion
from tests import fabricas
from tests.comisiones.calculo.test_renovaciones import Tienda, montos, propuestos
from tests.fabricas import LUIS, OTRA, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


def test_what_was_paid_is_of_whoever_has_it(settings: pytest.MonkeyPatch) -> None:
    """What is drafted of it later, and what the figures say."""
    settings.PAGOS_AUTOMATICOS = False  # type: ignore[attr-defined]
    de, a = fabricas.afiliado(email="a@example.com"), fabricas.afiliado(email="b@example.com")
    venta = fabricas.conversion(de=de)
    pagada = aprobar_comision(comision=fabricas.calcular(venta), actor=OTRA)
    [pago] = programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    reasignar_conversion(conversion=venta, afiliado=a, motivo="m", actor=LUIS)
    pagada.refresh_from_db()
    assert (pagada.estado, pagada.afiliado) == ("pagada", de)
    fabricas.entregar_todo()
    medida = Medida.objects.get(de="comision", fila=pagada.pk)
    assert (medida.afiliado, medida.estado, medida.quitado) == (a.pk, "pagada", 0)
    ajuste = proponer_por_hecho(
        comision=pagada, tipo="renovacion", monto=D("-1"), motivo="m", actor=PRUEBAS
    )
    assert ajuste.afiliado == a


def test_a_renewal_earns_where_the_first_sale_does_not_any_more() -> None:
    tienda = Tienda(max_pagos=1)
    primera, segunda = tienda.gana("2024-02-01"), tienda.gana("2024-03-01")
    assert montos(primera, segunda) == [D(10), D(0)]
    gratis = fabricas.afiliado(email="g@example.com", comision_base=D(0))
    reasignar_conversion(
        conversion=primera.conversion, afiliado=gratis, motivo="m", actor=LUIS
    )  # fmt: skip
    assert propuestos() == [(segunda.pk, D(10))]
