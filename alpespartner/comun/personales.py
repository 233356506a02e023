"""What is held of a person: each app says its own, to hand it over and to erase it.

Apps look down and persons are everywhere, so each registers its part of one kind of person (an
affiliate, a customer), who is a row. What happened stays, without who it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from alpespartner.comun.documentos.paquetes import Fila
from alpespartner.comun.models import Historial, Propuesta
from alpespartner.comun.propuestas.tipos import Linea

_M = TypeVar("_M", bound=Model)
# Few rows as they are; many as a query of values that begins with none read.
Seccion = tuple[str, Sequence[Fila] | QuerySet[Any, Any]]
TACHADO = "…"
# What the history keeps encrypted, of an account, and of where events were sent.
_SUYOS = frozenset({"personales", "termina_en", "anfitrion", "url"})
# A shorter text is in too many others to mean somebody.
_MINIMO = 3
_NUMERO = re.compile(r"[-+]?(?:\d{0,6}|\d+[.,]\d+)")


class Tacha:
    """Crosses out the texts that name a person, whole words in any case, in what others wrote."""

    def __init__(self, textos: Iterable[str]) -> None:
        suyos = sorted({t.strip() for t in textos if len(t.strip()) >= _MINIMO}, key=len)
        alguno = "|".join(re.escape(texto) for texto in reversed(suyos))
        self._patron = re.compile(rf"(?<!\w)(?:{alguno})(?!\w)", re.IGNORECASE) if suyos else None

    def __call__(self, texto: str) -> str:
        return texto if self._patron is None else self._patron.sub(TACHADO, texto)

    def en(self, valor: Any) -> Any:
        """The same in every text of a JSON value; but a number there is an amount, unless it is
        all of a document's, a telephone's or an account's."""
        if isinstance(valor, str):
            return valor if _NUMERO.fullmatch(valor) else self(valor)
        if isinstance(valor, list):
            return [self.en(uno) for uno in valor]
        if isinstance(valor, dict):
            return {clave: self.en(uno) for clave, uno in valor.items()}
        return valor

    def columnas(self, filas: QuerySet[Any], *campos: str) -> int:
        """In some columns of some rows; those that say nothing of the person are not written.
        Returns how many were."""
        tachadas = 0
        for fila in filas.only("pk", *campos).iterator():
            nuevos = {campo: self.en(getattr(fila, campo)) for campo in campos}
            if any(getattr(fila, campo) != nuevo for campo, nuevo in nuevos.items()):
                tachadas += todas(type(fila)).filter(pk=fila.pk).update(**nuevos)
        return tachadas


@dataclass(frozen=True, kw_only=True)
class Rastro:
    """Objects of a person by the hundred thousand, in which people may have written who it was:
    rows with their free text (``columnas``), and the ``entidad`` that the history calls them by
    their column ``id``; "" when it does not."""

    filas: QuerySet[Any]
    columnas: tuple[str, ...] = ()
    entidad: str = ""
    id: str = "id_publico"


@dataclass(frozen=True, kw_only=True)
class Parte:
    """What an app holds of a kind of person (``entidad``).

    ``secciones`` gives it by name, as rows of plain values; many, as a query of them in the order
    of their keys. ``borrar`` erases it in the caller's
    transaction, which holds the person locked; what may be long is crossed out afterwards, of what
    ``rastro`` gives for its public id (``tachado.py``). ``impide`` says why that cannot be now, ""
    when it can; ``lineas`` tell whoever decides what they would not think of.
    """

    entidad: str
    secciones: Callable[[Any], Iterable[Seccion]] = lambda _persona: ()
    borrar: Callable[[Any, Tacha], None] = lambda _persona, _tacha: None
    rastro: Callable[[str], Iterable[Rastro]] = lambda _id_publico: ()
    impide: Callable[[Any], str] = lambda _persona: ""
    lineas: Callable[[Any], Sequence[Linea]] = lambda _persona: ()


# What else says why something was done to some objects, by their public ids (an event); returns how
# many texts were crossed out.
Eco = Callable[[Collection[str], Tacha], int]

_PARTES: list[Parte] = []
_ECOS: list[Eco] = []


def registrar(parte: Parte) -> Parte:
    """Declare what an app holds of a kind of person."""
    if parte not in _PARTES:
        _PARTES.append(parte)
    return parte


def registrar_eco(eco: Eco) -> Eco:
    """Declare where what is written of objects is told again."""
    if eco not in _ECOS:
        _ECOS.append(eco)
    return eco


def partes(entidad: str) -> list[Parte]:
    """What all apps hold of a kind of person."""
    return [parte for parte in _PARTES if parte.entidad == entidad]


def todas(modelo: type[_M]) -> QuerySet[_M]:
    """The rows of a table to be rewritten, also of one that is only ever inserted: nothing but
    erasing a person does that, and it takes no row away."""
    return QuerySet(modelo)


def tachar_rastro(entidad: str, ids: Collection[str], tacha: Tacha) -> int:
    """Cross a person out of the history, the proposals and the events of some objects: what was
    done, by whom and when stays. Returns how many were written."""
    if not ids:
        return 0
    propuestas = Propuesta.objects.filter(entidad=entidad, entidad_id__in=ids)
    de_propuestas = list(propuestas.values_list("id_publico", flat=True))
    return (
        _tachar_historial(entidad, ids, tacha)
        + _tachar_historial("propuesta", de_propuestas, tacha)
        + tacha.columnas(propuestas, "motivo", "datos", "visto")
        + sum(eco(ids, tacha) for eco in _ECOS)
    )


def _tachar_historial(entidad: str, ids: Collection[str], tacha: Tacha) -> int:
    tachados = 0
    for hecho in todas(Historial).filter(entidad=entidad, entidad_id__in=ids).iterator():
        datos = {
            clave: tacha.en(valor)
            for clave, valor in hecho.datos.items()
            # Both accounts of a change of account are encrypted texts.
            if clave not in _SUYOS and not (clave in ("antes", "despues") and _es_texto(valor))
        }
        motivo = tacha(hecho.motivo)
        if (motivo, datos) != (hecho.motivo, hecho.datos):
            tachados += todas(Historial).filter(pk=hecho.pk).update(motivo=motivo, datos=datos)
    return tachados


def _es_texto(valor: object) -> bool:
    return isinstance(valor, str)


def olvidar_en_el_panel(*filas: Model) -> None:
    """Django's own log of the admin keeps how rows were called."""
    for fila in filas:
        tipo = ContentType.objects.get_for_model(type(fila))
        LogEntry.objects.filter(content_type=tipo, object_id=str(fila.pk)).update(
            object_repr=f"{tipo.model} {fila.pk}", change_message=""
        )
