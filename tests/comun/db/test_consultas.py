"""A query whose SQL is written once gives what the ORM gives."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alpespartner.comun.db.consultas import ConsultaFija
from conversiones.ventas.models import Conversion
from tests import fabricas

pytestmark = pytest.mark.django_db
TODAS = Conversion.objects.select_related("afiliado", "campana")
UNA = ConsultaFija(TODAS.filter(id_publico=""))
DE_NOMBRES = ConsultaFija(
    TODAS.only("moneda", "afiliado__id_publico", "campana__id_publico").filter(id_publico="")
)


@pytest.mark.parametrize("consulta", [UNA, DE_NOMBRES])
def test_con_las_filas_que_nombra(consulta: ConsultaFija[Conversion]) -> None:
    """Each with its own, and one of nobody with none; nothing else is asked for them."""
    suya, otra, de_nadie = fabricas.conversion(), fabricas.conversion(), fabricas.sin_atribuir()
    with CaptureQueriesContext(connection) as consultas:
        leidas = [consulta.primera(v.id_publico) for v in (suya, otra, de_nadie)]
        partes = [
            (v.pk, v.moneda, v.afiliado and v.afiliado.id_publico, v.campana.id_publico)
            for v in leidas
            if v is not None
        ]
    assert partes == [
        (suya.pk, suya.moneda, suya.afiliado.id_publico, suya.campana.id_publico),
        (otra.pk, otra.moneda, otra.afiliado.id_publico, otra.campana.id_publico),
        (de_nadie.pk, de_nadie.moneda, None, de_nadie.campana.id_publico),
    ]
    assert len(consultas) == 3


def test_entera_como_la_del_orm() -> None:
    venta = fabricas.conversion(referencia_externa="r")
    leida, del_orm = UNA.primera(venta.id_publico), TODAS.get(pk=venta.pk)
    assert leida is not None

    def valores(fila: Conversion) -> list[object]:
        filas = (fila, fila.afiliado, fila.campana)
        return [getattr(f, c.attname) for f in filas for c in f._meta.concrete_fields]

    assert valores(leida) == valores(del_orm)
    assert not leida._state.adding
    assert UNA.primera("conv_no") is None
