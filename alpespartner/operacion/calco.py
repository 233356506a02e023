"""Copying rows many times over inside the database, each copy with keys and ids of its own.

A unit is what some services wrote together: rows of several tables that name each other. A copy of
it is one ``INSERT … SELECT`` for each of its rows, whatever the number of copies: nothing travels.
Text that holds a key of the unit (public ids, also inside JSON and events) is taken apart here, so
that the copy names its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

SERIE = "siembra_serie"
_UUID = "01900000-0000-7000-8000-"
# A copy's ids sort after those of 1970 and before any that a service makes.
_ULID = "01"
_LARGO_ULID = 26
# Any other text that is of one row: this, and so many figures.
_SUELTO, _CIFRAS = "m", 12
LARGO_SUELTO = len(_SUELTO) + _CIFRAS


@dataclass(frozen=True, slots=True)
class Fila:
    """A row as the database keeps it."""

    modelo: type[models.Model]
    valores: dict[str, Any]

    @property
    def pk(self) -> Any:
        """Its primary key."""
        return self.valores[_pk(self.modelo)]


@dataclass(frozen=True, slots=True)
class MesDe:
    """The month of an instant, as 202603: a copy has that of its own."""

    cuando: Any


@dataclass
class Destino:
    """Whose the copies are: columns of the series instead of the unit's own rows.

    ``propias`` are rows (model, primary key) and ``textos`` the texts that name them.
    """

    propias: Mapping[tuple[type[models.Model], Any], str] = field(default_factory=dict)
    textos: Mapping[str, str] = field(default_factory=dict)


def _pk(modelo: type[models.Model]) -> str:
    return str(modelo._meta.pk.column)


class Foto:
    """Which rows some tables have now, to tell later what was added."""

    def __init__(self, modelos: Sequence[type[models.Model]]) -> None:
        self._modelos = modelos
        self._hasta = {modelo: ultima(modelo) for modelo in modelos}

    def nuevas(self) -> list[Fila]:
        """Rows added since, in the order of the models and of their keys."""
        filas = []
        for modelo in self._modelos:
            with connection.cursor() as cursor:
                pk = _nombre(_pk(modelo))
                cursor.execute(
                    f"SELECT * FROM {_nombre(modelo._meta.db_table)} WHERE {pk} > %s ORDER BY {pk}",  # noqa: S608
                    [self._hasta[modelo]],
                )
                columnas = [c[0] for c in cursor.description]
                filas += [Fila(modelo, dict(zip(columnas, f, strict=True))) for f in cursor]
        return filas


def ultima(modelo: type[models.Model]) -> int:
    """The greatest key of a table."""
    return int(modelo._default_manager.aggregate(m=models.Max("pk"))["m"] or 0)


def _nombre(nombre: str) -> str:
    return connection.ops.quote_name(nombre)


def crear_serie() -> None:
    """The table of copies to make, of this connection alone: whose each is, and how long ago."""
    with connection.cursor() as cursor:
        temporal = "TEMPORARY " if connection.vendor == "mysql" else ""
        cursor.execute(f"DROP {temporal}TABLE IF EXISTS {SERIE}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {SERIE} (n bigint PRIMARY KEY, afiliado bigint NOT NULL,"
            " afiliado_id varchar(40) NOT NULL, campana bigint NOT NULL,"
            " campana_id varchar(40) NOT NULL, segundos bigint NOT NULL)"
        )


def llenar_serie(filas: Iterable[tuple[int, int, str, int, str, int]]) -> None:
    """Replace what the series holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SERIE}")  # noqa: S608
        cursor.executemany(f"INSERT INTO {SERIE} VALUES (%s, %s, %s, %s, %s, %s)", list(filas))  # noqa: S608


