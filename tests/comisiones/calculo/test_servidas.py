"""A sale whose event was handled has a commission, whatever happened to it since."""

from __future__ import annotations

import pytest

from comisiones.calculo.invariantes import _conversiones_servidas
from comisiones.comision.models import Comision
from conversiones.ventas.services import validar_conversion
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


def test_se_ve_la_que_no_la_tiene() -> None:
    suya, otra = fabricas.conversion(), fabricas.conversion()
    fabricas.entregar_todo()
    Comision.objects.filter(conversion=suya)._raw_delete(using="default")
    assert Comision.objects.filter(conversion=otra).exists()
    falta = [f"{suya.id_publico}: su evento se procesó y no tiene comisión"]
    assert list(_conversiones_servidas()) == falta
    # Told of later by events that nobody calculates by.
    validar_conversion(conversion=suya, actor=ANA)
    assert list(_conversiones_servidas()) == falta
