"""All writes of exports but the work itself (``avance``): asked for, taken, forgotten."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.exportacion.columnas import Columna, con_lo_suyo
from alpespartner.comun.exportacion.errores import (
    DemasiadasExportaciones,
    FiltroDemasiadoLargo,
    SinFichero,
)
from alpespartner.comun.exportacion.estados import EXPORTACION, VIVAS
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.listas.pagina import filas_de
from alpespartner.comun.listas.recorrido import claves_de_todo
from alpespartner.comun.models import EstadoExportacion, Exportacion, TrozoExportado
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.turnos import tomar

ACTOR = sistema("exportaciones")
# A list of up to this many rows is written while whoever asks for it waits.
DIRECTAS = 5_000
# Runs of keys that a person waits for: a filter that matches little may look at many in vain.
TRAMOS_DIRECTOS = 20
# Rows that are read at once.
PORCION = 1_000
# Files that one person may have on the way.
A_LA_VEZ = 3
# For how long a file is kept.
DIAS = 3
MAX_FILTRO = 2_000
_VIEJAS = Ronda()


def exportar_ahora(
    *, modelo: str, filtro: str, consulta: QuerySet[Any], columnas: Sequence[Columna], actor: Actor
) -> tuple[bytes, datetime] | None:
    """The file of a list as it is at one instant, and that instant; None when it is too long to
    wait for it. The history says who took what."""
    with instantanea():
        leida_en = timezone.now()
        claves: list[Any] = []
        for n, tramo in enumerate(claves_de_todo(consulta), start=1):
            claves += tramo
            if len(claves) > DIRECTAS or n > TRAMOS_DIRECTOS:
                return None
        partes = [hoja.cabecera(columnas)]
        for inicio in range(0, len(claves), PORCION):
            suyas = claves[inicio : inicio + PORCION]
            partes.append(
                hoja.lineas_de(filas_de(propia(consulta.model, columnas), suyas), columnas)
            )
    paso(
        entidad="exportacion", entidad_id=nuevo_id("exp"), accion="exportar", actor=actor,
        datos={"lista": modelo, "filtro": filtro, "filas": len(claves), "leida_en": leida_en},
    ).save()  # fmt: skip
    return b"".join(partes), leida_en


def propia(modelo: type[Model], columnas: Sequence[Columna]) -> QuerySet[Any]:
    """Rows of a list's table, with what its columns need: the keys already say which."""
    return con_lo_suyo(modelo._default_manager.all(), columnas)


def pedir_exportacion(*, modelo: str, filtro: str, bom: bool, actor: Actor) -> Exportacion:
    """Queue a list to be written as a file by a task.

    Raises :class:`DemasiadasExportaciones` and :class:`FiltroDemasiadoLargo`.
    """
    if len(filtro) > MAX_FILTRO:
        raise FiltroDemasiadoLargo()
    with transaction.atomic():
        # Two requests of one person would each count the other out.
        tomar([f"exportar-{actor}"[:32]])
        suyas = Exportacion.objects.filter(creada_por=str(actor), estado__in=VIVAS)
        if suyas.count() >= A_LA_VEZ:
            raise DemasiadasExportaciones()
        exportacion = Exportacion.objects.create(
            id_publico=nuevo_id("exp"), modelo=modelo, filtro=filtro, bom=bom, creada_por=str(actor)
        )
        paso(
            entidad="exportacion", entidad_id=exportacion.id_publico, accion="exportar",
            actor=actor, estado_nuevo=exportacion.estado,
            datos={"lista": modelo, "filtro": filtro},
        ).save()  # fmt: skip
        encolar(exportacion.pk)
    return exportacion


def encolar(exportacion_pk: int) -> None:
    """Queue the work when the transaction commits; the sweeper covers a lost one."""
    cola.encolar("exportaciones.avanzar", exportacion_pk)


def anotar_descarga(*, exportacion: Exportacion, actor: Actor) -> Exportacion:
    """Who takes the file of an export goes to the history. Raises :class:`SinFichero`."""
    with transaction.atomic():
        actual = Exportacion.objects.select_for_update().get(pk=exportacion.pk)
        if actual.estado != EstadoExportacion.LISTA:
            raise SinFichero()
        paso(
            entidad="exportacion", entidad_id=actual.id_publico, accion="descargar", actor=actor,
            datos={"lista": actual.modelo, "filtro": actual.filtro, "filas": actual.total},
        ).save()  # fmt: skip
    return actual


def entregar_exportacion(*, exportacion: Exportacion, actor: Actor) -> Iterator[bytes]:
    """The file of a list, a part at a time. Raises what :func:`anotar_descarga` does."""
    return _partes(anotar_descarga(exportacion=exportacion, actor=actor))


def _partes(exportacion: Exportacion) -> Iterator[bytes]:
    if exportacion.bom:
        yield hoja.BOM
    # One at a time: a file of a million rows is never whole in memory.
    for pk in list(exportacion.trozos.order_by("numero").values_list("pk", flat=True)):
        trozo = TrozoExportado.objects.filter(pk=pk).first()
        if trozo is None or trozo.contenido is None:
            # It ran out in the middle: a file that is cut must not look whole.
            raise SinFichero()
        yield zlib.decompress(trozo.contenido)


def purgar_exportaciones() -> int:
    """Delete the files that were kept long enough; returns how many."""
    viejas = Exportacion.objects.filter(
        estado=EstadoExportacion.LISTA,
        actualizado_en__lt=timezone.now() - timedelta(days=DIAS),
    )

    def borrar(pk: int) -> int:
        with transaction.atomic():
            actual = viejas.filter(pk=pk).select_for_update(skip_locked=True).first()
            if actual is None:
                return 0
            TrozoExportado.objects.filter(exportacion=pk).delete()
            EXPORTACION.transitar(actual, EstadoExportacion.CADUCADA, accion="caducar", actor=ACTOR)
        return 1

    return _VIEJAS.cada(viejas, 50, borrar, "exportación guardada")
