"""How far the feed goes: the mark below which no event can appear any more.

Positions are given when a row is inserted, and rows are seen when they are committed: a lower one
may be seen later. Whoever had read past it would never get it. So the feed ends where the first
position is missing that may still come.

- On SQLite none may: there is one writer at a time, and what it undoes gives its numbers back.
- On MySQL a missing position is of a transaction that is open, or of nobody: its transaction was
  undone, or died. Which of them is asked of the database: InnoDB holds a lock on each row that is
  not committed, and a locking read that does not wait is refused by it. Only between taking a
  number and inserting its row, which is a moment of one INSERT, is there no lock yet: so a position
  counts as nobody's once it has been missing for ``ESPERA`` besides.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import OperationalError, connection
from django.db.models import Max

from outbox.models import MarcaDelFlujo, OutboxEvent

ESPERA = timedelta(seconds=5)
# ER_LOCK_NOWAIT.
_CON_CANDADO = 3572
_TANDA = 5_000
# Of one run: the next one goes on.
_TANDAS = 40


def marca() -> MarcaDelFlujo:
    """The one row, which need not be there yet."""
    return MarcaDelFlujo.objects.filter(pk=1).first() or MarcaDelFlujo(pk=1)


def avanzar() -> int:
    """Move the mark as far as it goes now; returns where it is. Several may run at once: what is
    decided stays so."""
    if connection.vendor == "sqlite":
        return 0
    actual, _nueva = MarcaDelFlujo.objects.get_or_create(pk=1)
    # Before the clock is read: it was there by then.
    cima = OutboxEvent.objects.aggregate(cima=Max("posicion"))["cima"] or 0
    ahora = _reloj()
    fila = MarcaDelFlujo.objects.filter(pk=1)
    viejas = 0
    # A clock that went back begins to count anew.
    if actual.vista_en is None or not timedelta(0) <= ahora - actual.vista_en < ESPERA:
        if actual.vista_en is not None and actual.vista_en <= ahora:
            viejas = actual.vista
        fila.update(vista=cima, vista_en=ahora)
    hasta = _hasta_donde(max(actual.hasta, actual.purgado), viejas)
    fila.filter(hasta__lt=hasta).update(hasta=hasta)
    return hasta


def _hasta_donde(hasta: int, viejas: int) -> int:
    """The last position with none missing before it, but for those that are nobody's; of these only
    the ones below ``viejas`` have been missing for long enough."""
    for _tanda in range(_TANDAS):
        siguientes = OutboxEvent.objects.filter(posicion__gt=hasta).order_by("posicion")
        posiciones = list(siguientes.values_list("posicion", flat=True)[:_TANDA])
        for posicion in posiciones:
            faltan = posicion > hasta + 1
            if faltan and (posicion > viejas or not _de_nadie(hasta + 1, posicion - 1)):
                return hasta
            hasta = posicion
        if len(posiciones) < _TANDA:
            break
    return hasta


def _de_nadie(primera: int, ultima: int) -> bool:
    """Whether no row has these positions, committed or not."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT posicion FROM outbox_event WHERE posicion BETWEEN %s AND %s"
                " LIMIT 1 FOR SHARE NOWAIT",
                [primera, ultima],
            )
        except OperationalError as exc:
            if exc.args[0] != _CON_CANDADO:
                raise
            return False
        return cursor.fetchone() is None


def _reloj() -> datetime:
    """The database's, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT UTC_TIMESTAMP(6)")
        valor: datetime = cursor.fetchone()[0]
    return valor.replace(tzinfo=UTC)


def anotar_purga(hasta: int) -> None:
    """Note, in the transaction that deletes them, that events up to a position are gone."""
    MarcaDelFlujo.objects.get_or_create(pk=1)
    MarcaDelFlujo.objects.filter(pk=1, purgado__lt=hasta).update(purgado=hasta)
