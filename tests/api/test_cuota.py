"""The quota of a key: said in each answer, and held."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.claves.services import buscar_clave, rotar_clave
from alpespartner.comun import frecuencia
from alpespartner.comun.frecuencia import EnRedis, Memoria
from stack.ports import is_free
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/afiliados"


@pytest.fixture(autouse=True)
def _tres(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_POR_MINUTO = 3
    memoria = Memoria()
    monkeypatch.setattr(frecuencia, "contador", lambda: memoria)


def test_se_dice_y_se_cumple() -> None:
    """What a key may not do counts too; another key has its own."""
    api = fabricas.api(["comisiones:leer"])
    primera = api.get("/api/v1/comisiones")
    assert primera["RateLimit-Policy"] == '"clave";q=3;w=60'
    assert re.fullmatch(r'"clave";r=2;t=(19|20)', primera["RateLimit"])
    problema(api.get(RUTA), 403)
    problema(api.get("/api/v1/comisiones?nada=1"), 400)
    respuesta = api.get("/api/v1/comisiones")
    cuerpo = problema(respuesta, 429, "demasiadas_peticiones")
    assert "Retry-After" in cuerpo["detail"]
    assert 18 <= int(respuesta["Retry-After"]) <= 20
    assert re.fullmatch(r'"clave";r=0;t=(59|60)', respuesta["RateLimit"])
    assert fabricas.api(["comisiones:leer"]).get("/api/v1/comisiones").status_code == 200
    # Who has no key is told nothing.
    assert "RateLimit" not in ClienteAPI().get(RUTA)


def test_rotar_la_clave_no_da_mas() -> None:
    texto = fabricas.clave()
    for _vez in range(3):
        assert ClienteAPI(texto).get(RUTA).status_code == 200
    clave = buscar_clave(texto)
    assert clave is not None
    otra = rotar_clave(
        clave=clave, actor=ANA, expira_anterior_en=timezone.now() + timedelta(hours=1)
    )[1]
    problema(ClienteAPI(otra).get(RUTA), 429)


def test_lo_que_no_se_atiende_no_se_hace() -> None:
    api = fabricas.api()
    for _vez in range(3):
        api.get(RUTA)
    antes = fabricas.foto()
    problema(api.enviar(RUTA, {"nombre": "A", "email": "a@b.co"}), 429)
    assert fabricas.foto() == antes


def test_sin_limite(settings: Any) -> None:
    settings.API_POR_MINUTO = 0
    api = fabricas.api()
    respuestas = [api.get(RUTA) for _vez in range(5)]
    assert {r.status_code for r in respuestas} == {200}
    assert "RateLimit" not in respuestas[0]


def test_sin_redis_se_atiende(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the health says it."""
    puerto = next(p for p in range(24_000, 25_000) if is_free(p))
    assert ClienteAPI().get("/health").json()["limites"] == "ok"
    caido = EnRedis(f"redis://127.0.0.1:{puerto}/0")
    monkeypatch.setattr(frecuencia, "contador", lambda: caido)
    api = fabricas.api()
    assert [api.get(RUTA).status_code for _vez in range(5)] == [200] * 5
    salud = ClienteAPI().get("/health")
    assert (salud.status_code, salud.json()["limites"]) == (200, "sin_redis")
