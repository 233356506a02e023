"""Every operation shows what it takes and gives, and what it shows is what its schema says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.validators import extend

from scripts.comparar_api import ACTUAL

pytestmark = pytest.mark.una_base


def _tipo(validador: Any, tipo: Any, dato: Any, esquema: Any) -> Any:
    """OpenAPI 3.0 says beside the type that there may be none."""
    if dato is None and esquema.get("nullable"):
        return
    yield from Draft4Validator.VALIDATORS["type"](validador, tipo, dato, esquema)


_Validador = extend(Draft4Validator, {"type": _tipo})


def test_cada_operacion_tiene_ejemplos_que_valen() -> None:
    documento = json.loads(ACTUAL.read_text())
    faltan, malos = [], []
    for ruta, operaciones in documento["paths"].items():
        for metodo, operacion in operaciones.items():
            cuerpos = {"": operacion.get("requestBody", {})}
            cuerpos |= {e: r for e, r in operacion["responses"].items() if e.startswith("2")}
            for cual, cuerpo in cuerpos.items():
                medio = cuerpo.get("content", {}).get("application/json")
                if medio is None:
                    continue
                donde = f"{metodo} {ruta} {cual}".strip()
                if "example" not in medio:
                    faltan.append(donde)
                    continue
                validador = _Validador({**medio["schema"], "components": documento["components"]})
                malos += [
                    f"{donde} {'.'.join(map(str, e.path))}: {e.message[:80]}"
                    for e in validador.iter_errors(medio["example"])
                ]
    assert (faltan, malos) == ([], [])
