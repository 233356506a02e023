"""SQLite whose write transactions queue on a file lock.

SQLite lets a waiting writer sleep and try again, up to 100 ms apart: under load some wait for
seconds while others overtake them. A blocking ``flock`` wakes the next writer at once. It only
orders the turns: correctness rests on ``BEGIN IMMEDIATE``, as without it, and the kernel lets go
of the lock of a process that dies.

What its columns hold is whatever was written around the services: ``lectura.py`` reads it.
"""

from __future__ import annotations

import fcntl
import math
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base, operations
from django.db.models.expressions import Col

from alpespartner.comun.db.sqlite import lectura
from alpespartner.comun.dinero import CONTEXTO

lectura.instalar()


class Operaciones(operations.DatabaseOperations):
    """Reads whatever a column or a sum may hold; none is an error."""

    def get_db_converters(self, expression: Any) -> list[Any]:
        """As Django's, but for columns that may hold what is none of theirs."""
        clase = expression.output_field.get_internal_type()
        if clase in lectura.TEXTOS:
            return [lectura.texto_hasta(expression.output_field.max_length)]
        if clase in lectura.LECTORES:
            return [lectura.LECTORES[clase]]
        return super().get_db_converters(expression)

    def get_decimalfield_converter(self, expression: Any) -> Callable[..., Decimal | None]:
        """As Django's, but for numbers of more digits than the column declares."""
        campo: Any = expression.output_field
        lugares = campo.decimal_places if isinstance(expression, Col) else None
        unidad = None if lugares is None else Decimal(1).scaleb(-lugares)

        def convertir(valor: Any, expresion: Any, conexion: Any) -> Decimal | None:
            if valor is None:
                return None
            numero = lectura.decimal(valor)
            return numero if unidad is None else numero.quantize(unidad, context=CONTEXTO)

        return convertir


class _Cursor(base.SQLiteCursorWrapper):
    """A number that no column holds is equal to none, as MySQL says; the driver only fails.

    In a SELECT it goes as infinity, which compares as the number does; nothing is written so.
    """

    def execute(self, query: str, params: Any = None) -> Any:
        try:
            return super().execute(query, params)
        except OverflowError as exc:
            if not query.startswith("SELECT") or isinstance(params, Mapping):
                raise sqlite3.DataError(str(exc)) from exc
            return super().execute(query, [_cabe(valor) for valor in params])


def _cabe(valor: Any) -> Any:
    if not isinstance(valor, int) or -(2**63) <= valor < 2**63:
        return valor
    return math.inf if valor > 0 else -math.inf


def _crear(ruta: str) -> None:
    """Make an empty file, 0600, unless there is one.

    It is made aside and linked, for the database itself must never be opened here: a close drops
    the locks of every connection of this process, and the next process to leave then takes the
    log of the ones that stay (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    if os.path.exists(ruta):
        return
    descriptor, aparte = tempfile.mkstemp(dir=os.path.dirname(ruta) or ".")
    os.close(descriptor)
    try:
        os.link(aparte, ruta)
    finally:
        os.unlink(aparte)


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the turn before ``BEGIN IMMEDIATE`` and leaves it after COMMIT or ROLLBACK."""

    ops_class = Operaciones
    _turno: int | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection to a file that is ours alone; its -wal and -shm take its mode."""
        if not self.is_in_memory_db():
            with suppress(OSError):  # SQLite says it better.
                _crear(conn_params["database"])
        conexion = super().get_new_connection(conn_params)
        conexion.text_factory = lectura.texto_de
        return conexion

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that knows what to do with a number of any size."""
        return self.connection.cursor(factory=_Cursor)

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
