"""JSON in: numbers are exact and hostile documents are refused."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import exceptions

from alpespartner.comun.api.parser import PROFUNDIDAD, JSONDecimalParser


def leer(crudo: bytes) -> Any:
    """What the API makes of a body."""
    return JSONDecimalParser().parse(io.BytesIO(crudo))


@pytest.mark.parametrize(
    ("crudo", "esperado"),
    [
        (b"0.1", Decimal("0.1")),
        (b"100000.0", Decimal("100000.0")),
        (b"1e400", Decimal("1e400")),
        (b"12345678901234567890.1234", Decimal("12345678901234567890.1234")),
        (b"15", 15),
        ('"ñ"'.encode(), "ñ"),
    ],
)
def test_numeros_exactos(crudo: bytes, esperado: object) -> None:
    """A float on the way in changes an amount before anything checks it."""
    valor = leer(crudo)
    assert valor == esperado
    assert type(valor) is type(esperado)


@pytest.mark.parametrize(
    "crudo",
    [
        b"", b"{", b"{'a':1}", b'"\xff"', b"\xff\xfe{}",
        b"1" * 5000, b"[" * 100_000, b'{"a":' * 100_000, b"1e-99999999999999999999",
        b"1e99999999999999999999", b"[1,]", b"[" * (PROFUNDIDAD + 1) + b"]" * (PROFUNDIDAD + 1),
    ],
)  # fmt: skip
def test_documentos_hostiles(crudo: bytes) -> None:
    """Each is a 400; any other exception would be a 500."""
    with pytest.raises(exceptions.ParseError):
        leer(crudo)


def test_profundidad_admitida() -> None:
    """The limit refuses attacks, not documents."""
    assert leer(b"[" * PROFUNDIDAD + b"]" * PROFUNDIDAD)


@pytest.mark.parametrize(
    "crudo",
    [
        b'{"valor": "1", "valor": "1000"}',
        b'{"lineas": [{"precio": 1}, {"precio": 1, "precio": 2}]}',
        # The same name, written otherwise.
        b'{"valor": 1, "v\\u0061lor": 1}',
        b'{"\\ud800": 1, "\\ud800": 2}',
    ],
)
def test_lo_que_se_dice_dos_veces_no_vale_ninguna(crudo: bytes) -> None:
    """Whoever logs, checks or forwards a body may read the other one."""
    with pytest.raises(exceptions.ParseError, match="dos veces") as error:
        leer(crudo)
    str(error.value.detail).encode()


def test_el_mismo_nombre_en_dos_objetos_es_otro() -> None:
    assert leer(b'[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]
