"""Whatever SQLite holds in a column is read, and named by ``verificar``."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Max

from alpespartner.comun.db.filas import filas_imposibles
from alpespartner.comun.db.sqlite import lectura
from alpespartner.comun.models import Historial, Intentos
from comisiones.comision.models import Comision
from comisiones.models import SelloDiario
from tests import fabricas

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="MySQL no lo guarda"),
]


def poner(fila: Any, columna: str, valor: Any, *, como: str = "%s") -> None:
    """Write behind the services' back."""
    opciones = fila._meta
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {opciones.db_table} SET {columna} = {como} WHERE {opciones.pk.column} = %s",
            [valor, fila.pk],
        )


def paso() -> Historial:
    return Historial.objects.create(entidad="x", entidad_id="x", accion="x", actor="sistema:x")


@pytest.mark.parametrize(
    ("columna", "valor", "leido"),
    [
        ("creado_en", "abc", lectura.MOMENTO_DESMEDIDO),
        ("creado_en", 5, lectura.MOMENTO_DESMEDIDO),
        ("creado_en", "2026-02-30 00:00:00", lectura.MOMENTO_DESMEDIDO),
        ("creado_en", "0001-01-01 00:00:00+14:00", lectura.MOMENTO_DESMEDIDO),
        ("creado_en", "0001-01-01 00:00:00", datetime(1, 1, 2, tzinfo=UTC)),
        ("creado_en", "2026-03-10 10:00:00+05:00", datetime(2026, 3, 10, 5, tzinfo=UTC)),
        ("motivo", b"\xff", "\ufffd"),
        ("motivo", "x" * 9_000, "x" * 500),
        ("motivo", 5, "5"),
        ("datos", "[1]", {}),
        ("datos", "[" * 900 + "]" * 900, {}),
        ("datos", '{"a": ' + "[" * 90 + "]" * 90 + "}", {}),
        ("datos", '{"a": 1e400, "b": "\\ud800"}', {"a": "1e400", "b": "\ufffd"}),
        ("datos", '{"a": ' + "9" * 5_000 + "}", {"a": "9" * 5_000}),
    ],
)
def test_se_lee(columna: str, valor: Any, leido: Any) -> None:
    bueno, malo = paso(), paso()
    poner(malo, columna, valor)
    [visto, otro] = Historial.objects.filter(pk__in=[malo.pk, bueno.pk]).order_by("-pk")
    assert getattr(visto, columna) == leido
    assert getattr(otro, columna) == getattr(bueno, columna)


def test_bytes_que_no_son_texto() -> None:
    malo = paso()
    poner(malo, "motivo", b"a\xff", como="CAST(%s AS TEXT)")
    assert Historial.objects.get(pk=malo.pk).motivo == "a\ufffd"


def test_un_numero_y_un_maximo() -> None:
    malo = Intentos.objects.create(clave="x")
    poner(malo, "cuantos", "abc")
    assert Intentos.objects.get().cuantos == lectura.ENTERO_DESMEDIDO
    assert Intentos.objects.aggregate(m=Max("cuantos"))["m"] == lectura.ENTERO_DESMEDIDO


def test_se_nombra_lo_que_no_es_de_su_columna() -> None:
    suya, vecina = fabricas.comision(), fabricas.comision()
    assert list(filas_imposibles(["comisiones", "comun"])) == []
    for columna, valor in (("monto", "abc"), ("moneda", "ZZZ"), ("estado", "rota"),
                           ("traza", "[]"), ("madura_en", "abc"), ("nivel", 1.5),
                           ("motivo", "a\x00b")):  # fmt: skip
        poner(suya, columna, valor)
    dichas = list(filas_imposibles(["comisiones", "comun"]))
    assert len(dichas) == 7
    assert all(f"comisiones.Comision {suya.pk} ({suya.id_publico}): " in d for d in dichas)
    assert Comision.objects.get(pk=vecina.pk).monto == Decimal(10)


def test_un_sello_del_fin_del_mundo_no_cierra_el_libro() -> None:
    """Nobody could approve, nor seal, after it."""
    SelloDiario(dia="9999-12-31", asientos=0, huella="x", sello="x").save()
    assert fabricas.aprobada().estado == "aprobada"
