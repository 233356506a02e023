"""Hostile values of each kind of column, at its limits and past them.

A value goes in by plain SQL: what a database refuses cannot exist there.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection, models

from alpespartner.comun.dinero import es_moneda

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1")
ETIQUETAS = ("<script>alert(1)</script>", "\"'><img src=x onerror=alert(2)>", "{{7*7}}{% now %}")
TEXTOS: tuple[Any, ...] = (
    "", " ", "a\nb", "\x01\x1b[31m\x7f", "\u202eocirrot\u202c", "أحمد", "李小龍",
    "😀👩‍👩‍👧‍👦" * 3, "e\u0301\u200b",
    "%s %(x)s {0} {{x}} \\", "x" * 5_000, "null", "٣٢", *FORMULAS, *ETIQUETAS,
)  # fmt: skip
MONEDAS: tuple[Any, ...] = (
    "",
    "ZZZ",
    "XAU",
    "usd",
    "$€¥",
    "JPY",
    "KWD",
    "\x00\x01\x02",
    "=1+",
    "<b>",
    "😀😀😀",
)
OPCIONES: tuple[Any, ...] = ("", "rota", "ROTA ", "x" * 300, "<b>rota</b>", "\x00", "=1+1")
FECHAS: tuple[Any, ...] = (
    "0001-01-01 00:00:00", "0001-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999",
    "9999-12-31 00:00:00", "1970-01-01 00:00:00", "2026-02-28",
)  # fmt: skip
DIAS: tuple[Any, ...] = ("0001-01-01", "9999-12-31", "1582-10-10")
IMPORTES: tuple[Any, ...] = (
    "0", "-1", "-5.0000", "0.0001", "99999999999.9999", "100000000000", "999999999999999.9999",
    "-999999999999999.9999",
)  # fmt: skip
ENTEROS: tuple[Any, ...] = (0, 32_767, 65_535, 2_147_483_647, -1)
# What only SQLite holds: a column there takes any value.
SOLO_SQLITE: dict[str, tuple[Any, ...]] = {
    "importe": (
        1e15, "123456789012345678901234567890", 9e999, -9e999, "abc", "", "NaN", "-Infinity",
        "1e400", b"\x00\xff", 0.1 + 0.2, "٣", "9" * 400,
    ),
    "texto": ("\x00", "a\x00b", b"\xff\xfe", "x" * 200_000),
    "fecha": (
        "", "abc", 5, 1e18, "2026-02-30 00:00:00", "2026-03-10T10:00:00+05:00",
        "0001-01-01 00:00:00+14:00", "10000-01-01 00:00:00", "2026-03-10 10:00:00Z", b"\xff",
    ),
    "dia": ("", "abc", 20260310, 1e18, "2026-02-30", "2026-03-10 10:00:00", b"\xff"),
    "entero": ("abc", 1e30, 1.5, 2**62, b"\xff"),
    "json": ('"\\ud800"', '{"a": "\\ud800"}', '{"a": 1e400}', '{"a": ' + "9" * 5_000 + "}",
             "[" * 900 + "]" * 900),
    "logico": (5, "x"),
}  # fmt: skip
SOLO_MYSQL: dict[str, tuple[Any, ...]] = {
    "fecha": ("0000-00-00 00:00:00",),
    "dia": ("0000-00-00",),
    "texto": ("\x00", "a\x00b"),
}
JSON_ENTERO: tuple[Any, ...] = (
    None, [], {}, "", "a", 5, True, [5], [None], ["a"], [[]], [{}], {"": None}, {"a": {"b": []}},
    {"x" * 1_000: "<script>alert(1)</script>"},
)  # fmt: skip
JSON_DENTRO: tuple[Any, ...] = (
    None,
    [],
    {},
    "x",
    "",
    5,
    -1,
    True,
    ["x"],
    {"a": 1},
    "1e400",
    "NaN",
    10**30,
)
HONDO = "[" * 90 + "]" * 90


def clase_de(campo: models.Field[Any, Any]) -> str:
    """What kind of hostile values a column takes; "" for keys and relations."""
    if campo.primary_key or campo.is_relation:
        return ""
    if campo.choices:
        return "opcion"
    if campo.name == "moneda" or campo.name.startswith("moneda_"):
        return "moneda"
    for tipo, clase in (
        (models.DecimalField, "importe"), (models.JSONField, "json"),
        (models.DateTimeField, "fecha"), (models.DateField, "dia"),
        (models.BooleanField, "logico"), (models.IntegerField, "entero"),
        (models.CharField, "texto"), (models.TextField, "texto"), (models.BinaryField, "bytes"),
    ):  # fmt: skip
        if isinstance(campo, tipo):
            return clase
    raise AssertionError(f"{campo}: di qué valores hostiles admite una columna así")


_DE_TODOS: dict[str, tuple[Any, ...]] = {
    "importe": IMPORTES, "texto": TEXTOS, "moneda": MONEDAS, "opcion": OPCIONES, "fecha": FECHAS,
    "dia": DIAS, "entero": ENTEROS, "logico": (0, 1), "json": (),
    "bytes": (b"", b"\xff", b"x" * 1_000),
}  # fmt: skip


def valores_de(campo: models.Field[Any, Any], plantilla: Any, azar: random.Random) -> list[Any]:
    """Every hostile value of a column. ``plantilla`` is what it holds in a good row."""
    clase = clase_de(campo)
    if not clase:
        return []
    aparte = SOLO_SQLITE if connection.vendor == "sqlite" else SOLO_MYSQL
    valores = [*_DE_TODOS[clase], *aparte.get(clase, ())]
    if clase in ("moneda", "opcion") and connection.vendor == "sqlite":
        valores += [b"\xff"]
    if clase == "json":
        valores += [json.dumps(valor) for valor in JSON_ENTERO] + [HONDO]
        valores += [json.dumps(valor) for valor in _por_dentro(plantilla, azar)]
        valores.append(json.dumps({"grande": ["x" * 1_000] * 300}))
    if clase == "texto" and _es_json(plantilla):
        # A document kept as text: the payload of an event, a policy.
        dentro = [json.dumps(valor) for valor in _por_dentro(json.loads(plantilla), azar)]
        valores += ["null", "[]", "{}", "5", *dentro]
    return [None, *valores]


def _es_json(texto: Any) -> bool:
    return isinstance(texto, str) and texto[:1] == "{"


def _por_dentro(documento: Any, azar: random.Random) -> Iterator[Any]:
    """The document of a good row with one of its parts missing, or of another kind."""
    for camino in list(_caminos(documento)):
        for valor in ("falta", *azar.sample(JSON_DENTRO, 3)):
            copia = copy.deepcopy(documento)
            padre = copia
            for paso in camino[:-1]:
                padre = padre[paso]
            if valor == "falta":
                del padre[camino[-1]]
            else:
                padre[camino[-1]] = valor
            yield copia


def _caminos(documento: Any, antes: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    partes = (
        documento.items() if isinstance(documento, dict)
        else enumerate(documento) if isinstance(documento, list) else ()
    )  # fmt: skip
    for clave, valor in partes:
        yield (*antes, clave)
        yield from _caminos(valor, (*antes, clave))


def cabe(campo: models.Field[Any, Any], valor: Any) -> bool:
    """Whether a good row may hold the value: then nothing has to say that it is bad."""
    if valor is None:
        return campo.null
    if isinstance(valor, bytes):
        return isinstance(campo, models.BinaryField)
    return _CABE[clase_de(campo)](campo, valor)


def _cabe_importe(campo: Any, valor: Any) -> bool:
    tope = 10.0 ** (campo.max_digits - campo.decimal_places)
    if isinstance(valor, str) and not re.fullmatch(r"-?[0-9.]+", valor, re.ASCII):
        return False
    # SQLite's numbers have fifteen digits: there the last one that MySQL takes is over.
    return abs(Decimal(str(valor)) if connection.vendor == "mysql" else float(valor)) < tope


def _cabe_opcion(campo: Any, valor: Any) -> bool:
    vacio = valor == "" and (campo.blank or campo.default == "")
    return vacio or valor in [opcion for opcion, _nombre in campo.flatchoices]


def _cabe_moneda(campo: Any, valor: Any) -> bool:
    if valor == "":
        # Of no amount there is no currency.
        con_importe = [
            c for c in campo.model._meta.concrete_fields
            if isinstance(c, models.DecimalField) and not c.null
        ]  # fmt: skip
        return campo.blank or not con_importe
    return es_moneda(valor)


def _cabe_fecha(campo: Any, valor: Any) -> bool:
    return isinstance(valor, str) and valor[:4] in ("1970", "2026") and valor[5:10] != "02-30"


def _cabe_texto(campo: Any, valor: Any) -> bool:
    return "\x00" not in valor and len(valor) <= (campo.max_length or len(valor))


def _cabe_json(campo: Any, valor: Any) -> bool:
    return bool(valor[:1] == ("[" if campo.default is list else "{"))


_CABE: dict[str, Callable[[Any, Any], bool]] = {
    "importe": _cabe_importe, "opcion": _cabe_opcion, "moneda": _cabe_moneda, "fecha": _cabe_fecha,
    "dia": _cabe_fecha, "texto": _cabe_texto, "json": _cabe_json,
    "entero": lambda campo, valor: isinstance(valor, int), "logico": lambda campo, valor: True,
}  # fmt: skip
