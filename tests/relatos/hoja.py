"""What a pure function says, a line each, to be compared with a file as stories are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comisiones.motor.congelado import a_json
from comisiones.motor.tipos import Hechos


class Hoja:
    """Lines; an error is told with its field."""

    def __init__(self) -> None:
        self.lineas: list[str] = []

    def dice(self, que: str, hacer: Callable[[], Any]) -> None:
        """What something gives, or refuses."""
        try:
            dicho = self._texto(hacer())
        except Exception as exc:
            campo = getattr(exc, "campo", None)
            dicho = f"no: {type(exc).__name__}{f' ({campo})' if campo else ''}: {exc}"
        self.lineas.append(f"{que}: {dicho}")

    def _texto(self, valor: Any) -> str:
        if isinstance(valor, Decimal):
            return f"{valor:f}"
        if isinstance(valor, tuple | list):
            return f"[{', '.join(map(self._texto, valor))}]"
        if isinstance(valor, Hechos):
            dichos = {k: v for k, v in a_json(valor).items() if k not in ("moneda", "ocurrida_en")}
            return self._texto({k: v for k, v in dichos.items() if v not in ("", "0")})
        if isinstance(valor, dict):
            return f"{{{', '.join(f'{k}: {self._texto(v)}' for k, v in valor.items())}}}"
        return str(valor)
