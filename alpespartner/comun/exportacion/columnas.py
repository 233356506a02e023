"""Columns of an exported list: raw values under the names that the API gives them.

A list says its own once, as texts: a field (``monto``), what a key leads to (``afiliado``, which is
the column ``afiliado_id``, or ``conversion.referencia_externa``), each with another name before it
when the API has one (``conversion_id=id_publico``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from alpespartner.comun.db.campos import es_moneda_de
from alpespartner.comun.dinero import DIGITOS, texto
from alpespartner.comun.documentos.celdas import celda

_PUBLICO = "id_publico"
# What no file of text holds.
_NULO = "\x00"


@dataclass(frozen=True, slots=True)
class Columna:
    """A column: its name, the attributes that lead to its value from a row, and, of an amount,
    those that lead to its currency."""

    nombre: str
    ruta: tuple[str, ...]
    moneda: tuple[str, ...] = ()

    def de(self, fila: Any) -> str:
        """Its text in a row."""
        valor = _seguir(fila, self.ruta)
        if self.moneda and isinstance(valor, Decimal):
            return texto(valor, str(_seguir(fila, self.moneda) or ""))
        return escrito(valor)


def _seguir(fila: Any, ruta: Iterable[str]) -> Any:
    for nombre in ruta:
        if fila is None:
            return None
        fila = getattr(fila, nombre)
    return fila


def escrito(valor: Any) -> str:
    """A value as text: numbers with a point, instants in UTC, text that is no formula."""
    if valor is None:
        return ""
    if isinstance(valor, bool):
        return "true" if valor else "false"
    if isinstance(valor, Decimal):
        return f"{valor.normalize():f}"
    if isinstance(valor, int):
        return str(valor)
    if isinstance(valor, datetime):
        return valor.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(valor, date):
        return valor.isoformat()
    if isinstance(valor, dict | list):
        valor = json.dumps(valor, ensure_ascii=False, separators=(",", ":"))
    return celda(str(valor).replace(_NULO, "\N{REPLACEMENT CHARACTER}"))


def columnas_de(modelo: type[models.Model], dichas: Sequence[str]) -> list[Columna]:
    """The columns that a list says. Raises FieldDoesNotExist for one that its rows do not have."""
    columnas = [_columna(modelo, dicha) for dicha in dichas]
    suya = next((c.ruta for c in columnas if c.nombre == "moneda"), ())
    return [_con_moneda(modelo, columna, suya) for columna in columnas]


def _columna(modelo: type[models.Model], dicha: str) -> Columna:
    nombre, _igual, camino = dicha.rpartition("=")
    ruta = tuple(camino.split("."))
    campo = _campo(modelo, ruta)
    if campo.is_relation:
        # A key never leaves the system where there is a public id.
        nombre = nombre or f"{campo.name}_id"
        publico = _tiene(campo.related_model, _PUBLICO)
        ruta = (*ruta, _PUBLICO) if publico else (*ruta[:-1], campo.attname)
    return Columna(nombre or ruta[-1], ruta)


def _con_moneda(modelo: type[models.Model], columna: Columna, suya: tuple[str, ...]) -> Columna:
    campo = _campo(modelo, columna.ruta)
    if not isinstance(campo, models.DecimalField) or campo.max_digits != DIGITOS:
        return columna
    de = [c.name for c in campo.model._meta.concrete_fields if es_moneda_de(c)]
    moneda = (*columna.ruta[:-1], de[0]) if de else suya
    return Columna(columna.nombre, columna.ruta, moneda)


def _campo(modelo: type[models.Model], ruta: Sequence[str]) -> Any:
    *antes, ultimo = ruta
    for nombre in antes:
        modelo = _uno(modelo, nombre).related_model
    return _uno(modelo, ultimo)


def _uno(modelo: type[models.Model], nombre: str) -> Any:
    """A column by its name, or by that of its key (``afiliado_id``)."""
    opciones = modelo._meta
    for campo in opciones.concrete_fields:
        if nombre in (campo.name, campo.attname):
            return campo
    raise FieldDoesNotExist(f"{opciones.label}: {nombre}")


def _tiene(modelo: Any, nombre: str) -> bool:
    return any(campo.name == nombre for campo in modelo._meta.concrete_fields)


def por_omision(modelo: type[models.Model], mostradas: Sequence[Any]) -> list[str]:
    """What a list that says nothing exports: the columns that it shows and the table has, after the
    id of each row, with the currency of its amounts."""
    clave = _PUBLICO if _tiene(modelo, _PUBLICO) else modelo._meta.pk.name
    dichas = [f"{modelo._meta.model_name}_id={clave}"]
    for mostrada in mostradas:
        nombre = str(mostrada).removeprefix("col_")
        if nombre not in (_PUBLICO, modelo._meta.pk.name) and _tiene(modelo, nombre):
            dichas.append(nombre)
    dinero = any(
        isinstance(campo, models.DecimalField) and campo.max_digits == DIGITOS
        for campo in modelo._meta.concrete_fields
        if campo.name in dichas
    )
    monedas = [c.name for c in modelo._meta.concrete_fields if es_moneda_de(c)]
    return [*dichas, *(m for m in monedas if dinero and m not in dichas)]


def con_lo_suyo(
    consulta: models.QuerySet[Any], columnas: Sequence[Columna]
) -> models.QuerySet[Any]:
    """A query of rows that reads what its columns need and nothing else, in one statement."""
    rutas = {ruta for c in columnas for ruta in (c.ruta, c.moneda) if ruta}
    uniones = sorted({"__".join(ruta[:-1]) for ruta in rutas if len(ruta) > 1})
    campos = sorted({"__".join(ruta) for ruta in rutas} | set(_tramos(uniones)))
    consulta = consulta.select_related(*uniones) if uniones else consulta.select_related(None)
    return consulta.only("pk", *campos)


def _tramos(uniones: Iterable[str]) -> Iterator[str]:
    """Each key on the way to what is joined: it cannot be left out and followed."""
    for union in uniones:
        partes = union.split("__")
        for hasta in range(1, len(partes) + 1):
            yield "__".join(partes[:hasta])
