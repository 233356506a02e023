"""Fixtures that every test gets: files in a temporary folder, and the rows that migrations made."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings as base
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from alpespartner.comun import porciones
from tests import vaciado

# Hardly anything that a test leaves is a cycle, and the collector took a seventh of their time.
gc.set_threshold(20_000, 20, 20)

# Their helpers say what differed, as the tests do.
pytest.register_assert_rewrite("tests.fabricas", "tests.comisiones", "tests.relatos")

# One profile for everybody: a slow machine is no failure, and failures repeat.
hypothesis_settings.register_profile(
    "pruebas",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("pruebas")


def casos(n: int) -> int:
    """Examples of a test that takes long with each: on another database than the first, some."""
    return n if connection.vendor == "sqlite" else n * 2 // 5


REGLAS_DEL_SISTEMA = {
    "afiliado": "Tarifa acordada con el afiliado",
    "manual": "Condiciones fijadas a mano",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than the first one only what uses a database is run again."""
    for fichero in {prueba.path for prueba in items if prueba.get_closest_marker("e2e")}:
        if "mark.e2e" not in fichero.read_text():
            raise pytest.UsageError(f"{fichero}: `probar.sh` looks for `mark.e2e` in the files")
    if connection.vendor == "sqlite":
        return
    de_base = {"db", "transactional_db", "django_db_setup"}
    suyas, fuera = [], []
    for prueba in items:
        usa = (
            prueba.get_closest_marker("django_db")
            or prueba.get_closest_marker("stack")
            or de_base.intersection(getattr(prueba, "fixturenames", ()))
        )
        otra_vez = usa and prueba.get_closest_marker("una_base") is None
        (suyas if otra_vez else fuera).append(prueba)
    config.hook.pytest_deselected(items=fuera)
    items[:] = suyas


def pytest_collection_finish() -> None:
    """What was imported and collected stays: it need not be walked over again."""
    gc.collect()
    gc.freeze()


def aislamiento(carpeta: Path) -> dict[str, Any]:
    """Settings of every test: nothing leaves ``carpeta``, and the client speaks plain HTTP."""
    return {
        "AUDITORIA_ARCHIVO": carpeta / "events.jsonl",
        "ARCHIVO_DIR": carpeta / "archivo",
        "PAGOS_DIR": carpeta / "pagos",
        "CLICS_DIR": carpeta / "clics",
        # As in the demo; what an installation has by itself is in tests/comisiones/separacion.
        "PAGOS_AUTOMATICOS": True,
        "CAMBIO_GRANDE": None,
        "APROBACION_CLAVE_POR_VENTA": None,
        "APROBACION_CLAVE_POR_DIA": None,
        "SEGUNDO_FACTOR": False,
        "USO_DE_CLAVES_CADA": None,
        # A key of a test may ask for much in a moment.
        "API_POR_MINUTO": 1_000_000,
        "APROBACION_SESION": None,
        "SECURE_SSL_REDIRECT": False,
        "STATIC_ROOT": carpeta,
        "STORAGES": {
            **base.STORAGES,
            # The manifest exists only after collectstatic.
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }


@pytest.fixture(autouse=True)
def _aislar(tmp_path: Path) -> Iterator[None]:
    # The language of an earlier test's last request stays in the thread.
    translation.deactivate()
    # At once: one after another, each would be a layer that every later look goes through.
    with override_settings(**aislamiento(tmp_path)):
        yield


@pytest.fixture(scope="module")
def una_vez(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Calls what makes rows once for all tests of a module: each of them is then a savepoint in a
    transaction that is undone after the last. Not for transactional tests."""
    ajustes = override_settings(**aislamiento(tmp_path_factory.mktemp("una_vez")))

    def hacer(filas: Callable[[], Any]) -> Any:
        with ajustes:
            return filas()

    with django_db_blocker.unblock(), transaction.atomic():
        yield hacer
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The migrated database, whose roles are kept in mind. No table begins to count at one, nor two
    at the same number: no test passes because a key happens to be another's."""
    with django_db_blocker.unblock():
        vaciado.recordar()
        _contar_desde_lejos()


def _contar_desde_lejos() -> None:
    with connection.cursor() as cursor:
        for tabla in connection.introspection.django_table_names(only_existing=True):
            desde = 2_000 + crc32(tabla.encode()) % 7_000
            if connection.vendor != "sqlite":
                if connection.introspection.get_sequences(cursor, tabla):
                    cursor.execute(f"ALTER TABLE {tabla} AUTO_INCREMENT = {desde}")
                continue
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [tabla])
            cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [tabla, desde])


@pytest.fixture(scope="session", autouse=True)
def _vaciar() -> Iterator[None]:
    """After a transactional test, only the tables that hold something are emptied: Django's own
    way empties each, and then makes types, permissions and roles again. The ledger refuses every
    DELETE: its triggers are lifted for that moment, and only then."""
    from django.core.management.commands.flush import Command

    original = Command.handle
    Command.handle = lambda self, **_opciones: vaciado.vaciar(self.style)  # type: ignore[method-assign]
    yield
    Command.handle = original  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _sin_prisa() -> Iterator[None]:
    """Work in portions lets others have their turn after some seconds: after a thousand times as
    many here, since a busy machine would leave half of it undone."""
    original = porciones.time
    porciones.time = SimpleNamespace(monotonic=lambda: time.monotonic() / 1000)  # type: ignore[assignment]
    yield
    porciones.time = original


@pytest.fixture(scope="session", autouse=True)
def _esquema_una_vez() -> Iterator[None]:
    """What a bank's file is checked with is built once, not for each file."""
    import xmlschema

    original = xmlschema.XMLSchema
    xmlschema.XMLSchema = cache(original)  # type: ignore[misc,assignment]
    yield
    xmlschema.XMLSchema = original  # type: ignore[misc]


@pytest.fixture
def libro_sin_candado() -> Iterator[None]:
    """For tests that break the ledger on purpose, as nobody can while its triggers are there."""
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
