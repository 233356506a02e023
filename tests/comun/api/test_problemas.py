"""Problem documents out."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions

from alpespartner.comun.api.problemas import aplanar, manejar_excepcion
from alpespartner.comun.errores import Conflicto, DatoInvalido, TransicionInvalida


@pytest.mark.parametrize(
    ("excepcion", "estado", "codigo"),
    [
        (Http404(), 404, "no_encontrado"),
        (PermissionDenied(), 403, "sin_permiso"),
        (RequestDataTooBig(), 413, "peticion_demasiado_grande"),
        (exceptions.ParseError(), 400, "json_invalido"),
        (exceptions.NotAuthenticated(), 401, "sin_clave"),
        (exceptions.AuthenticationFailed(), 401, "clave_invalida"),
        (exceptions.MethodNotAllowed("PUT"), 405, "metodo_no_admitido"),
        (exceptions.NotAcceptable(), 406, "formato_no_disponible"),
        (exceptions.UnsupportedMediaType("a/b"), 415, "formato_no_admitido"),
        (exceptions.ValidationError({"a": ["x"]}), 400, "datos_invalidos"),
        (Conflicto("x"), 409, "conflicto"),
        (DatoInvalido("x", campo="a"), 400, "dato_invalido"),
        # Its own member `estado` once collided with the status.
        (TransicionInvalida("x", estado="pagada"), 409, "transicion_invalida"),
    ],
)
def test_forma_del_problema(excepcion: Exception, estado: int, codigo: str) -> None:
    """Clients branch on ``codigo``; it and the shape are a contract."""
    respuesta = manejar_excepcion(excepcion, {})
    assert respuesta is not None
    assert respuesta.status_code == estado
    assert respuesta.content_type == "application/problem+json"
    assert respuesta.data["codigo"] == codigo
    assert respuesta.data["status"] == estado
    assert all(isinstance(respuesta.data[c], str) for c in ("type", "title", "detail"))
    if estado == 401:
        assert respuesta["WWW-Authenticate"] == "Bearer"


def test_datos_propios_del_problema() -> None:
    """The state of the object is what tells the client why."""
    respuesta = manejar_excepcion(TransicionInvalida("x", estado="pagada"), {})
    assert respuesta is not None
    assert respuesta.data["estado"] == "pagada"


def test_un_error_inesperado_no_se_disfraza() -> None:
    """A bug is a 500 with its trace in the log, not a tidy 4xx."""
    assert manejar_excepcion(RuntimeError(), {}) is None


def test_aplanar_nombra_la_ruta() -> None:
    """The path tells which item of which list is wrong."""
    detalle = exceptions.ValidationError(
        {"a": {"b": ["mal"]}, "c": [{}, {"d": ["peor"]}], "non_field_errors": ["todo \ud800"]}
    ).detail
    campos = {fila["campo"]: fila["mensaje"] for fila in aplanar(detalle)}
    assert campos == {"a.b": "mal", "c.1.d": "peor", "": "todo ?"}
