"""Reading a consistent picture of a database that others are writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def instantanea() -> Iterator[None]:
    """All queries inside see the same moment, and no writer waits for them.

    Not ``atomic()``: on SQLite that takes the write lock, and on MySQL each query of READ COMMITTED
    sees a newer moment. Inside a transaction of the caller's it is that one's view.
    """
    if connection.in_atomic_block:
        yield
        return
    ordenes = ["BEGIN"]
    if connection.vendor == "mysql":
        ordenes = [
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ]
    with connection.cursor() as cursor:
        for orden in ordenes:
            cursor.execute(orden)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
