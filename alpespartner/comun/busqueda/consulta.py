"""Asking the index: keys of the rows that have what somebody typed, as far as a limit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from alpespartner.comun.busqueda.indice import Buscable
from alpespartner.comun.busqueda.texto import ANCHO, llano
from alpespartner.comun.models import Trozo

# Rows that a search finds: more is no answer to a person.
LIMITE = 200
# Rows that are looked at for those that have all of several words.
MIRADAS = 500
# Words that are looked up; the others only have to be there.
_PALABRAS = 4


def claves(buscable: Buscable, termino: str, limite: int = LIMITE) -> list[int]:
    """Keys of rows that have all the words of a term, those that have it as it was typed first.

    What is not there is not found; of what is in more rows than ``limite``, the last ones of the
    index. Each part of it is a range of the index, and one reading of rows by their keys.
    """
    frase = llano(termino)
    palabras = sorted({*frase.split()}, key=lambda palabra: (-len(palabra), palabra))
    if not palabras:
        return []
    halladas = _de_frase(buscable, frase, limite)
    if len(palabras) > 1 and len(halladas) < limite:
        # The rarest one leads.
        cada = (_empiezan(buscable, p, MIRADAS) for p in palabras[:_PALABRAS])
        menos = min(cada, key=len)
        halladas += _con(buscable, palabras, menos)
    return list(dict.fromkeys(halladas))[:limite]


def _de_frase(buscable: Buscable, frase: str, limite: int) -> list[int]:
    if len(frase) <= ANCHO:
        return _empiezan(buscable, frase, limite)
    # Longer than a piece. When too many begin so, its end tells them apart more often.
    candidatas = _empiezan(buscable, frase, MIRADAS)
    if len(candidatas) == MIRADAS:
        candidatas = [*_empiezan(buscable, frase[-ANCHO:].lstrip(), MIRADAS), *candidatas]
    return _con(buscable, [frase], candidatas)[:limite]


def _empiezan(buscable: Buscable, texto: str, limite: int) -> list[int]:
    """Keys of rows with a piece that begins so, from the last piece: the newest one of a series."""
    texto = texto[:ANCHO]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT fila FROM {Trozo._meta.db_table}"  # noqa: S608
            " WHERE de = %s AND texto >= %s AND texto <= %s"
            f" ORDER BY texto DESC, fila DESC LIMIT {int(limite)}",
            # As much as a piece holds: whatever comes after is less.
            [buscable.de, texto, texto.ljust(ANCHO, "\U0010ffff")],
        )
        return list(dict.fromkeys(fila for (fila,) in cursor.fetchall()))


def _con(buscable: Buscable, palabras: Iterable[str], filas: list[int]) -> list[int]:
    """Of some rows, those that have all the words, in their order."""
    leidas = buscable.modelo._default_manager.filter(pk__in=filas)
    textos = {
        pk: [llano(valor) for valor in valores if isinstance(valor, str)]
        for pk, *valores in leidas.values_list("pk", *buscable.columnas)
    }
    return [
        fila
        for fila in filas
        if all(any(p in texto for texto in textos.get(fila, ())) for p in palabras)
    ]
