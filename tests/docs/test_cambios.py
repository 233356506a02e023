"""The document breaks nothing of its last release, and what would break it is seen and named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts.comparar_api import ACTUAL, PUBLICADO, Comparacion, sin_palabras

pytestmark = pytest.mark.una_base
AFILIADO = "/api/v1/afiliados/{afiliado_id}"
PUBLICADA: dict[str, Any] = json.loads(PUBLICADO.read_text())


def test_no_rompe_lo_publicado() -> None:
    ahora = json.loads(ACTUAL.read_text())
    assert list(Comparacion(PUBLICADA, ahora).roturas()) == []


def _esquema(documento: Any, nombre: str) -> Any:
    return documento["components"]["schemas"][nombre]


def _quitar_campo(documento: Any) -> None:
    del _esquema(documento, "Afiliado")["properties"]["estado"]


def _quitar_metodo(documento: Any) -> None:
    del documento["paths"]["/api/v1/afiliados"]["post"]


def _quitar_direccion(documento: Any) -> None:
    del documento["paths"][AFILIADO]


def _otro_tipo(documento: Any) -> None:
    _esquema(documento, "Afiliado")["properties"]["nivel"] = {"type": "integer"}


def _puede_faltar(documento: Any) -> None:
    _esquema(documento, "Afiliado")["required"].remove("estado")


def _pedir_mas(documento: Any) -> None:
    _esquema(documento, "NuevoAfiliadoRequest")["required"].append("telefono")


def _menos_valores(documento: Any) -> None:
    parametros = documento["paths"]["/api/v1/afiliados"]["get"]["parameters"]
    [estado] = [p for p in parametros if p["name"] == "estado"]
    estado["schema"]["enum"].remove("activo")


def _sin_filtro(documento: Any) -> None:
    operacion = documento["paths"]["/api/v1/afiliados"]["get"]
    operacion["parameters"] = [p for p in operacion["parameters"] if p["name"] != "email"]


def _otra_respuesta(documento: Any) -> None:
    respuestas = documento["paths"]["/api/v1/afiliados"]["post"]["responses"]
    respuestas["200"] = respuestas.pop("201")


@pytest.mark.parametrize(
    ("romper", "dicho"),
    [
        (_quitar_campo, "GET /api/v1/afiliados 200 «resultados»[]: ya no está el campo «estado»"),
        (_quitar_metodo, "POST /api/v1/afiliados: ya no está"),
        (_quitar_direccion, f"{AFILIADO}: ya no está"),
        (_otro_tipo, "GET /api/v1/afiliados 200 «resultados»[] «nivel»: era string y es integer"),
        (_puede_faltar, f"GET {AFILIADO} 200: el campo «estado» puede faltar"),
        (_pedir_mas, "POST /api/v1/afiliados: el campo «telefono» es obligatorio"),
        (_menos_valores, "GET /api/v1/afiliados query «estado»: ya no admite activo"),
        (_sin_filtro, "GET /api/v1/afiliados: ya no lee query «email»"),
        (_otra_respuesta, "POST /api/v1/afiliados: ya no contesta 201"),
    ],
)
def test_lo_que_rompe_se_dice(romper: Callable[[Any], None], dicho: str) -> None:
    rota = copy.deepcopy(PUBLICADA)
    romper(rota)
    assert dicho in set(Comparacion(PUBLICADA, rota).roturas())


def test_lo_que_se_anade_no_rompe() -> None:
    nueva = copy.deepcopy(PUBLICADA)
    nueva["paths"]["/api/v1/nada"] = nueva["paths"]["/api/v1/pagos"]
    _esquema(nueva, "Afiliado")["properties"]["nuevo"] = {"type": "string"}
    _esquema(nueva, "NuevoAfiliadoRequest")["properties"]["nuevo"] = {"type": "string"}
    assert list(Comparacion(PUBLICADA, nueva).roturas()) == []


def test_las_palabras_no_obligan() -> None:
    documento = {"description": "a", "paths": {"/title": {"summary": "b"}},
                 "properties": {"title": {"type": "string", "example": "c"}}}  # fmt: skip
    assert sin_palabras(documento) == {
        "paths": {"/title": {}}, "properties": {"title": {"type": "string"}},
    }  # fmt: skip
