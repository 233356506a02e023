"""What reading a document may refuse."""

from __future__ import annotations

from alpespartner.comun.errores import DatoInvalido


class TablaIlegible(DatoInvalido):
    """The file is no table, or one too large: nothing of it is taken."""

    codigo = "tabla_ilegible"
    campo = "fichero"
