"""Working through an import: a portion of rows in one transaction with how far it is, so that it
may be begun again after any crash. A rehearsal does the same and undoes it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor, de_texto, sistema
from alpespartner.comun.db.reintento import es_pasajero, reintentar
from alpespartner.comun.documentos.errores import TablaIlegible
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda
from conversiones.fuentes.aplicacion import Dicho, aplicar, rechazada
from conversiones.fuentes.estados import (
    IMPORTACION,
    VIVAS,
    EstadoImportacion,
    Resultado,
    TipoImportacion,
)
from conversiones.fuentes.lectura import Fila, filas_de, grupo
from conversiones.fuentes.models import FilaImportada, Importacion
from conversiones.fuentes.services import (
    CUENTAS,
    encolar,
    olvidar_sin_aplicar,
    puede_importar,
    tabla_de,
)

log = logging.getLogger(__name__)

ACTOR = sistema("importaciones")
# Rows of a transaction: on SQLite every other writer waits for it.
PORCION = 250
# For how long a task goes on before others have their turn.
SEGUNDOS = 5.0
# Without news for this long, one may have lost its task, or never had one.
SEGUNDOS_SIN_NOTICIAS = 1
_PARADAS = Ronda()


def avanzar_importacion(
    *,
    importacion_pk: int,
    segundos: float = SEGUNDOS,
    tras: Callable[[], None] = lambda: None,
) -> None:
    """Go on with an import, and queue the rest after ``segundos``; ``tras`` is called after each
    portion. It may run any number of times, at once or after a crash."""
    importacion = Importacion.objects.filter(pk=importacion_pk, estado__in=VIVAS).first()
    if importacion is None:
        return
    columnas = importacion.columnas
    try:
        filas = filas_de(importacion.tipo, tabla_de(importacion_pk), columnas)
    except (TablaIlegible, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        _parar(importacion_pk, _("El fichero guardado no se puede leer."))
        return

    def porcion() -> bool:
        quedan = reintentar(lambda: _avanzar_porcion(importacion_pk, filas, columnas))
        tras()
        return quedan

    por_porciones(porcion, segundos=segundos, seguir=lambda: encolar(importacion_pk))


def _parar(importacion_pk: int, motivo: str) -> None:
    """Stop one that cannot go on; a rehearsal is left to be forgotten."""
    with transaction.atomic():
        importacion = (
            Importacion.objects.select_for_update(skip_locked=True)
            .filter(pk=importacion_pk, estado=EstadoImportacion.EN_CURSO)
            .first()
        )
        if importacion is not None:
            IMPORTACION.transitar(
                importacion, EstadoImportacion.DETENIDA, accion="detener", actor=ACTOR,
                motivo=motivo,
            )  # fmt: skip


def barrer_importaciones() -> int:
    """Queue again the imports without news, and forget what nobody applied; returns how many were
    queued."""
    paradas = Importacion.objects.filter(
        estado__in=VIVAS,
        actualizado_en__lt=timezone.now() - timedelta(seconds=SEGUNDOS_SIN_NOTICIAS),
    )
    encoladas = 0
    for pk in _PARADAS.siguientes(paradas, 50):
        encolar(pk)
        encoladas += 1
    olvidar_sin_aplicar()
    return encoladas


def _avanzar_porcion(importacion_pk: int, filas: Sequence[Fila], columnas: dict[str, str]) -> bool:
    """A portion in one transaction; whether to go on at once."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        importacion = (
            Importacion.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("campana")
            .filter(pk=importacion_pk, estado__in=VIVAS)
            .first()
        )
        # Rows that were read under other headers are others.
        if importacion is None or importacion.columnas != columnas:
            return False
        actor = de_texto(importacion.creada_por)
        ensayo = importacion.estado == EstadoImportacion.ENSAYANDO
        if not ensayo and not puede_importar(actor, importacion.tipo):
            IMPORTACION.transitar(
                importacion, EstadoImportacion.DETENIDA, accion="detener", actor=ACTOR,
                motivo=_("Quien la subió ya no es del personal o ya no tiene permiso."),
            )  # fmt: skip
            return False
        porcion = _porcion(importacion, filas)
        dichos = _hacer(importacion, porcion, actor, ensayo=ensayo)
        _anotar(importacion, dichos, ensayo=ensayo)
        importacion.hasta += len(porcion)
        if importacion.hasta < len(filas):
            importacion.actualizado_en = timezone.now()
            importacion.save(update_fields=["actualizado_en", *CUENTAS])
            return True
        _terminar(importacion, ensayo=ensayo)
    return False


