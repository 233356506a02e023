"""The tables of a new sandbox, copied from a new site: never anything else of it."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from alpespartner.operacion.pruebas.tablas import darle_tablas
from tests import fabricas

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere it migrates"),
]


def test_de_un_sitio_nuevo(tmp_path: Path) -> None:
    assert darle_tablas(datos=tmp_path)
    suya = tmp_path / "pruebas" / "alpespartner.sqlite3"
    assert stat.S_IMODE(suya.stat().st_mode) == 0o600
    assert stat.S_IMODE(suya.parent.stat().st_mode) == 0o700
    with closing(sqlite3.connect(suya)) as conexion:
        tablas = {t for (t,) in conexion.execute("SELECT name FROM sqlite_master")}
    assert {"afiliados_afiliado", "django_migrations", "comisiones_asiento_sin_delete"} <= tablas
    # What is there is left alone.
    assert not darle_tablas(datos=tmp_path)


@pytest.mark.parametrize("algo", [
    lambda: User.objects.create_user("ana"), fabricas.afiliado, fabricas.campana,
    fabricas.clave,
])  # fmt: skip
def test_de_uno_con_algo_no(tmp_path: Path, algo: object) -> None:
    algo()  # type: ignore[operator]
    assert not darle_tablas(datos=tmp_path)
    assert not (tmp_path / "pruebas").exists()