class Calco:
    """Copies of units; keys follow those that are there, without gaps.

    ``nombra`` tells which table's key a column holds that is no foreign key, if it does.
    """

    def __init__(
        self,
        modelos: Sequence[type[models.Model]],
        nombra: Callable[[Fila, str], type[models.Model] | None] = lambda _fila, _columna: None,
    ) -> None:
        self._sigue = {modelo: ultima(modelo) + 1 for modelo in modelos}
        self._nombra = nombra
        self._numeros: dict[str, int] = {}

    def copiar(self, filas: Sequence[Fila], destino: Destino, desde: int, hasta: int) -> None:
        """Copy a unit once for each row ``n`` of the series in ``[desde, hasta)``."""
        copias = hasta - desde
        # A copy's key is ``n`` plus this.
        mas: dict[tuple[type[models.Model], Any], int] = {}
        for fila in filas:
            mas[fila.modelo, fila.pk] = self._sigue[fila.modelo] - desde
            self._sigue[fila.modelo] += copias
        textos: dict[str, tuple[str, list[Any]]] = {
            texto: (columna, []) for texto, columna in destino.textos.items()
        }
        # What names a row by itself comes first: others repeat it.
        for solo in (True, False):
            for fila in filas:
                for texto, expresion in _propios(fila, mas[fila.modelo, fila.pk], solo=solo):
                    textos.setdefault(texto, expresion)
        largos = sorted(textos, key=len, reverse=True)
        partir = re.compile("|".join(map(re.escape, largos)) or "(?!)")
        for fila in filas:
            self._copiar_fila(fila, destino, mas, textos, partir, desde, hasta)

    def _copiar_fila(
        self,
        fila: Fila,
        destino: Destino,
        mas: Mapping[tuple[type[models.Model], Any], int],
        textos: Mapping[str, tuple[str, list[Any]]],
        partir: re.Pattern[str],
        desde: int,
        hasta: int,
    ) -> None:
        expresiones, valores = [], []
        numeradas = _numeradas(fila, mas, partir)
        for campo in fila.modelo._meta.concrete_fields:
            valor = fila.valores[str(campo.column)]
            expresion, suyos = "%s", [valor]
            if campo.primary_key:
                expresion, suyos = "n + %s", [mas[fila.modelo, fila.pk]]
            elif valor is None:
                pass
            elif modelo := self._de_que(fila, campo):
                de = modelo, valor
                if de in destino.propias:
                    expresion, suyos = destino.propias[de], []
                elif de in mas:
                    expresion, suyos = "n + %s", [mas[de]]
            elif campo.column in numeradas:
                expresion, suyos = "n + %s", [self._numero(fila.modelo, campo, desde, hasta)]
            elif isinstance(valor, MesDe):
                expresion, suyos = _mes_antes(), [valor.cuando]
            elif isinstance(campo, models.DateTimeField):
                expresion = _antes()
            elif isinstance(valor, str):
                expresion, suyos = _texto(valor, textos, partir)
            expresiones.append(expresion)
            valores += suyos
        columnas = ", ".join(_nombre(str(c.column)) for c in fila.modelo._meta.concrete_fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_nombre(fila.modelo._meta.db_table)} ({columnas})"  # noqa: S608
                f" SELECT {', '.join(expresiones)} FROM {SERIE}"
                " WHERE n >= %s AND n < %s ORDER BY n",
                [*valores, desde, hasta],
            )

    def _de_que(self, fila: Fila, campo: Any) -> type[models.Model] | None:
        """The table whose key a column holds."""
        if campo.remote_field is not None:
            modelo: type[models.Model] = campo.remote_field.model
            return modelo
        return self._nombra(fila, str(campo.column))

    def _numero(self, modelo: type[models.Model], campo: Any, desde: int, hasta: int) -> int:
        """What ``n`` lacks for the next numbers of a series without gaps."""
        clave = f"{modelo._meta.label}.{campo.name}"
        if clave not in self._numeros:
            mayor = modelo._default_manager.aggregate(m=models.Max(campo.name))["m"]
            self._numeros[clave] = int(mayor or 0) + 1
        siguiente = self._numeros[clave]
        self._numeros[clave] += hasta - desde
        return siguiente - desde


