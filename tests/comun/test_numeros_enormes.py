"""A number that no column holds is found nowhere and written nowhere, on both databases."""

from __future__ import annotations

import pytest
from django.db import DataError, connection, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.models import Historial, Intentos

pytestmark = pytest.mark.django_db

ENORMES = st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1)


@given(numero=ENORMES | st.just(10**400), otros=st.lists(st.integers(-9, 9), max_size=2))
def test_no_esta_en_ninguna_lista(numero, otros):
    Historial.objects.get_or_create(entidad="x", entidad_id="x", accion="x", actor="sistema:x")
    claves = list(Historial.objects.values_list("pk", flat=True))
    encontradas = Historial.objects.filter(pk__in=[numero, *claves, *otros])
    assert sorted(encontradas.values_list("pk", flat=True)) == sorted(claves)
    assert not Historial.objects.filter(pk__in=[numero]).exists()


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_no_se_escribe_como_otro():
    Intentos.objects.create(clave="x", cuantos=1)
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE comun_intentos SET cuantos = %s", [2**63])
    assert Intentos.objects.values_list(F("cuantos"), flat=True).get() == 1
