"""SQLite whose write transactions queue on a file lock.

SQLite lets a waiting writer sleep and try again, up to 100 ms apart: under load some wait for
seconds while others overtake them. A blocking ``flock`` wakes the next writer at once. It only
orders the turns: correctness rests on ``BEGIN IMMEDIATE``, as without it, and the kernel lets go
of the lock of a process that dies.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the turn before ``BEGIN IMMEDIATE`` and leaves it after COMMIT or ROLLBACK."""

    _turno: int | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection to a file that is ours alone; its -wal and -shm take its mode."""
        if not self.is_in_memory_db():
            with suppress(OSError):  # SQLite says it better.
                os.close(os.open(conn_params["database"], os.O_RDWR | os.O_CREAT, 0o600))
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        self._tomar_turno()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._dejar_turno()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._dejar_turno()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._dejar_turno()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._dejar_turno()

    def _tomar_turno(self) -> None:
        if self._turno is None and not self.is_in_memory_db():
            try:
                descriptor = os.open(
                    f"{self.settings_dict['NAME']}-turno", os.O_RDWR | os.O_CREAT, 0o600
                )
            except OSError as exc:
                raise OperationalError(str(exc)) from exc
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._turno = descriptor

    def _dejar_turno(self) -> None:
        if self._turno is not None:
            os.close(self._turno)
            self._turno = None
