"""Errors of the engine: ``str()`` is a Spanish sentence for the user; ``codigo`` is stable.

``campo`` is what is wrong of the terms, the network or the inputs read back, by its name there
("porcentaje", "tramos", "tope"…); "" when it is no one thing of them.
"""

from __future__ import annotations

from typing import ClassVar


class ErrorMotor(ValueError):
    """Base of every error the engine raises on purpose."""

    codigo: ClassVar[str] = "motor"
    campo: str = ""

    def __init__(self, mensaje: str, *, campo: str = "") -> None:
        super().__init__(mensaje)
        self.campo = campo or self.campo


# What reading terms, or a record, that nobody's service wrote may raise: it is one bad row, not the
# end.
ILEGIBLE = (ErrorMotor, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class TerminosInvalidos(ErrorMotor):
    """The rule cannot be published or applied: a term is missing, out of range or contradictory."""

    codigo = "terminos_invalidos"


class TramosInvalidos(TerminosInvalidos):
    """The tiers leave a gap, overlap, are out of order or pay nothing defined."""

    codigo = "tramos_invalidos"
    campo = "tramos"


class HechosInvalidos(ErrorMotor):
    """The facts of the conversion are impossible: negative value, naive time, no quantity."""

    codigo = "hechos_invalidos"


class LineasInvalidas(HechosInvalidos):
    """The lines of a sale do not say what each cost, or do not add up to it."""

    codigo = "lineas_invalidas"


class MonedaDistinta(ErrorMotor):
    """Amounts of two currencies would be mixed."""

    codigo = "moneda_distinta"


class CicloEnRed(ErrorMotor):
    """An affiliate would be its own ancestor; ``afiliado`` is one in the cycle."""

    codigo = "ciclo_en_red"

    def __init__(self, mensaje: str, afiliado: str) -> None:
        super().__init__(mensaje)
        self.afiliado = afiliado


class RedInvalida(ErrorMotor):
    """The percentages of the network are out of range or over its cap."""

    codigo = "red_invalida"


class ReversoInvalido(ErrorMotor):
    """The refund does not fit the sale: more than what is left, or the sale has no value."""

    codigo = "reverso_invalido"


class CongeladoInvalido(ErrorMotor):
    """Frozen inputs cannot be read back: another format version, a missing or unknown field."""

    codigo = "congelado_invalido"
