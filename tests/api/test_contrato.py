"""The API against its own OpenAPI document, with requests that nobody thought of."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import fabricas

pytestmark = [pytest.mark.lento, pytest.mark.django_db]


@cache
def _manejador() -> Any:
    return get_wsgi_application()


def aplicacion(entorno: Any, responder: Any) -> Any:
    """The site, built inside a test: it reads the settings once, and needs the tests' ones."""
    return _manejador()(entorno, responder)


_documento = SchemaGenerator().get_schema(request=None, public=True)
esquema = schemathesis.openapi.from_dict(
    json.loads(OpenApiJsonRenderer().render(_documento, renderer_context={}))
)
esquema.app = aplicacion
COMPROBACIONES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _una_conexion() -> Iterator[None]:
    """As Django's own client does: a request's end must not close the test's transaction."""
    for senal in (request_started, request_finished):
        senal.disconnect(close_old_connections)
    yield
    for senal in (request_started, request_finished):
        senal.connect(close_old_connections)


@pytest.fixture
def mundo() -> dict[str, str]:
    """Objects that requests may name, and a key that may do everything."""
    campana = fabricas.campana(predeterminada=True)
    fabricas.regla(porcentaje="5")
    comision = fabricas.comision(en=campana)
    venta = fabricas.conversion(de=comision.afiliado, en=campana)
    return {
        "afiliado_id": comision.afiliado.id_publico, "affiliateId": comision.afiliado.id_publico,
        "campana_id": campana.id_publico, "campaignId": campana.id_publico,
        "comision_id": comision.id_publico, "commissionId": comision.id_publico,
        "conversion_id": venta.id_publico, "clave": fabricas.clave(),
    }  # fmt: skip


def _acercar(caso: Any, mundo: dict[str, str]) -> None:
    """Half of the requests name what exists: otherwise everything ends in a 404."""
    if zlib.crc32(repr((caso.path_parameters, caso.body)).encode("utf-8", "replace")) % 2:
        return
    for partes in (caso.path_parameters, caso.body):
        if isinstance(partes, dict):
            for nombre in partes.keys() & mundo.keys():
                partes[nombre] = mundo[nombre]


@esquema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_contrato(case: Any, mundo: dict[str, str]) -> None:
    """No 5xx; every status, content type and body is one that the document promises."""
    _acercar(case, mundo)
    case.call_and_validate(
        headers={"Authorization": f"Bearer {mundo['clave']}"}, checks=COMPROBACIONES
    )
