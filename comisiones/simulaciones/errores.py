"""What simulating may refuse: each error says where and why."""

from __future__ import annotations

from alpespartner.comun.documentos.errores import ErrorDeFichero


class PoliticaInvalida(ErrorDeFichero):
    """The policy is not JSON, or says something that cannot be paid."""
