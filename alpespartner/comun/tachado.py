"""Crossing somebody who was erased out of what people wrote of their objects: reasons in the
history, in events and in the file of events.

Those tables and that file are only ever added to. This is the one exception, and the history of
whoever was erased says that it was made and how many texts it touched; no row comes or goes, and
neither ids, amounts, states, authors nor instants change. There may be millions: it goes on by
portions, one in each transaction, from where the last one ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.actores import sistema
from alpespartner.comun.cifrado import cifrar, descifrar
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Tachadura
from alpespartner.comun.personales import Rastro, Tacha, partes, tachar_rastro, todas
from alpespartner.comun.rondas import Ronda

ACTOR = sistema("personales")
# Whoever was handed an event before it was crossed out has written it in the file by then.
ESPERA = timedelta(minutes=5)
# Past this a person is told that it does not go on.
TARDE = timedelta(days=1)
_POR_PORCION = 500
_POR_VUELTA = 20
_USO = "tachadura"
_PENDIENTES = Ronda()

# A portion of a file from a byte on: where it ends (None: there is no more) and how many texts it
# crossed out, of objects that ``es_suyo`` says are the person's.
EsSuyo = Callable[[str], bool]
Fichero = Callable[[int, EsSuyo, Tacha], tuple[int | None, int]]
_FICHEROS: list[Fichero] = []


def registrar_fichero(fichero: Fichero) -> Fichero:
    """Declare a file in which what is written of objects is told again."""
    if fichero not in _FICHEROS:
        _FICHEROS.append(fichero)
    return fichero


def pedir_tachado(entidad: str, entidad_id: str, textos: Iterable[str]) -> None:
    """Have somebody crossed out, in the transaction that erases who they were."""
    Tachadura.objects.create(
        entidad=entidad, entidad_id=entidad_id, textos=cifrar(json.dumps(list(textos)), _USO)
    )
    cola.encolar("comun.tachar", caduca=60)


def tachar_pendientes(porciones: int = 50) -> int:
    """Go on crossing out; returns how many portions were done."""
    return _PENDIENTES.por_porciones(
        Tachadura.objects.all(), _POR_VUELTA, porciones=porciones, porcion=_una_porcion,
        que="tachadura",
    )  # fmt: skip


def _una_porcion(clave: int) -> bool:
    """A portion; whether there is more to do now."""
    with transaction.atomic():
        pedida = Tachadura.objects.select_for_update().filter(pk=clave).first()
        if pedida is None:
            return False
        tacha = Tacha(json.loads(descifrar(pedida.textos, _USO)))
        rastros = [
            rastro for parte in partes(pedida.entidad) for rastro in parte.rastro(pedida.entidad_id)
        ]
        if pedida.paso < len(rastros):
            hasta, tachados = _en_filas(rastros[pedida.paso], pedida.ultimo, tacha)
        elif pedida.creada_en + ESPERA > timezone.now():
            return False
        elif pedida.paso < len(rastros) + len(_FICHEROS):
            fichero = _FICHEROS[pedida.paso - len(rastros)]
            hasta, tachados = fichero(pedida.ultimo, _suyo(pedida, rastros), tacha)
        else:
            paso(
                entidad=pedida.entidad, entidad_id=pedida.entidad_id, accion="tachar",
                actor=ACTOR, datos={"textos": pedida.tachados},
            ).save()  # fmt: skip
            pedida.delete()
            return False
        pedida.tachados += tachados
        pedida.paso, pedida.ultimo = (pedida.paso + 1, 0) if hasta is None else (pedida.paso, hasta)
        pedida.save(update_fields=["tachados", "paso", "ultimo"])
    return True


def _en_filas(rastro: Rastro, desde: int, tacha: Tacha) -> tuple[int | None, int]:
    nombres = ("pk", rastro.id) if rastro.entidad else ("pk",)
    suyas = list(
        rastro.filas.filter(pk__gt=desde).order_by("pk").values_list(*nombres)[:_POR_PORCION]
    )
    if not suyas:
        return None, 0
    tachados = 0
    if rastro.columnas:
        filas = todas(rastro.filas.model).filter(pk__in=[fila[0] for fila in suyas])
        tachados += tacha.columnas(filas, *rastro.columnas)
    if rastro.entidad:
        tachados += tachar_rastro(rastro.entidad, [fila[1] for fila in suyas], tacha)
    return suyas[-1][0], tachados


def _suyo(pedida: Tachadura, rastros: Iterable[Rastro]) -> EsSuyo:
    """Whether an object is of whoever was erased."""
    con_nombre = [rastro for rastro in rastros if rastro.entidad]

    def es_suyo(objeto: str) -> bool:
        return objeto == pedida.entidad_id or any(
            rastro.filas.filter(**{rastro.id: objeto}).exists() for rastro in con_nombre
        )

    return es_suyo
