"""Rows that no service wrote: those whose columns hold what is none of theirs.

Pages and tasks go on beside them; here they are named, so that somebody mends them. MySQL refuses
most of it when it is written, SQLite nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from django.apps import apps
from django.db import connection, models
from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Cast

from alpespartner.comun.db.campos import CampoJSON, es_moneda_de
from alpespartner.comun.dinero import monedas

# Nobody's clock, nor anybody's plan, says a day outside of these.
_DESDE, _HASTA = 1900, 9000
_Campo: TypeAlias = "models.Field[Any, Any]"


def filas_imposibles(apps_propias: list[str]) -> Iterator[str]:
    """Each column of a row of those apps that holds what it cannot mean, with how it begins."""
    for etiqueta in apps_propias:
        for modelo in apps.get_app_config(etiqueta).get_models():
            yield from _de_modelo(modelo)


def _de_modelo(modelo: type[models.Model]) -> Iterator[str]:
    dichos = {c: q for c in modelo._meta.concrete_fields if (q := _imposible(c)) is not None}
    # One reading of the table: nearly always there is none.
    if not dichos or not _con_tipos(modelo, dichos).filter(reduce(or_, dichos.values())).exists():
        return
    for campo, imposible in dichos.items():
        filas = _con_tipos(modelo, {campo: imposible}).filter(imposible).order_by("pk")
        nombre = "id_publico" if _tiene(modelo, "id_publico") else "pk"
        como = Cast(campo.attname, CharField())
        for pk, quien, valor in filas.values_list("pk", nombre, como).iterator():
            yield f"{modelo._meta.label} {pk} ({quien!s:.40}): {campo.name} es {valor!r:.60}"


def _tiene(modelo: type[models.Model], nombre: str) -> bool:
    return any(campo.name == nombre for campo in modelo._meta.concrete_fields)


def _con_tipos(modelo: type[models.Model], campos: Any) -> models.QuerySet[Any]:
    """With what the conditions ask of each column."""
    propias: dict[str, Any] = {}
    for campo in campos:
        columna = F(campo.attname)
        if isinstance(campo, CampoJSON):
            propias[_n(campo, "json")] = Func(columna, function="JSON_TYPE", output_field=_T)
        if isinstance(campo, _TEXTO):
            nulo = Func(columna, Value("\x00"), function="instr", output_field=_N)
            propias[_n(campo, "nulo")] = nulo
            cuenta = "char_length" if connection.vendor == "mysql" else "length"
            largo = Func(Cast(columna, _T), function=cuenta, output_field=_N)
            propias[_n(campo, "largo")] = largo
        if connection.vendor != "sqlite":
            continue
        propias[_n(campo, "tipo")] = Func(columna, function="typeof", output_field=_T)
        if isinstance(campo, models.DateField):
            escrito = Func(columna, Value(1), Value(10), function="substr", output_field=_T)
            propias[_n(campo, "dia")] = escrito
            propias[_n(campo, "fecha")] = Func(
                escrito, Value("+0 days"), function="date", output_field=_T
            )
        elif isinstance(campo, models.DecimalField):
            propias[_n(campo, "abs")] = Func(columna, function="abs", output_field=_N)
    return modelo._base_manager.alias(**propias)


_T, _N = CharField(), models.BigIntegerField()
_TEXTO = (models.CharField, models.TextField)
_DINERO = "DecimalField"
# SQLite's kinds of values that a column of each kind may hold.
_NUMERO = ("integer", "real", "null")


def _n(campo: _Campo, que: str) -> str:
    return f"_{que}_{campo.attname}"


def _imposible(campo: _Campo) -> Q | None:
    """What no row may hold in a column; None when it may hold anything."""
    if campo.primary_key or campo.is_relation:
        return None
    partes = [q for q in (_por_valor(campo), _por_tipo(campo)) if q is not None]
    return reduce(or_, partes) if partes else None


def _por_valor(campo: _Campo) -> Q | None:
    """In either database."""
    vacio = [""] if campo.blank or campo.default == "" else []
    if campo.choices:
        return ~Q(**{f"{campo.attname}__in": [valor for valor, _n in campo.flatchoices] + vacio})
    if es_moneda_de(campo):
        # Without an amount there is nothing for it to be of.
        importes = [
            c for c in campo.model._meta.concrete_fields if c.get_internal_type() == _DINERO
        ]
        sin_importe = Q(**{campo.attname: ""}, **{f"{c.attname}__isnull": True for c in importes})
        return ~Q(**{f"{campo.attname}__in": [*monedas(), *vacio]}) & ~sin_importe
    if isinstance(campo, CampoJSON):
        clase = "array" if campo.clase is list else "object"
        return ~Q(**{f"{_n(campo, 'json')}__in": (clase, clase.upper())})
    if isinstance(campo, models.DateField):
        return Q(**{f"{campo.attname}__year__lt": _DESDE}) | Q(
            **{f"{campo.attname}__year__gte": _HASTA}
        )
    if isinstance(campo, _TEXTO):
        malo = Q(**{f"{_n(campo, 'nulo')}__gt": 0})
        # MySQL holds the others to theirs.
        if campo.max_length and (
            connection.vendor == "sqlite" or isinstance(campo, models.TextField)
        ):
            malo |= Q(**{f"{_n(campo, 'largo')}__gt": campo.max_length})
        return malo
    return None


def _por_tipo(campo: _Campo) -> Q | None:
    """What only SQLite holds."""
    if connection.vendor != "sqlite":
        return None
    tipo = f"{_n(campo, 'tipo')}__in"
    if isinstance(campo, models.DecimalField):
        tope = 10 ** (campo.max_digits - campo.decimal_places)
        return ~Q(**{tipo: _NUMERO}) | Q(**{f"{_n(campo, 'abs')}__gte": tope})
    if isinstance(campo, models.IntegerField):
        return ~Q(**{tipo: ("integer", "null")})
    if isinstance(campo, models.DateField):
        fecha = _n(campo, "fecha")
        escrita = Q(**{fecha: F(_n(campo, "dia"))})
        return ~Q(**{tipo: ("text", "null")}) | (
            Q(**{tipo: ("text",)}) & (Q(**{f"{fecha}__isnull": True}) | ~escrita)
        )
    if isinstance(campo, _TEXTO):
        return ~Q(**{tipo: ("text", "null")})
    return None
