"""Fixtures that every test gets: files in a temporary folder, and the rows that migrations made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# Their helpers say what differed, as the tests do.
pytest.register_assert_rewrite("tests.fabricas", "tests.comisiones")

# One profile for everybody: a slow machine is no failure, and failures repeat.
hypothesis_settings.register_profile(
    "pruebas",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("pruebas")

REGLAS_DEL_SISTEMA = {
    "afiliado": "Tarifa acordada con el afiliado",
    "manual": "Condiciones fijadas a mano",
}


@pytest.fixture(autouse=True)
def _aislar(settings: Any, tmp_path: Path) -> None:
    """Nothing a test writes leaves its own folder, and the client speaks plain HTTP."""
    # The language of an earlier test's last request stays in the thread.
    translation.deactivate()
    settings.AUDITORIA_ARCHIVO = tmp_path / "events.jsonl"
    settings.PAGOS_DIR = tmp_path / "pagos"
    # As in the demo; what an installation has by itself is in tests/comisiones/separacion.
    settings.PAGOS_AUTOMATICOS = True
    settings.CAMBIO_GRANDE = None
    settings.APROBACION_CLAVE_POR_VENTA = settings.APROBACION_CLAVE_POR_DIA = None
    settings.SEGUNDO_FACTOR, settings.APROBACION_SESION = False, None
    settings.SECURE_SSL_REDIRECT = False
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        # The manifest exists only after collectstatic.
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _vaciar_el_libro() -> Iterator[None]:
    """The ledger refuses every DELETE: emptying the tables after a transactional test lifts its
    triggers for that moment, and only then."""
    from django.core.management.commands.flush import Command
    from django.db import connection

    from comisiones.libro import disparadores

    original = Command.handle

    def vaciar(self: Any, **opciones: Any) -> Any:
        disparadores.quitar(connection)
        try:
            return original(self, **opciones)
        finally:
            disparadores.crear(connection)

    Command.handle = vaciar  # type: ignore[method-assign]
    yield
    Command.handle = original  # type: ignore[method-assign]


@pytest.fixture
def libro_sin_candado() -> Iterator[None]:
    """For tests that break the ledger on purpose, as nobody can while its triggers are there."""
    from django.db import connection

    from comisiones.libro import disparadores

    disparadores.quitar(connection)
    yield
    disparadores.crear(connection)


@pytest.fixture(autouse=True)
def _reglas_del_sistema(request: pytest.FixtureRequest) -> None:
    """A transactional test empties every table when it ends, migrations' rows included."""
    marca = request.node.get_closest_marker("django_db")
    transaccional = "transactional_db" in request.fixturenames or (
        marca is not None and marca.kwargs.get("transaction", False)
    )
    if transaccional:
        request.getfixturevalue("transactional_db")
        from comisiones.models import Regla

        for origen, nombre in REGLAS_DEL_SISTEMA.items():
            Regla.objects.get_or_create(
                origen=origen, defaults={"nombre": nombre, "id_publico": f"regla_{origen}"}
            )
