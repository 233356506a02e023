"""Races between sales on real connections."""

from __future__ import annotations

import pytest

from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ClienteAPI, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


def test_la_misma_referencia_a_la_vez() -> None:
    """A partner that posts twice at once: one conversion; the other is told which."""
    fabricas.campana(predeterminada=True)
    cuerpo = {
        "afiliado_id": fabricas.afiliado().id_publico, "valor_conversion": "10",
        "referencia_externa": "r-1",
    }  # fmt: skip
    clave = fabricas.clave()
    respuestas = a_la_vez([lambda: ClienteAPI(clave).enviar("/api/v1/conversiones", cuerpo)] * 6)
    assert sorted(r.status_code for r in respuestas) == [201] + [409] * 5
    hecha = Conversion.objects.get()
    for respuesta in respuestas:
        assert respuesta.json()["conversion_id"] == hecha.id_publico
