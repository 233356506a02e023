"""What was approved is what the ledger owes for it, to the cent and on both sides."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F

from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.revision.invariantes import COMPROBACIONES
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db


def faltas() -> list[str]:
    return [fila for c in COMPROBACIONES if not c.aviso for fila in c.filas()]


@pytest.mark.parametrize("valor", ["0.10", "100", "99999999"])
@pytest.mark.parametrize("sobra", ["0.01", "-0.01"])
def test_un_centimo_de_mas_o_de_menos(valor: str, sobra: str) -> None:
    """Two commissions: only the one that was touched is named."""
    suya = fabricas.aprobada(valor=valor)
    fabricas.aprobada(valor="5")
    assert faltas() == []
    Comision.objects.filter(pk=suya.pk).update(monto=F("monto") + Decimal(sobra))
    # One of a cent less is nothing, and what is nothing owes nothing.
    nada = suya.monto + Decimal(sobra) == 0
    assert [fila.partition(":")[0] for fila in faltas()] == [suya.id_publico] * (not nada)


def test_lo_que_quitan_las_devoluciones_cuenta() -> None:
    """Of an approved one: what is posted less what refunds took since, also when it is paid."""
    suya, otra = fabricas.aprobada(valor="0.50"), fabricas.aprobada(valor="0.50")
    for n, monto in enumerate(("0.10", "0.21")):
        datos = Devolucion(id_externo=f"d{n}", monto=Decimal(monto))
        devolver(conversion=suya.conversion, datos=datos, actor=ANA)
    aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=PRUEBAS)
    leida = Comision.objects.get(pk=suya.pk)
    assert (leida.monto, leida.revertido) == (Decimal("0.02"), Decimal("0.03"))
    assert faltas() == []
    Comision.objects.filter(pk=suya.pk).update(monto=F("monto") + Decimal("0.03"))
    assert [fila.partition(" aprobado")[0] for fila in faltas()] == [f"{suya.id_publico}: 0.0500"]
    Comision.objects.filter(pk__in=[suya.pk, otra.pk]).update(monto=Decimal("0.05"))
    assert len(faltas()) == 1


def test_nadie_aprueba_lo_que_fijo() -> None:
    """By hand, and only by hand: what a rule says, whoever calculated it may approve."""
    a_mano = calcular_manual(
        conversion=fabricas.conversion(), terminos=Terminos(porcentaje=Decimal(9)), actor=ANA
    )
    aprobar_comision(comision=a_mano, actor=LUIS)
    por_regla = calcular_manual(conversion=fabricas.conversion(), terminos=None, actor=ANA)
    aprobar_comision(comision=por_regla, actor=ANA)
    assert faltas() == []
    Comision.objects.filter(pk=a_mano.pk).update(aprobada_por=str(ANA))
    assert faltas() == [f"{a_mano.id_publico}: fijada y aprobada por {ANA}"]
