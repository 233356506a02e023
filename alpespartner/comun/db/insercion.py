"""Inserting a row that a unique constraint may refuse, without leaving the transaction."""

from __future__ import annotations

from django.db import IntegrityError, models, transaction


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
