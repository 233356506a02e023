"""A database of the version before is recognised, and adopted with its rows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from alpespartner.operacion.adopcion import COLUMNAS, NUEVAS, TABLAS, ULTIMAS
from tests.consola import Consola

SEMBRAR = """
from tests import fabricas
from alpespartner.comun.models import Turno
from comisiones.pagos.models import LotePago
fabricas.aprobada()
Turno.objects.create(clave="afiliado:1")
HASTA = {"proponiendo": 7, "descartado": 8, "en_ejecucion": 9, "cerrado": 10, "borrador": None}
for n, (estado, hasta) in enumerate(HASTA.items()):
    LotePago.objects.create(
        id_publico=f"lote_{n}", moneda="USD", pasarela="archivo", estado=estado,
        preparado_por="persona:1", propuesto_hasta=hasta,
    )
"""
A_MEDIAS = (
    "SELECT estado, propuesto_hasta, soltado_hasta, reintentado_hasta FROM comisiones_lotepago"
)


@pytest.fixture
def pedir(tmp_path: Path) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """A management command, or a piece of code, on a database of its own."""
    propio = {k: v for k, v in os.environ.items() if not k.startswith("ALPES_")}
    datos = {"ALPES_DATOS": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY}
    consola = Consola({**propio, **datos}, tmp_path / "consola.log")
    yield lambda *orden: consola.pedir(orden[0] if "\n" in orden[0] else orden)
    consola.cerrar()


def envejecer(base: sqlite3.Connection) -> None:
    """Turn a database of this version into one of the version before."""
    for antes, ahora in TABLAS.items():
        base.execute(f"ALTER TABLE {ahora} RENAME TO {antes}")
    for nueva in NUEVAS:
        indices = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        for nombre, sql in indices.fetchall():
            if sql and f'"{nueva}"' in sql:
                base.execute(f"DROP INDEX {nombre}")
        base.execute(f"ALTER TABLE comisiones_lotepago DROP COLUMN {nueva}")
    for modelo, antes, ahora in COLUMNAS:
        tabla = modelo._meta.db_table
        base.execute(f"ALTER TABLE {tabla} RENAME COLUMN {ahora} TO {antes}")
    for app, nombre in ULTIMAS:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-01-01')",
            (app, nombre),
        )
    base.commit()


def columnas(base: sqlite3.Connection) -> dict[str, set[str]]:
    """Columns of every table."""
    tablas = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        tabla: {fila[1] for fila in base.execute(f"PRAGMA table_info({tabla})")}
        for (tabla,) in tablas
    }


@pytest.mark.lento
def test_se_reconoce_y_se_adopta(
    pedir: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert pedir("migrate", "-v0")[0] == 0
    assert pedir(SEMBRAR)[0] == 0
    base = sqlite3.connect(tmp_path / "alpespartner.sqlite3")
    nueva = columnas(base)
    envejecer(base)
    assert columnas(base) != nueva
    rc, _dicho, errores = pedir("migrate", "-v0")
    assert rc == 1
    assert str(tmp_path) in errores
    assert "adoptar_base" in errores
    assert "Traceback" not in errores
    assert pedir("adoptar_base")[0] == 0
    assert columnas(base) == nueva
    assert base.execute(A_MEDIAS).fetchall() == [
        ("proponiendo", 7, None, None),
        ("descartado", None, 8, None),
        ("en_ejecucion", None, None, 9),
        ("cerrado", None, None, None),
        ("borrador", None, None, None),
    ]
    assert base.execute("SELECT count(*) FROM comun_turno").fetchone() == (1,)
    assert pedir("migrate", "-v0")[0] == 0
    assert pedir("verificar")[0] == 0
    # Once is enough, and it says so.
    rc, _dicho, errores = pedir("adoptar_base")
    assert (rc, "ya es de esta versión" in errores) == (1, True)


@pytest.mark.lento
def test_una_mas_antigua_no_se_adopta(
    pedir: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """What is missing would be missing for ever."""
    assert pedir("migrate", "-v0")[0] == 0
    base = sqlite3.connect(tmp_path / "alpespartner.sqlite3")
    base.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES"
        " ('comisiones', '0038_indice_de_lo_debido', '2026-01-01')"
    )
    base.commit()
    rc, _dicho, errores = pedir("adoptar_base")
    assert rc == 1
    assert "comisiones.0039_lotes_por_tramos" in errores
