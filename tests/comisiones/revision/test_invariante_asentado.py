"""What was approved is what the ledger owes for it, to the cent and on both sides."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F

from comisiones.comision.models import Comision
from comisiones.revision.invariantes import COMPROBACIONES
from tests import fabricas

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
