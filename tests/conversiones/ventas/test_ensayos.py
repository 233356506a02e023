"""A rehearsal says what would come of something, and leaves all as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversiones.clientes.models import VinculadoPor
from conversiones.ventas.asignacion import asignar_conversion
from conversiones.ventas.devoluciones import Devolucion
from conversiones.ventas.ensayo import ensayar_asignacion, ensayar_devolucion, ensayar_venta
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import ensayar_reasignacion
from conversiones.ventas.services import NuevaConversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, foto

pytestmark = pytest.mark.django_db
D = Decimal


def test_nada_queda_de_un_ensayo() -> None:
    socia, otra, en = fabricas.afiliado(), fabricas.afiliado(), fabricas.campana()
    suelta = fabricas.sin_atribuir(en=en)
    suya = fabricas.comision(de=socia, en=en)
    antes, filas = foto(), list(Conversion.objects.order_by("pk").values())
    nueva = NuevaConversion(afiliado=socia, campana=en, valor=D(50))
    assert [g.monto for g in ensayar_venta(datos=nueva, motivo="m", actor=ANA)] == [D(5)]
    quien = {"conversion": suelta, "afiliado": socia, "motivo": "m", "actor": ANA}
    assert [g.monto for g in ensayar_asignacion(**quien)] == [D(10)]
    vendida = Conversion.objects.get(pk=suya.conversion_id)
    ensayar_devolucion(conversion=vendida, datos=Devolucion(id_externo="d", monto=D(10)), actor=ANA)
    ensayar_reasignacion(conversion=vendida, afiliado=otra, motivo="m", actor=LUIS)
    assert (foto(), list(Conversion.objects.order_by("pk").values())) == (antes, filas)


def test_el_cliente_de_una_venta_asignada_queda_de_quien_se_dijo() -> None:
    socia = fabricas.afiliado()
    venta = fabricas.sin_atribuir(cliente_ref="c-1")
    suya = asignar_conversion(conversion=venta, afiliado=socia, motivo="m", actor=ANA)
    assert suya.cliente is not None
    suya.cliente.refresh_from_db()
    assert suya.cliente.afiliado == socia
    assert suya.cliente.vinculado_por == VinculadoPor.ASIGNADO