def _unicos(modelo: type[models.Model]) -> Iterator[list[Any]]:
    """Sets of fields that no two rows share, without the primary key."""
    for campo in modelo._meta.concrete_fields:
        if campo.unique and not campo.primary_key:
            yield [campo]
    for restriccion in modelo._meta.constraints:
        if isinstance(restriccion, models.UniqueConstraint):
            yield [modelo._meta.get_field(nombre) for nombre in restriccion.fields]


def _es_numero(campo: Any) -> bool:
    return isinstance(campo, models.IntegerField) and not campo.remote_field


def _numeradas(fila: Fila, mas: Mapping[Any, int], partir: re.Pattern[str]) -> set[str]:
    """Columns of numbers that alone tell two rows apart.

    A number beside a key or a text of the unit does not: the copies of those differ already.
    """
    copiados = {m for m, _pk_ in mas}

    def difiere(campo: Any) -> bool:
        if campo.remote_field:
            return campo.remote_field.model in copiados
        valor = fila.valores[campo.column]
        return isinstance(valor, str) and partir.search(valor) is not None

    return {
        campo.column
        for campos in _unicos(fila.modelo)
        if not any(map(difiere, campos))
        for campo in campos
        if _es_numero(campo)
    }


def _propios(fila: Fila, mas: int, *, solo: bool) -> Iterator[tuple[str, tuple[str, list[Any]]]]:
    """Texts that only this row may have, by themselves or with others, and what its copies have
    instead."""
    for campos in _unicos(fila.modelo):
        if (len(campos) == 1) != solo or any(map(_es_numero, campos)):
            continue
        for campo in campos:
            valor = fila.valores[campo.column]
            # A text without a figure names a kind, not a row.
            if isinstance(campo, models.CharField) and valor and re.search("[0-9]", valor):
                yield valor, _id_nuevo(valor, mas)


def _id_nuevo(valor: str, mas: int) -> tuple[str, list[Any]]:
    prefijo, guion, cuerpo = valor.partition("_")
    if guion and len(cuerpo) == _LARGO_ULID:
        return _relleno(f"{prefijo}_{_ULID}", _LARGO_ULID - len(_ULID), mas)
    if len(valor) == 36 and valor.count("-") == 4:
        return _relleno(_UUID, 12, mas)
    return _relleno(_SUELTO, _CIFRAS, mas)


def _relleno(principio: str, largo: int, mas: int) -> tuple[str, list[Any]]:
    """A text followed by ``n + mas`` with zeros before it."""
    if connection.vendor == "mysql":
        return f"CONCAT('{principio}', LPAD(n + %s, {largo}, '0'))", [mas]
    return f"printf('{principio}%%0{largo}d', n + %s)", [mas]


def _antes() -> str:
    if connection.vendor == "mysql":
        return "DATE_SUB(%s, INTERVAL segundos SECOND)"
    return "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '-' || segundos || ' seconds')"


def _mes_antes() -> str:
    if connection.vendor == "mysql":
        return f"EXTRACT(YEAR_MONTH FROM {_antes()})"
    return "CAST(strftime('%%Y%%m', %s, '-' || segundos || ' seconds') AS INTEGER)"


def _texto(
    valor: str, textos: Mapping[str, tuple[str, list[Any]]], partir: re.Pattern[str]
) -> tuple[str, list[Any]]:
    """A text with the keys that it holds replaced by those of the copy."""
    partes: list[str] = []
    valores: list[Any] = []
    donde = 0
    for hallado in partir.finditer(valor):
        if hallado.start() > donde:
            partes.append("%s")
            valores.append(valor[donde : hallado.start()])
        expresion, suyos = textos[hallado.group()]
        partes.append(expresion)
        valores += suyos
        donde = hallado.end()
    if not partes:
        return "%s", [valor]
    if donde < len(valor):
        partes.append("%s")
        valores.append(valor[donde:])
    if len(partes) == 1:
        return partes[0], valores
    if connection.vendor == "mysql":
        return f"CONCAT({', '.join(partes)})", valores
    return " || ".join(f"({parte})" for parte in partes), valores
