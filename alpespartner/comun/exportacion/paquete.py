"""All that is held of a person as a file: at once when it is little, else by the same task, a
portion at a time, as a list that is long."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from alpespartner.comun.actores import Actor
from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.documentos.paquetes import Pieza, en_zip, pieza
from alpespartner.comun.exportacion.errores import ExportacionDemasiadoGrande, SinFichero
from alpespartner.comun.exportacion.estados import EXPORTACION, VIVAS
from alpespartner.comun.exportacion.services import DIRECTAS, PORCION
from alpespartner.comun.models import EstadoExportacion, Exportacion, TrozoExportado
from alpespartner.comun.personales import Seccion, partes

# Of the ``modelo`` of an export that is no list: the kind of person follows, and ``filtro`` is who.
_DE = "datos."
# Eight bytes of memory for each, while they are read.
MAX_FILAS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Titular:
    """A kind of person: who has a public id (raises when there is nothing of theirs to take), and
    the permission to take it."""

    entidad: str
    buscar: Callable[[str], Any]
    permiso: str


_TITULARES: dict[str, Titular] = {}


def registrar_titular(titular: Titular) -> Titular:
    """Declare of whom all may be taken."""
    _TITULARES[titular.entidad] = titular
    return titular


def modelo_de(entidad: str) -> str:
    """How an export says that it is of a person."""
    return _DE + entidad


def titular_de(exportacion: Exportacion) -> Titular | None:
    """Of which kind of person an export is; None of a list."""
    if not exportacion.modelo.startswith(_DE):
        return None
    return _TITULARES.get(exportacion.modelo.removeprefix(_DE))


def es_de_alguien(exportacion: Exportacion) -> bool:
    """Whether an export is of a person, and so a ZIP."""
    return exportacion.modelo.startswith(_DE)


def filas_de_todo(entidad: str, persona: Any) -> int:
    """How many rows are held of a person."""
    return sum(
        filas.count() if isinstance(filas, QuerySet) else len(filas)
        for _nombre, filas in _secciones(entidad, persona)
    )


def cabe_en_una_respuesta(entidad: str, persona: Any) -> bool:
    """Whether somebody can wait for all that is held of a person."""
    return filas_de_todo(entidad, persona) <= DIRECTAS


def zip_de(entidad: str, persona: Any) -> Iterator[bytes]:
    """All that is held of a person, now, as a ZIP."""
    return en_zip(lambda: _piezas(_secciones(entidad, persona)))


def _secciones(entidad: str, persona: Any) -> Iterator[Seccion]:
    for parte in partes(entidad):
        yield from parte.secciones(persona)


def _piezas(secciones: Iterable[Seccion]) -> Iterator[Pieza]:
    for nombre, filas in secciones:
        if not isinstance(filas, QuerySet):
            yield pieza(nombre, filas)
            continue
        # Also of a section without rows there is a piece.
        juntas: list[Any] = []
        for fila in filas.iterator(PORCION):
            juntas.append(fila)
            if len(juntas) == PORCION:
                yield pieza(nombre, juntas)
                juntas = []
        yield pieza(nombre, juntas)


@dataclass(frozen=True, slots=True)
class Paquete:
    """What an export of a person is made of: its portions are of one section each."""

    entidad: str
    persona: Any

    def leer(self) -> tuple[datetime, list[bytes], int]:
        """The instant, the keys of each section by portions, and how many rows they are. Raises
        :class:`ExportacionDemasiadoGrande`."""
        vacios: list[bytes] = []
        llenos: list[bytes] = []
        total = 0
        with instantanea():
            leida_en = timezone.now()
            for nombre, filas in _secciones(self.entidad, self.persona):
                if not isinstance(filas, QuerySet):
                    (llenos if filas else vacios).append(_guardado([nombre, len(filas)]))
                    total += len(filas)
                    continue
                claves = list(filas.values_list("pk", flat=True)[: MAX_FILAS + 1])
                total += len(claves)
                if total > MAX_FILAS:
                    raise ExportacionDemasiadoGrande()
                if not claves:
                    vacios.append(_guardado([nombre, []]))
                for inicio in range(0, len(claves), PORCION):
                    llenos.append(_guardado([nombre, claves[inicio : inicio + PORCION]]))
        # The work ends when all rows are written: what has none goes first.
        return leida_en, vacios + llenos, total

    def escribir(self, trozo: TrozoExportado) -> tuple[bytes, int]:
        """A portion, and how many rows count as written with it."""
        nombre, claves = json.loads(zlib.decompress(bytes(trozo.claves)))
        filas: Any = dict(_secciones(self.entidad, self.persona))[nombre]
        if isinstance(filas, QuerySet):
            filas = filas.filter(pk__in=claves)
        cuantas = claves if isinstance(claves, int) else len(claves)
        return json.dumps(asdict(pieza(nombre, list(filas)))).encode(), cuantas


def _guardado(valor: Any) -> bytes:
    return zlib.compress(json.dumps(valor).encode())


def zip_guardado(exportacion: Exportacion) -> Iterator[bytes]:
    """The ZIP of an export that is ready; raises :class:`SinFichero` if it runs out meanwhile."""
    return en_zip(lambda: _piezas_de(exportacion))


def _piezas_de(exportacion: Exportacion) -> Iterator[Pieza]:
    for pk in list(exportacion.trozos.order_by("numero").values_list("pk", flat=True)):
        trozo = TrozoExportado.objects.filter(pk=pk).first()
        if trozo is None or trozo.contenido is None:
            raise SinFichero()
        yield Pieza(**json.loads(zlib.decompress(bytes(trozo.contenido))))


def olvidar_paquetes(entidad: str, id_publico: str, actor: Actor) -> None:
    """Delete what was taken of a person who is erased, in the caller's transaction."""
    suyas = Exportacion.objects.filter(modelo=modelo_de(entidad), filtro=id_publico)
    for exportacion in (
        suyas.filter(estado__in=(*VIVAS, EstadoExportacion.LISTA))
        .select_for_update()
        .order_by("pk")
    ):
        TrozoExportado.objects.filter(exportacion=exportacion).delete()
        lista = exportacion.estado == EstadoExportacion.LISTA
        EXPORTACION.transitar(
            exportacion,
            EstadoExportacion.CADUCADA if lista else EstadoExportacion.FALLIDA,
            accion="caducar" if lista else "fallar", actor=actor,
        )  # fmt: skip
