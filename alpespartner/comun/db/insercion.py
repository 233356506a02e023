"""Inserting: a row that a unique constraint may refuse, and rows by the thousand."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, models, transaction

from alpespartner.comun.db.remesa import Remesa

_POR_SENTENCIA = 500


def insertar_si_cabe(fila: models.Model) -> bool:
    """Insert in the caller's transaction; False when a constraint refuses the row.

    A concurrent twin waits here for the first one's commit. There is no savepoint to pay for: a
    refused INSERT undoes itself, in InnoDB as in SQLite, and nothing else of the transaction.
    """
    try:
        fila.save(force_insert=True)
    except IntegrityError:
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(False)
        return False
    return True


def insertar_todas(filas: Sequence[models.Model]) -> None:
    """Insert new rows of one model, whose values are no expressions; their keys do not come back
    (``poner_claves``).

    ``bulk_create`` writes the same. It compiles each value of each row, which takes longer than the
    database does, and a bulk approval inserts five rows for each commission.
    """
    for inicio in range(0, len(filas), _POR_SENTENCIA):
        remesa = Remesa()
        remesa.insertar(*filas[inicio : inicio + _POR_SENTENCIA])
        remesa.enviar()
