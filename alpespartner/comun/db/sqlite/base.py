"""SQLite whose write transactions queue on a file lock.

SQLite lets a waiting writer sleep and try again, up to 100 ms apart: under load some wait for
seconds while others overtake them. A blocking ``flock`` wakes the next writer at once. It only
orders the turns: correctness rests on ``BEGIN IMMEDIATE``, as without it, and the kernel lets go
of the lock of a process that dies.

Its decimals are whatever was written around the services: SQLite holds any number, or a text, in a
column of money. One such row must not stop whoever reads a list of them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.backends.sqlite3 import base, operations
from django.db.models.expressions import Col

from alpespartner.comun.dinero import CONTEXTO, DIGITOS, sin_signo

# What a value that is no number, or has no end, reads as: over every maximum.
_DESMEDIDO = Decimal(10) ** (2 * DIGITOS)
# SQLite's numbers hold this many digits.
_BINARIO = CONTEXTO.copy()
_BINARIO.prec = 15


def _decimal(valor: Any) -> Decimal:
    try:
        numero = (
            _BINARIO.create_decimal_from_float(valor)
            if isinstance(valor, float)
            else Decimal(valor)
        )
    except (InvalidOperation, TypeError, ValueError):
        return _DESMEDIDO
    if not numero.is_finite() or abs(numero) > _DESMEDIDO:
        return _DESMEDIDO.copy_sign(numero)
    return sin_signo(numero)


class Operaciones(operations.DatabaseOperations):
    """Reads every decimal that a column or a sum may hold; none is an error."""

    def get_decimalfield_converter(self, expression: Any) -> Callable[..., Decimal | None]:
        """As Django's, but for numbers of more digits than the column declares."""
        campo: Any = expression.output_field
        lugares = campo.decimal_places if isinstance(expression, Col) else None
        unidad = None if lugares is None else Decimal(1).scaleb(-lugares)

        def convertir(valor: Any, expresion: Any, conexion: Any) -> Decimal | None:
            if valor is None:
                return None
            numero = _decimal(valor)
            return numero if unidad is None else numero.quantize(unidad, context=CONTEXTO)

        return convertir


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the turn before ``BEGIN IMMEDIATE`` and leaves it after COMMIT or ROLLBACK."""

    ops_class = Operaciones
    _turno: int | None = None

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
            descriptor = os.open(
                f"{self.settings_dict['NAME']}-turno", os.O_RDWR | os.O_CREAT, 0o640
            )
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._turno = descriptor

    def _dejar_turno(self) -> None:
        if self._turno is not None:
            os.close(self._turno)
            self._turno = None
