"""A commission of nothing, approved: closed, with nothing to pay and nothing to tell."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import call_command

from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.notificaciones.models import Novedad
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import aprobar_comision, cerrar_sin_importe
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def limpia() -> None:
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())


@pytest.mark.lento
def test_approved_it_is_closed_and_nobody_is_written_to() -> None:
    suya = fabricas.comision(de=fabricas.afiliado(comision_base=D(20)), valor="0.02")
    assert suya.monto == 0
    aprobar_comision(comision=suya, actor=ANA)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.aprobada_por) == ("cerrada", str(ANA))
    assert fabricas.eventos_de(suya.id_publico)[-2:] == ["ComisionAprobada", "ComisionCerrada"]
    assert not Apunte.objects.exists()
    assert not Novedad.objects.exists()
    limpia()
    with pytest.raises(YaAprobada):
        aprobar_comision(comision=suya, actor=ANA)
    api = fabricas.api().enviar(f"/api/v1/comisiones/{suya.id_publico}/aprobar", {})
    assert (api.status_code, api.json()["estado"]) == (200, "cerrada")


def test_one_with_an_amount_is_told() -> None:
    suya = fabricas.aprobada()
    fabricas.entregar_todo()
    assert Novedad.objects.get().referencia == suya.conversion.id_publico


@pytest.mark.lento
def test_a_refund_that_leaves_nothing_of_what_was_approved_closes_it() -> None:
    """0.01 of 0.10: half the sale back leaves half a cent less than a cent, which is nothing."""
    suya = fabricas.comision(valor="0.10")
    aprobar_comision(comision=suya, actor=ANA)
    for monto, estado in (("0.05", "cerrada"), ("0.02", "cerrada"), (None, "anulada")):
        devolver(
            conversion=suya.conversion,
            datos=Devolucion(id_externo=f"d{monto}", monto=monto and D(monto)),
            actor=PRUEBAS,
        )
        # Not delivered: no payment is made of it.
        aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=PRUEBAS)
        suya.refresh_from_db()
        assert (suya.estado, suya.monto, suya.revertido) == (estado, D(0), D("0.01"))
    fabricas.entregar_todo()
    limpia()


def test_those_approved_before_are_closed_by_the_clock() -> None:
    suya, otra = fabricas.comision(valor="0.02"), fabricas.aprobada()
    en_revision = fabricas.comision(valor="0.02")
    Comision.objects.filter(pk=suya.pk).update(estado="aprobada")
    assert [cerrar_sin_importe(actor=PRUEBAS) for _vez in range(2)] == [1, 0]
    suya.refresh_from_db()
    otra.refresh_from_db()
    assert (suya.estado, otra.estado) == ("cerrada", "aprobada")
    en_revision.refresh_from_db()
    assert en_revision.estado == "pendiente"
