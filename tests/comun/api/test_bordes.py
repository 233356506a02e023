"""Both sides of each edge of what the API takes."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Field

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.campos import CampoLista, CampoMonto, CampoObjeto, CampoPorcentaje
from tests import fabricas
from tests.fabricas import problema

RUTA = "/api/v1/afiliados"
ADA = {"nombre": "Ada", "email": "ada@example.com"}
# As text: {"a":"…"} of 16,384 bytes.
JUSTO = 16_384 - len('{"a": ""}')


def admite(campo: Field[Any, Any, Any, Any], valor: Any) -> bool:
    try:
        campo.to_internal_value(valor)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("campo", "dentro", "fuera"),
    [
        (CampoMonto(), ["0.0001", "99999999999", "1.2345", 1], ["0", "-0.0001", "1.23456"]),
        (CampoMonto(), ["99999999999.9999"], ["100000000000", "99999999999.99999"]),
        (CampoPorcentaje(), ["0", "100", "99.9999", "0.0001", 100], ["100.0001", "-0.0001", 101]),
        (CampoLista(), [[], [{}], [{}] * 99, [{}] * 100], [[{}] * 101, [1], {}, [{}, []]]),
        (CampoObjeto(), [{}, {"a": "x" * JUSTO}], [{"a": "x" * (JUSTO + 1)}, [], {"a": "\0"}]),
        (CampoObjeto(), [{"a": "ñ" * (JUSTO // 2)}], [{"a": "ñ" * (JUSTO // 2 + 1)}]),
    ],
)
def test_dentro_y_fuera(
    campo: Field[Any, Any, Any, Any], dentro: list[Any], fuera: list[Any]
) -> None:
    """The last that is taken, and the first that is not."""
    assert [admite(campo, v) for v in dentro] == [True] * len(dentro)
    assert [admite(campo, v) for v in fuera] == [False] * len(fuera)


@pytest.mark.django_db
@pytest.mark.parametrize(("clave", "vale"), [
    ("k", True), ("k" * 254, True), ("k" * 255, True), ("k" * 256, False), ("", False),
    ("ñ", False), ("a\tb", False), (" ~", True),
])  # fmt: skip
def test_la_clave_de_una_peticion(clave: str, vale: bool) -> None:
    """Of 1 to 255 characters; a taken one is kept whole, and repeats its answer."""
    api = fabricas.api()
    respuesta = api.enviar(RUTA, ADA, Idempotency_Key=clave)
    if not vale:
        problema(respuesta, 400)
        assert not Afiliado.objects.exists()
        return
    assert respuesta.status_code == 201
    otra = api.enviar(RUTA, ADA, Idempotency_Key=clave)
    assert otra.headers["Idempotent-Replayed"] == "true"
    assert Afiliado.objects.count() == 1
