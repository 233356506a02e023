"""Writing a long list: its keys as they are at one instant, and then its rows, a portion at a time.

The keys are kept, so the file has the rows that the list had at that instant, each once, whatever
happens to them while it is written; the values are those of when each portion is read. A portion is
written whole or not at all, so it may be begun again after any crash.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from django.db import DatabaseError, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.exportacion.columnas import Columna
from alpespartner.comun.exportacion.errores import ExportacionDemasiadoGrande
from alpespartner.comun.exportacion.estados import EXPORTACION, VIVAS
from alpespartner.comun.exportacion.services import ACTOR, PORCION, encolar, propia
from alpespartner.comun.listas.pagina import filas_de
from alpespartner.comun.listas.recorrido import claves_de_todo
from alpespartner.comun.models import EstadoExportacion, Exportacion, TrozoExportado
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda

log = logging.getLogger(__name__)

# For how long a task goes on before others have their turn.
SEGUNDOS = 2.0
# Without news for this long, an export lost its task; a new one may never have had one.
SEGUNDOS_PERDIDA = 30
SEGUNDOS_EN_COLA = 1
# Portions that are begun and do not end: something kills whoever works on it.
MAX_INTENTOS = 5
# Eight bytes of memory for each, while they are read.
MAX_FILAS = 2_000_000
_POR_SENTENCIA = 200
_NUEVAS, _PERDIDAS = Ronda(), Ronda()


class Contenido(Protocol):
    """What an export is written from."""

    def leer(self) -> tuple[datetime, list[bytes], int]:
        """The instant at which it is read, its keys by portions, and how many rows they are."""
        ...

    def escribir(self, trozo: TrozoExportado) -> tuple[bytes, int]:
        """A portion as it is kept, and how many rows count as written with it."""
        ...


@dataclass(frozen=True, slots=True)
class Origen:
    """Where a list comes from: its table, the columns, and the rows that it has now for whoever
    asked for it."""

    modelo: type[Model]
    columnas: Sequence[Columna]
    consulta: Callable[[], QuerySet[Any]]

    def leer(self) -> tuple[datetime, list[bytes], int]:
        """Raises :class:`ExportacionDemasiadoGrande`."""
        return _leer_claves(self.consulta())

    def escribir(self, trozo: TrozoExportado) -> tuple[bytes, int]:
        """Lines, the names of the columns before the first."""
        claves = hoja.leidas(bytes(trozo.claves))
        filas = filas_de(propia(self.modelo, self.columnas), claves)
        lineas = hoja.lineas_de(filas, self.columnas)
        if trozo.numero == 0:
            lineas = hoja.cabecera(self.columnas) + lineas
        return lineas, len(claves)


# It raises when whoever asked for it may not see it any more.
Fuente: TypeAlias = Callable[[Exportacion], Contenido]


def avanzar_exportacion(*, exportacion_pk: int, fuente: Fuente, segundos: float = SEGUNDOS) -> None:
    """Go on with an export, and queue the rest after ``segundos``. It may run any number of times,
    at once or after a crash."""
    por_porciones(
        lambda: _avanzar(exportacion_pk, fuente),
        segundos=segundos,
        seguir=lambda: encolar(exportacion_pk),
    )


def barrer_exportaciones() -> int:
    """Queue again the exports without news; returns how many."""
    encoladas = 0
    vivas = Exportacion.objects.filter(estado__in=VIVAS)
    nuevas = Exportacion.objects.filter(estado=EstadoExportacion.ENCOLADA, intentos=0)
    for ronda, suyas, segundos in (
        (_NUEVAS, nuevas, SEGUNDOS_EN_COLA),
        (_PERDIDAS, vivas, SEGUNDOS_PERDIDA),
    ):
        antes = timezone.now() - timedelta(seconds=segundos)
        for pk in ronda.siguientes(suyas.filter(actualizado_en__lt=antes), 20):
            encolar(pk)
            encoladas += 1
    return encoladas


def _avanzar(pk: int, fuente: Fuente) -> bool:
    """A step of the work; whether to go on at once."""
    exportacion = _empezar_paso(pk)
    if exportacion is None:
        return False
    try:
        if exportacion.intentos > MAX_INTENTOS:
            raise _Interrumpida(_("Se interrumpió varias veces: pídela otra vez."))
        origen = fuente(exportacion)
        if exportacion.estado == EstadoExportacion.ENCOLADA:
            return _guardar_claves(exportacion, origen)
        return _escribir_porcion(exportacion, origen)
    except DatabaseError:
        # Busy, or gone: the sweeper tries again.
        raise
    except ErrorDominio as exc:
        _fallar(exportacion, exc.mensaje)
    except Exception as exc:
        log.exception("exportación %s", exportacion.id_publico)
        _fallar(exportacion, type(exc).__name__)
    return False


class _Interrumpida(ErrorDominio):
    """Whoever worked on it was killed, time after time."""


def _empezar_paso(pk: int) -> Exportacion | None:
    """The export, if there is work to do, with one more try: a step that ends takes it back."""
    vivas = Exportacion.objects.filter(pk=pk, estado__in=VIVAS)
    if not vivas.update(intentos=F("intentos") + 1, actualizado_en=timezone.now()):
        return None
    return vivas.first()


def _guardar_claves(exportacion: Exportacion, origen: Contenido) -> bool:
    leida_en, trozos, total = origen.leer()
    with transaction.atomic():
        actual = Exportacion.objects.select_for_update().get(pk=exportacion.pk)
        if actual.estado != EstadoExportacion.ENCOLADA:
            # Another worker did it.
            return False
        for inicio in range(0, len(trozos), _POR_SENTENCIA):
            TrozoExportado.objects.bulk_create(
                TrozoExportado(exportacion=actual, numero=n, claves=claves)
                for n, claves in enumerate(trozos[inicio : inicio + _POR_SENTENCIA], start=inicio)
            )
        actual.total, actual.leida_en, actual.intentos = total, leida_en, 0
        EXPORTACION.transitar(
            actual, EstadoExportacion.EN_CURSO, accion="iniciar", actor=ACTOR,
            campos=("total", "leida_en", "intentos"), datos={"filas": total},
        )  # fmt: skip
    return True


def _leer_claves(consulta: QuerySet[Any]) -> tuple[datetime, list[bytes], int]:
    """The instant at which the list was read, its keys by portions, and how many they are. Raises
    :class:`ExportacionDemasiadoGrande`."""
    trozos: list[bytes] = []
    total = 0
    with instantanea():
        leida_en = timezone.now()
        quedan: list[Any] = []
        for tramo in claves_de_todo(consulta):
            total += len(tramo)
            if total > MAX_FILAS:
                raise ExportacionDemasiadoGrande()
            quedan += tramo
            while len(quedan) >= PORCION:
                trozos.append(hoja.guardadas(quedan[:PORCION]))
                del quedan[:PORCION]
    if quedan or not trozos:
        # Of an empty list there is still the first line.
        trozos.append(hoja.guardadas(quedan))
    return leida_en, trozos, total


def _escribir_porcion(exportacion: Exportacion, origen: Contenido) -> bool:
    por_hacer = exportacion.trozos.filter(contenido=None, numero__gte=exportacion.hechas // PORCION)
    trozo = por_hacer.order_by("numero").first()
    if trozo is None:
        return False
    contenido, cuantas = origen.escribir(trozo)
    with transaction.atomic():
        actual = Exportacion.objects.select_for_update().get(pk=exportacion.pk)
        mio = TrozoExportado.objects.filter(pk=trozo.pk, contenido=None)
        if actual.estado != EstadoExportacion.EN_CURSO or not mio.update(
            contenido=zlib.compress(contenido, 6), claves=b""
        ):
            # Another worker did this portion.
            return False
        actual.hechas += cuantas
        actual.intentos = 0
        if actual.hechas < actual.total:
            actual.actualizado_en = timezone.now()
            actual.save(update_fields=["hechas", "intentos", "actualizado_en"])
            return True
        actual.terminada_en = timezone.now()
        EXPORTACION.transitar(
            actual, EstadoExportacion.LISTA, accion="terminar", actor=ACTOR,
            campos=("hechas", "intentos", "terminada_en"), datos={"filas": actual.total},
        )  # fmt: skip
    return False


def _fallar(exportacion: Exportacion, problema: str) -> None:
    with transaction.atomic():
        actual = Exportacion.objects.select_for_update().get(pk=exportacion.pk)
        if not EXPORTACION.permite(actual.estado, EstadoExportacion.FALLIDA):
            return
        actual.problema = problema[:500]
        EXPORTACION.transitar(
            actual, EstadoExportacion.FALLIDA, accion="fallar", actor=ACTOR,
            campos=("problema",), datos={"problema": actual.problema},
        )  # fmt: skip
        TrozoExportado.objects.filter(exportacion=actual).delete()
