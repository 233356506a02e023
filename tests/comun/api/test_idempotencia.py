"""Idempotency-Key: one effect and one answer, however often the request comes."""

from __future__ import annotations

from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.idempotencia import huella
from alpespartner.comun.models import PeticionIdempotente
from tests import fabricas
from tests.fabricas import problema

RUTA = "/api/v1/afiliados"
ADA = {"nombre": "Ada", "email": "ada@example.com"}


@pytest.mark.django_db
def test_repetida_da_lo_mismo() -> None:
    """A client that lost the answer must get it, not a second affiliate."""
    api = fabricas.api()
    primera = api.enviar(RUTA, ADA, Idempotency_Key="k1")
    antes = fabricas.foto()
    segunda = api.enviar(RUTA, dict(reversed(ADA.items())), Idempotency_Key="k1")
    assert (primera.status_code, segunda.status_code) == (201, 201)
    assert segunda.json() == primera.json()
    assert "Idempotent-Replayed" not in primera.headers
    assert segunda.headers["Idempotent-Replayed"] == "true"
    assert fabricas.foto() == antes


@pytest.mark.django_db
def test_otro_cuerpo_es_un_conflicto() -> None:
    """The same key for something else hides a bug of the client."""
    api = fabricas.api()
    api.enviar(RUTA, ADA, Idempotency_Key="k1")
    antes = fabricas.foto()
    otra = api.enviar(RUTA, {**ADA, "nombre": "Eva"}, Idempotency_Key="k1")
    problema(otra, 409, "clave_reutilizada")
    assert fabricas.foto() == antes


@pytest.mark.django_db
def test_un_error_no_guarda_nada() -> None:
    """A refused request may be corrected and sent again with its key."""
    api = fabricas.api()
    problema(api.enviar(RUTA, {"nombre": "Ada"}, Idempotency_Key="k1"), 400)
    api.enviar(RUTA, {**ADA, "referencia_externa": "r"})
    problema(api.enviar(RUTA, {**ADA, "referencia_externa": "r"}, Idempotency_Key="k1"), 409)
    assert not PeticionIdempotente.objects.exists()
    otra = {**ADA, "email": "otra@example.com"}
    assert api.enviar(RUTA, otra, Idempotency_Key="k1").status_code == 201


@pytest.mark.django_db
def test_la_clave_es_de_cada_integracion_y_ruta() -> None:
    """Two partners may choose the same word; neither may see the other's answer."""
    fabricas.campana(predeterminada=True)
    api = fabricas.api()
    uno = api.enviar(RUTA, ADA, Idempotency_Key="k1").json()
    eva = {**ADA, "email": "eva@example.com"}
    dos = fabricas.api().enviar(RUTA, eva, Idempotency_Key="k1").json()
    assert uno["afiliado_id"] != dos["afiliado_id"]
    venta = {"afiliado_id": uno["afiliado_id"], "valor_conversion": "10"}
    assert api.enviar("/api/v1/conversiones", venta, Idempotency_Key="k1").status_code == 201


@pytest.mark.django_db
def test_misma_clave_en_dos_comisiones() -> None:
    """The route's id is part of what was asked."""
    una, otra = fabricas.comision(), fabricas.comision()
    api = fabricas.api()
    ruta = "/api/v1/comisiones/{}/aprobar"
    assert api.enviar(ruta.format(una.id_publico), {}, Idempotency_Key="k").status_code == 200
    segunda = api.enviar(ruta.format(otra.id_publico), {}, Idempotency_Key="k")
    problema(segunda, 409, "clave_reutilizada")


@pytest.mark.django_db
@pytest.mark.parametrize("clave", ["", "x" * 256, "ñ", "a\tb"])
def test_clave_malformada(clave: str) -> None:
    """What does not fit the column would be another key once cut."""
    cuerpo = problema(fabricas.api().enviar(RUTA, ADA, Idempotency_Key=clave), 400)
    assert cuerpo["errores"][0]["campo"] == "Idempotency-Key"


def test_la_huella_no_depende_del_orden() -> None:
    """JSON objects have no order; lists do."""
    assert huella({"a": 1, "b": [1, 2]}) == huella({"b": [1, 2], "a": 1})
    assert huella([1, 2]) != huella([2, 1])
    assert huella({"a": "1"}) != huella({"a": 1})
    assert huella({"a": "\ud800"}) != huella({"a": "?"})


@pytest.mark.django_db(transaction=True)
def test_gemelas_a_la_vez() -> None:
    """Twins that arrive together: one affiliate, and both get it."""
    clave = fabricas.clave()

    def pedir() -> Any:
        return fabricas.ClienteAPI(clave).enviar(RUTA, ADA, Idempotency_Key="k1")

    respuestas = fabricas.a_la_vez([pedir] * 6)
    assert [r.status_code for r in respuestas] == [201] * 6, respuestas
    assert len({r.json()["afiliado_id"] for r in respuestas}) == 1
    assert Afiliado.objects.count() == 1
    assert sum("Idempotent-Replayed" in r.headers for r in respuestas) == 5
