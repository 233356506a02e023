"""What reading a document may refuse."""

from __future__ import annotations

from alpespartner.comun.errores import DatoInvalido


class TablaIlegible(DatoInvalido):
    """The file is no table, or one too large: nothing of it is taken."""

    codigo = "tabla_ilegible"
    campo = "fichero"


class ErrorDeFichero(ValueError):
    """A file that cannot be used: which, where and why."""

    def __init__(self, archivo: str, linea: int | None, motivo: str) -> None:
        lugar = archivo if linea is None else f"{archivo}, línea {linea}"
        super().__init__(f"{lugar}: {motivo}")
        self.archivo = archivo
        self.linea = linea
        self.motivo = motivo


class FilaInvalida(ErrorDeFichero):
    """A row, or the header, of a file cannot be used."""
