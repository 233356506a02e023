"""What is held of a person: each app says its own, to hand it over and to erase it.

Apps look down and persons are everywhere, so each registers its part of one kind of person (an
affiliate, a customer), who is a row. What happened stays, without who it was.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.models import Historial, Propuesta
from alpespartner.comun.propuestas.tipos import Linea

_M = TypeVar("_M", bound=Model)
Fila = Mapping[str, object]
Seccion = tuple[str, Iterable[Fila]]
TACHADO = "…"
# What the history keeps encrypted, of an account, and of where events were sent.
_SUYOS = frozenset({"personales", "termina_en", "anfitrion", "url"})
# A shorter text is in too many others to mean somebody.
_MINIMO = 3


class Tacha:
    """Crosses out the texts that name a person, whole words in any case, in what others wrote."""

    def __init__(self, textos: Iterable[str]) -> None:
        suyos = sorted({t.strip() for t in textos if len(t.strip()) >= _MINIMO}, key=len)
        alguno = "|".join(re.escape(texto) for texto in reversed(suyos))
        self._patron = re.compile(rf"(?<!\w)(?:{alguno})(?!\w)", re.IGNORECASE) if suyos else None

    def __call__(self, texto: str) -> str:
        return texto if self._patron is None else self._patron.sub(TACHADO, texto)

    def en(self, valor: Any) -> Any:
        """The same in every text of a JSON value."""
        if isinstance(valor, str):
            return self(valor)
        if isinstance(valor, list):
            return [self.en(uno) for uno in valor]
        if isinstance(valor, dict):
            return {clave: self.en(uno) for clave, uno in valor.items()}
        return valor

    def columnas(self, filas: QuerySet[Any], *campos: str) -> None:
        """In some columns of some rows; those that say nothing of the person are not written."""
        for fila in filas.iterator():
            nuevos = {campo: self.en(getattr(fila, campo)) for campo in campos}
            if any(getattr(fila, campo) != nuevo for campo, nuevo in nuevos.items()):
                todas(type(fila)).filter(pk=fila.pk).update(**nuevos)


@dataclass(frozen=True, kw_only=True)
class Parte:
    """What an app holds of a kind of person (``entidad``).

    ``secciones`` gives it by name, as rows of plain values. ``borrar`` erases it in the caller's
    transaction, which holds the person locked. ``impide`` says why that cannot be now, "" when it
    can; ``lineas`` tell whoever decides what they would not think of.
    """

    entidad: str
    secciones: Callable[[Any], Iterable[Seccion]] = lambda _persona: ()
    borrar: Callable[[Any, Tacha], None] = lambda _persona, _tacha: None
    impide: Callable[[Any], str] = lambda _persona: ""
    lineas: Callable[[Any], Sequence[Linea]] = lambda _persona: ()


_PARTES: list[Parte] = []


def registrar(parte: Parte) -> Parte:
    """Declare what an app holds of a kind of person."""
    if parte not in _PARTES:
        _PARTES.append(parte)
    return parte


def partes(entidad: str) -> list[Parte]:
    """What all apps hold of a kind of person."""
    return [parte for parte in _PARTES if parte.entidad == entidad]


def todas(modelo: type[_M]) -> QuerySet[_M]:
    """The rows of a table to be rewritten, also of one that is only ever inserted: nothing but
    erasing a person does that, and it takes no row away."""
    return QuerySet(modelo)


def tachar_rastro(entidad: str, ids: Collection[str], tacha: Tacha) -> None:
    """Cross a person out of the history and the proposals of some objects: what was done, by whom
    and when stays."""
    propuestas = Propuesta.objects.filter(entidad=entidad, entidad_id__in=ids)
    de_propuestas = list(propuestas.values_list("id_publico", flat=True))
    _tachar_historial(entidad, ids, tacha)
    _tachar_historial("propuesta", de_propuestas, tacha)
    tacha.columnas(propuestas, "motivo", "datos", "visto")


def _tachar_historial(entidad: str, ids: Collection[str], tacha: Tacha) -> None:
    for hecho in todas(Historial).filter(entidad=entidad, entidad_id__in=ids).iterator():
        datos = {
            clave: tacha.en(valor)
            for clave, valor in hecho.datos.items()
            # Both accounts of a change of account are encrypted texts.
            if clave not in _SUYOS and not (clave in ("antes", "despues") and _es_texto(valor))
        }
        motivo = tacha(hecho.motivo)
        if (motivo, datos) != (hecho.motivo, hecho.datos):
            todas(Historial).filter(pk=hecho.pk).update(motivo=motivo, datos=datos)


def _es_texto(valor: object) -> bool:
    return isinstance(valor, str)


def olvidar_en_el_panel(*filas: Model) -> None:
    """Django's own log of the admin keeps how rows were called."""
    for fila in filas:
        tipo = ContentType.objects.get_for_model(type(fila))
        LogEntry.objects.filter(content_type=tipo, object_id=str(fila.pk)).update(
            object_repr=f"{tipo.model} {fila.pk}", change_message=""
        )


def empaquetar(secciones: Iterable[Seccion]) -> bytes:
    """A ZIP with all of it as JSON and, of each section with rows, a CSV that no spreadsheet takes
    for formulas."""
    todo = {nombre: [dict(fila) for fila in filas] for nombre, filas in secciones}
    papel = io.BytesIO()
    with zipfile.ZipFile(papel, "w", zipfile.ZIP_DEFLATED) as paquete:
        texto = json.dumps(todo, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        paquete.writestr("datos.json", texto)
        for nombre, filas in todo.items():
            if filas:
                paquete.writestr(f"{nombre}.csv", _csv(filas))
    return papel.getvalue()


def _csv(filas: Sequence[Fila]) -> bytes:
    papel = io.StringIO()
    hoja = csv.writer(papel, lineterminator="\r\n")
    hoja.writerow(filas[0])
    for fila in filas:
        hoja.writerow([_celda(valor) for valor in fila.values()])
    # What tells a spreadsheet that it is UTF-8.
    return b"\xef\xbb\xbf" + papel.getvalue().encode(errors="replace")


def _celda(valor: object) -> str:
    if isinstance(valor, str):
        return celda(valor)
    if valor is None:
        return ""
    if isinstance(valor, dict | list):
        return celda(json.dumps(valor, cls=DjangoJSONEncoder, ensure_ascii=False))
    return json.dumps(valor, cls=DjangoJSONEncoder).strip('"')
