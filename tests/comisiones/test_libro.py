"""The ledger: nobody changes or deletes it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from comisiones.libro.models import Apunte
from tests import fabricas

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tabla", ["comisiones_asiento", "comisiones_apunte"])
@pytest.mark.parametrize("orden", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_la_base_se_niega(tabla: str, orden: str) -> None:
    """Behind every service and every model, by plain SQL."""
    fabricas.aprobada()
    with (
        pytest.raises(DatabaseError, match="no se cambia ni se borra"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(orden.format(tabla))
    assert Apunte.objects.count() == 2