def _porcion(importacion: Importacion, filas: Sequence[Fila]) -> Sequence[Fila]:
    """The next rows; of refunds, all those of a sale, so that together they are no more than it."""
    desde, hasta = importacion.hasta, importacion.hasta + PORCION
    if importacion.tipo == TipoImportacion.DEVOLUCIONES:
        while desde < hasta < len(filas) and grupo(filas[hasta]) == grupo(filas[hasta - 1]):
            hasta += 1
    return filas[desde:hasta]


def _terminar(importacion: Importacion, *, ensayo: bool) -> None:
    destino, accion = EstadoImportacion.TERMINADA, "terminar"
    if ensayo:
        destino, accion = EstadoImportacion.POR_CONFIRMAR, "ensayada"
    elif not importacion.creadas:
        # Nothing of it is there: with its columns corrected it may be uploaded again.
        importacion.aplicada = None
    IMPORTACION.transitar(
        importacion, destino, accion=accion, actor=ACTOR, campos=(*CUENTAS, "aplicada"),
        datos={campo: getattr(importacion, campo) for campo in CUENTAS[1:]},
    )  # fmt: skip


def _hacer(
    importacion: Importacion, filas: Sequence[Fila], actor: Actor, *, ensayo: bool
) -> list[Dicho]:
    """What became of each row: of all together or, when one of them spoils that, by halves until it
    is alone."""
    legibles = [fila for fila in filas if fila.problema is None]
    hechos = {}
    if legibles:
        dichos = _juntas(importacion, legibles, actor, ensayo=ensayo)
        hechos = {dicho.fila.linea: dicho for dicho in dichos}
    return [
        hechos[fila.linea] if fila.problema is None else rechazada(fila, fila.problema)
        for fila in filas
    ]


def _juntas(
    importacion: Importacion, filas: Sequence[Fila], actor: Actor, *, ensayo: bool
) -> list[Dicho]:
    try:
        with transaction.atomic():
            dichos = aplicar(importacion, filas, actor)
            if ensayo:
                transaction.set_rollback(True)
        return dichos
    except Exception as exc:
        if isinstance(exc, OperationalError) and es_pasajero(exc):
            raise
        if len(filas) == 1:
            log.exception("importación %s, línea %s: no se pudo", importacion.pk, filas[0].linea)
            return [rechazada(filas[0], Conflicto(
                _("No se pudo (%(error)s): prueba a hacerla a mano.")
                % {"error": type(exc).__name__}
            ))]  # fmt: skip
    mitad = len(filas) // 2
    return [
        *_juntas(importacion, filas[:mitad], actor, ensayo=ensayo),
        *_juntas(importacion, filas[mitad:], actor, ensayo=ensayo),
    ]


def sumas_de(importacion: Importacion) -> dict[str, tuple[int, Decimal]]:
    """How many rows of each currency were good, and their sum; nothing if no service wrote it."""
    try:
        return {m: (int(n), Decimal(suma)) for m, (n, suma) in importacion.sumas.items()}
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return {}


def _anotar(importacion: Importacion, dichos: Sequence[Dicho], *, ensayo: bool) -> None:
    """Write what became of each row, and count it."""
    FilaImportada.objects.bulk_create(
        FilaImportada(
            importacion=importacion,
            linea=dicho.fila.linea,
            resultado=dicho.resultado,
            objeto=dicho.objeto,
            columna=importacion.columnas.get(dicho.campo, dicho.campo)[:100],
            detalle=dicho.detalle,
        )
        for dicho in dichos
        if not ensayo or dicho.resultado != Resultado.CREADA
    )
    sumas = sumas_de(importacion)
    for dicho in dichos:
        match dicho.resultado:
            case Resultado.CREADA:
                importacion.creadas += 1
            case Resultado.YA:
                importacion.ya += 1
            case _:
                importacion.rechazadas += 1
        if dicho.resultado == Resultado.CREADA and dicho.moneda:
            n, suma = sumas.get(dicho.moneda, (0, dinero.CERO))
            sumas[dicho.moneda] = (n + 1, suma + dicho.monto)
    importacion.sumas = {
        moneda: [n, dinero.texto(suma, moneda)] for moneda, (n, suma) in sorted(sumas.items())
    }
