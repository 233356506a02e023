"""What simulating may refuse: each error says where and why."""

from __future__ import annotations


class ErrorSimulacion(ValueError):
    """A policy or a file of conversions that cannot be simulated: file, line and reason."""

    def __init__(self, archivo: str, linea: int | None, motivo: str) -> None:
        lugar = archivo if linea is None else f"{archivo}, línea {linea}"
        super().__init__(f"{lugar}: {motivo}")
        self.archivo = archivo
        self.linea = linea
        self.motivo = motivo


class PoliticaInvalida(ErrorSimulacion):
    """The policy is not JSON, or says something that cannot be paid."""


class FilaInvalida(ErrorSimulacion):
    """A row, or the header, of the conversions cannot be used."""
