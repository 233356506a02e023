"""Keys of a list in its order, read through one index for each set of conditions, and no more than
so many rows of it whatever there is."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet

from alpespartner.comun.listas.condiciones import Condicion, Rama, ramas
from alpespartner.comun.listas.errores import NoListable
from alpespartner.comun.listas.indices import Plan, plan_para_contar, planes
from alpespartner.comun.listas.lecturas import Lectura, juntar, seleccion, vale_sql, valores_de

# Rows that one page may look at in vain: past it, it shows what it found and where it stopped.
PRESUPUESTO = 2_000
# A set without order is read whole up to this many rows.
ENTERA = 500
# Sets that are read in one statement.
_POR_SENTENCIA = 150
# As many as a commission has states: each counted by itself costs no more than one does.
_POCAS = 8

_DESPUES = {type(None): -1, str: 1, bytes: 2}

# Values of the columns of the order, the primary key last.
Posicion = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Tramo:
    """Some keys in order. ``hasta`` is how far the list was read, None when it is at its end."""

    claves: list[Any]
    hasta: Posicion | None
    posiciones: list[Posicion]


@dataclass
class _Lector:
    """A set of conditions as it is read, in order."""

    plan: Plan
    orden: Sequence[str]
    desde: Posicion | None
    filas: deque[tuple[Posicion, bool]] = field(default_factory=deque)
    agotada: bool = False


def columnas_de(consulta: QuerySet[Any], orden: Sequence[str]) -> tuple[list[str], bool]:
    """Columns of an order (Django's names, all with or all without ``-``), with the primary key at
    their end, and whether it goes down. Raises :class:`NoListable`."""
    opciones = consulta.model._meta
    nombres = [n for n in orden if n.lstrip("-") not in ("pk", opciones.pk.name)]
    final = next((n for n in orden if n not in nombres), None)
    bajan = {n.startswith("-") for n in (*nombres, *([final] if final else ()))}
    if len(bajan) > 1:
        raise NoListable(f"{consulta.model.__name__}: an order up and down")
    columnas = [opciones.get_field(n.lstrip("-")).column for n in nombres]
    return [*columnas, opciones.pk.column], bajan != {False}


def leer(
    consulta: QuerySet[Any],
    orden: Sequence[str],
    tope: int,
    *,
    desde: Posicion | None = None,
    al_reves: bool = False,
) -> Tramo:
    """Up to ``tope`` keys after a position, in the order or against it."""
    columnas, baja = columnas_de(consulta, orden)
    baja ^= al_reves
    lectores = [
        _Lector(planes(consulta.model, rama, columnas)[0], columnas, desde)
        for rama in ramas(consulta)
    ]
    _leer_enteras(consulta, lectores, columnas, baja)
    vistas: dict[Any, Posicion] = {}
    ultima: Posicion | None = desde
    leidas, cuantas = 0, max(4, -(-2 * tope // max(1, len(lectores))))
    cuantas = min(cuantas, tope)
    while len(vistas) < tope:
        vacios = [lector for lector in lectores if not lector.filas and not lector.agotada]
        if vacios:
            if leidas >= PRESUPUESTO + tope:
                return Tramo(list(vistas), ultima, list(vistas.values()))
            leidas += _rellenar(consulta, vacios, cuantas, baja)
            cuantas = max(tope, min(4 * cuantas, PRESUPUESTO // 4))
            continue
        seguras = _seguras([lector for lector in lectores if lector.filas], baja)
        if not seguras:
            return Tramo(list(vistas), None, list(vistas.values()))
        for ultima, es_suya in seguras:
            if es_suya:
                vistas.setdefault(ultima[-1], ultima)
                if len(vistas) == tope:
                    break
    return Tramo(list(vistas), ultima, list(vistas.values()))


def _seguras(lectores: list[_Lector], baja: bool) -> list[tuple[Posicion, bool]]:
    """Takes the rows, in order, before which no set has any that was not read."""
    elegir = max if baja else min
    ultimas = [_comparable(lector.filas[-1][0]) for lector in lectores if not lector.agotada]
    frontera = elegir(ultimas) if ultimas else None
    seguras = []
    pasa = operator.ge if baja else operator.le
    for lector in lectores:
        while lector.filas and (
            frontera is None or pasa(_comparable(lector.filas[0][0]), frontera)
        ):
            seguras.append(lector.filas.popleft())
    return _ordenadas(seguras, baja)


def _leer_enteras(
    consulta: QuerySet[Any], lectores: list[_Lector], columnas: list[str], baja: bool
) -> None:
    """Sets whose index has no order: all of each, sorted here, or in order when it is large."""
    enteras = [lector for lector in lectores if lector.plan.entera]
    for inicio in range(0, len(enteras), _POR_SENTENCIA):
        parte = enteras[inicio : inicio + _POR_SENTENCIA]
        for lector, filas in zip(parte, _preguntar(consulta, parte, ENTERA + 1, baja), strict=True):
            if len(filas) > ENTERA:
                rama: Rama = lector.plan.guian + lector.plan.miran
                lector.plan = planes(consulta.model, rama, columnas)[-1]
                if lector.plan.entera:
                    raise NoListable(f"{consulta.model.__name__}: {rama} has no order")
                continue
            despues = filas
            if lector.desde is not None:
                desde = _comparable(lector.desde)
                pasa = operator.lt if baja else operator.gt
                despues = [f for f in filas if pasa(_comparable(f[0]), desde)]
            lector.filas.extend(_ordenadas(despues, baja))
            lector.agotada = True


def _comparable(posicion: Posicion) -> tuple[Any, ...]:
    """As the database puts positions in order: in SQLite a column may hold what its type would not,
    numbers before texts and bytes after them."""
    return tuple((_DESPUES.get(type(valor), 0), valor) for valor in posicion)


def _ordenadas(filas: list[tuple[Posicion, bool]], baja: bool) -> list[tuple[Posicion, bool]]:
    return sorted(filas, key=lambda fila: _comparable(fila[0]), reverse=baja)


def _rellenar(consulta: QuerySet[Any], vacios: list[_Lector], cuantas: int, baja: bool) -> int:
    leidas = 0
    for inicio in range(0, len(vacios), _POR_SENTENCIA):
        parte = vacios[inicio : inicio + _POR_SENTENCIA]
        for lector, filas in zip(parte, _preguntar(consulta, parte, cuantas, baja), strict=True):
            suyas = _ordenadas(filas, baja)[:cuantas]
            lector.filas.extend(suyas)
            lector.agotada = len(suyas) < cuantas
            if suyas:
                lector.desde = suyas[-1][0]
            leidas += len(suyas)
    return leidas


def _preguntar(
    consulta: QuerySet[Any], lectores: Sequence[_Lector], cuantas: int, baja: bool
) -> list[list[tuple[Posicion, bool]]]:
    """The next rows of each set, in one statement."""
    tabla = consulta.model._meta.db_table
    partes: list[str] = []
    valores: list[Any] = []
    lecturas: list[Lectura] = []
    juntas: _PorClave = {}
    for numero, lector in enumerate(lectores):
        if (clave := _clave_de(consulta, lector.plan)) is not None:
            juntas.setdefault(lector.plan.miran, {})[clave] = numero
            continue
        lecturas += [
            seleccion(numero, tabla, lector.orden, lector.plan, condiciones, cuantas, baja)
            for condiciones in _trozos(lector, baja)
        ]
    for sql, suyos in juntar(lecturas):
        partes.append(sql)
        valores += suyos
    grupos = list(juntas.items())
    for numero, (miran, numeros) in enumerate(grupos, start=1):
        sql, suyos = _de_claves(consulta, lectores[0].orden, miran, list(numeros))
        partes.append(f"SELECT -{numero} AS rama, r.* FROM ({sql}) r")  # noqa: S608
        valores += suyos
    respuestas: list[list[tuple[Posicion, bool]]] = [[] for _lector in lectores]
    if not partes:
        # All of them are past it.
        return respuestas
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(partes), valores)
        for rama, *posicion, vale in cursor.fetchall():
            suya = rama if rama >= 0 else grupos[-rama - 1][1][posicion[-1]]
            respuestas[suya].append((tuple(posicion), bool(vale)))
    return respuestas


# Numbers of the sets of one row, by its key, with what else is looked at in each.
_PorClave: TypeAlias = dict[Rama, dict[Any, int]]


def _clave_de(consulta: QuerySet[Any], plan: Plan) -> Any:
    """The key of the one row that a set may have; None when that does not lead to it."""
    if plan.indice.columnas != (consulta.model._meta.pk.column,) or len(plan.guian) != 1:
        return None
    [condicion] = plan.guian
    return condicion.valor if condicion.operador == "=" else None


def _de_claves(
    consulta: QuerySet[Any], columnas: Sequence[str], miran: Rama, cuales: Sequence[Any]
) -> tuple[str, list[Any]]:
    """Rows by their keys, all at once: a SELECT for each costs more than its row."""
    nombre = connection.ops.quote_name
    marcas = ", ".join(["%s"] * len(cuales))
    return (
        f"SELECT {', '.join(map(nombre, columnas))}, {vale_sql(miran)} AS vale"  # noqa: S608
        f" FROM {nombre(consulta.model._meta.db_table)}"
        f" WHERE {nombre(str(consulta.model._meta.pk.column))} IN ({marcas})",
        [*valores_de(miran), *cuales],
    )


def _trozos(lector: _Lector, baja: bool) -> Iterable[Rama]:
    """What comes after a position, as conditions that an index reads each in one stretch."""
    if lector.desde is None or lector.plan.entera:
        yield ()
        return
    fijas = {c.columna for c in lector.plan.guian if c.igual}
    despues = "<" if baja else ">"
    pares = list(zip(lector.orden, lector.desde, strict=True))
    libres = [(columna, valor) for columna, valor in pares if columna not in fijas]
    # A column that the set fixes may already be past the position, or not there yet.
    puesto = _puesto(lector, pares, fijas, baja)
    if puesto > 0:
        yield ()
    if puesto != 0:
        return
    for hasta in range(len(libres), 0, -1):
        iguales = tuple(Condicion(columna, "=", valor) for columna, valor in libres[: hasta - 1])
        yield (*iguales, Condicion(libres[hasta - 1][0], despues, libres[hasta - 1][1]))


def _puesto(lector: _Lector, pares: list[tuple[str, Any]], fijas: set[str], baja: bool) -> int:
    """Where the columns that lead the order and are fixed stand: 0 at the position, 1 all of the
    set comes after it, -1 before."""
    valores = {c.columna: c.valor for c in lector.plan.guian if c.igual}
    for columna, valor in pares:
        if columna not in fijas:
            return 0
        if valores[columna] != valor:
            return 1 if (valores[columna] < valor) == baja else -1
    return 0


def contar(consulta: QuerySet[Any], tope: int) -> tuple[int, bool]:
    """Rows of a query as far as ``tope``, by its indexes alone, and whether that is all of them."""
    todas = ramas(consulta)
    if len({tuple(c.columna for c in rama) for rama in todas}) > 1:
        return _contar_distintas(consulta, todas, tope)
    n, entera = 0, True
    # A few, one after another as far as is left; many, each a little.
    juntas = 1 if len(todas) <= _POCAS else _POR_SENTENCIA
    for inicio in range(0, len(todas), juntas):
        cada = tope + 1 - n if juntas == 1 else max(10, -(-2 * (tope + 1) // len(todas)))
        for suyas, cortada in _contar(consulta, todas[inicio : inicio + juntas], cada):
            n += suyas
            entera &= not cortada
        if n > tope:
            break
    return min(n, tope), entera and n <= tope


def _contar_distintas(consulta: QuerySet[Any], todas: list[Rama], tope: int) -> tuple[int, bool]:
    """As :func:`contar`, of sets of different columns: they may share rows."""
    pk = str(consulta.model._meta.pk.column)
    lectores = [_Lector(plan_para_contar(consulta.model, rama), [pk], None) for rama in todas]
    cada = max(10, -(-2 * (tope + 1) // len(todas)))
    claves: set[Any] = set()
    cortadas = _anadir(consulta, lectores, cada, claves, tope)
    if 0 < len(cortadas) <= _POCAS and len(claves) <= tope:
        cortadas = _anadir(consulta, cortadas, tope + 1, claves, tope)
    return min(len(claves), tope), not cortadas and len(claves) <= tope


def _anadir(
    consulta: QuerySet[Any], lectores: list[_Lector], cada: int, claves: set[Any], tope: int
) -> list[_Lector]:
    """Keys of some rows of each set, until there are too many; the sets that have more."""
    cortadas = []
    for inicio in range(0, len(lectores), _POR_SENTENCIA):
        parte = lectores[inicio : inicio + _POR_SENTENCIA]
        for lector, filas in zip(parte, _preguntar(consulta, parte, cada, False), strict=True):
            claves.update(posicion[-1] for posicion, vale in filas if vale)
            if len(filas) >= cada:
                cortadas.append(lector)
        if len(claves) > tope:
            break
    return cortadas


def _contar(consulta: QuerySet[Any], todas: list[Rama], cada: int) -> Iterable[tuple[int, bool]]:
    pk = str(consulta.model._meta.pk.column)
    tabla = consulta.model._meta.db_table
    partes: list[str] = []
    valores: list[Any] = []
    lecturas: list[Lectura] = []
    juntas: _PorClave = {}
    for numero, rama in enumerate(todas):
        plan = plan_para_contar(consulta.model, rama)
        if (clave := _clave_de(consulta, plan)) is not None:
            juntas.setdefault(plan.miran, {})[clave] = 0
            continue
        lecturas.append(seleccion(numero, tabla, [pk], plan, (), cada, False))
    for sql, suyos in juntar(lecturas, f"COALESCE(SUM(r.vale), 0), COUNT(*) >= {cada}", suman=True):
        partes.append(sql)
        valores += suyos
    for miran, numeros in juntas.items():
        sql, suyos = _de_claves(consulta, [pk], miran, list(numeros))
        partes.append(f"SELECT 0 AS rama, COALESCE(SUM(r.vale), 0), 0 FROM ({sql}) r")  # noqa: S608
        valores += suyos
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(partes), valores)
        return [(int(n), bool(cortada)) for _rama, n, cortada in cursor.fetchall()]
