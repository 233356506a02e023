"""MySQL whose transactions begin with BEGIN, and whose connection is asked after a rest only.

Django turns autocommit off and on around each transaction, and pings before the first query of each
request: three round trips of a request that has four of its own.
"""

from __future__ import annotations

import math
import time
from typing import Any

import MySQLdb
from django.db import IntegrityError
from django.db.backends.mysql import base

# A connection that answered this long ago is there: no server comes back in less.
_RECIENTE = 1.0


class _Cursor(base.CursorWrapper):
    """Names what a constraint refuses as Django does, also in the second of several statements."""

    def nextset(self) -> Any:
        try:
            return self.cursor.nextset()
        except MySQLdb.OperationalError as exc:
            if exc.args[0] in self.codes_for_integrityerror:
                raise IntegrityError(*exc.args) from exc
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for the two."""

    _usada = -math.inf

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor, and when the connection was last asked for one."""
        self._usada = time.monotonic()
        return _Cursor(self.connection.cursor())

    def close_if_health_check_failed(self) -> None:
        """Ask a connection whether it is there, unless it just was.

        One that is lost meanwhile fails its request, as one lost while it is in use does.
        """
        if time.monotonic() - self._usada < _RECIENTE:
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _start_transaction_under_autocommit(self) -> None:
        """Called by ``atomic()``; what ends the transaction finds autocommit as it was."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN")
