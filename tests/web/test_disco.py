"""A full disk, a read-only database: 503 with Retry-After, and the health says it."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from alpespartner.comun.db import escritura

pytestmark = pytest.mark.django_db(transaction=True)
solo_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


@contextmanager
def lleno():
    """No page more fits in the file."""
    with connection.cursor() as cursor:
        # The pages that earlier tests gave back are room too.
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        paginas = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {paginas}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def solo_lectura():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")


@pytest.mark.lento
@solo_sqlite
@pytest.mark.parametrize("como", [lleno, solo_lectura])
def test_el_sitio_y_la_api_dicen_503(como, caplog):
    User.objects.create_user("ana", password="x", is_staff=True)
    cliente = Client(raise_request_exception=False)
    with como():
        for _n in range(2000):
            # Until the pages that are there are full.
            respuesta = cliente.post(
                "/admin/login/",
                {"username": "y" * 140 + str(_n), "password": "mala"},
                REMOTE_ADDR=f"10.{_n // 200}.{_n % 200}.1",
                headers={"accept": "text/html"},
            )
            if respuesta.status_code != 200:
                break
        assert respuesta.status_code == 503
        assert respuesta.headers["Retry-After"] == "30"
        assert "<h1>No disponible por un momento</h1>" in respuesta.content.decode()
        api = cliente.get(
            "/api/v1/comisiones", HTTP_AUTHORIZATION="Bearer mala", REMOTE_ADDR="10.9.9.9"
        )
        if como is solo_lectura:
            assert (api.status_code, api.headers["Retry-After"]) == (503, "30")
            assert api.json()["codigo"] == "sin_escritura"
    assert cliente.post("/admin/login/", {"username": "ana", "password": "x"}).status_code == 302


@pytest.mark.parametrize("numero", sorted(escritura._MYSQL))
def test_lo_que_dice_mysql(numero):
    assert escritura.no_escribe(OperationalError(numero, "…"))


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(1213, "Deadlock"),
        DatabaseError("x"),
        ValueError(28),
        OSError(errno.EPERM, ""),
    ],
)
def test_lo_demas_no_es_del_disco(error):
    assert not escritura.no_escribe(error)
    assert not escritura.no_escribe(None)


def test_un_error_del_sistema_detras_de_uno_de_la_base():
    exc = OperationalError("no space")
    exc.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert escritura.no_escribe(exc)


@pytest.mark.parametrize(
    ("numero", "estado"),
    [(errno.ENOSPC, "lleno"), (errno.EDQUOT, "lleno"), (errno.EROFS, "solo_lectura")],
)
def test_la_salud_lo_dice(monkeypatch, numero, estado):
    def negar(*_):
        raise OSError(numero, os.strerror(numero))

    assert Client().get("/health").json()["disco"] == "ok"
    monkeypatch.setattr(escritura.os, "posix_fallocate", negar)
    respuesta = Client().get("/health")
    assert respuesta.status_code == 503
    assert respuesta.headers["Retry-After"] == "30"
    assert respuesta.json() == {"estado": "error", "base_de_datos": "ok", "disco": estado}
    assert Client().get("/health/live").status_code == 200
