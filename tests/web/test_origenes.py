"""The API from a page of another site: only of those that are listed, and nothing else of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fabricas import ClienteAPI, api

pytestmark = pytest.mark.django_db
ORIGEN = "https://panel.ejemplo.com"


@pytest.fixture(autouse=True)
def _listado(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGEN]


def test_el_que_esta_en_la_lista() -> None:
    # A browser asks first, without the key, whether it may send one.
    antes = ClienteAPI().options(
        "/api/v1/afiliados",
        headers={
            "Origin": ORIGEN, "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
        },
    )  # fmt: skip
    assert antes.status_code == 200
    assert antes["Access-Control-Allow-Origin"] == ORIGEN
    permitidas = antes["Access-Control-Allow-Headers"]
    assert all(una in permitidas for una in ("authorization", "if-match", "idempotency-key"))
    respuesta = api(["afiliados:leer"]).get("/api/v1/afiliados", headers={"Origin": ORIGEN})
    assert respuesta["Access-Control-Allow-Origin"] == ORIGEN
    assert "etag" in respuesta["Access-Control-Expose-Headers"].lower()
    # A key is sent on purpose: nothing goes by itself.
    assert "Access-Control-Allow-Credentials" not in respuesta


@pytest.mark.parametrize(
    ("ruta", "origen"),
    [
        ("/api/v1/afiliados", "https://otro.example"),
        ("/api/v1/afiliados", f"{ORIGEN}.malo.example"),
        ("/admin/login/", ORIGEN),
        ("/docs", ORIGEN),
    ],
)
def test_ni_otro_ni_en_otra_parte(ruta: str, origen: str) -> None:
    respuesta = ClienteAPI().options(
        ruta, headers={"Origin": origen, "Access-Control-Request-Method": "GET"}
    )
    assert "Access-Control-Allow-Origin" not in respuesta
