"""Opening pages: what each answers, and what must not be in it."""

from __future__ import annotations

import csv
import io
import re
import traceback
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client

from tests.hostiles.valores import ETIQUETAS

_APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")
# A cell that a spreadsheet would run.
_FORMULA = re.compile(r"[=+@\t\r]|-\D")


def donde(exc: BaseException) -> str:
    """An exception, and the last lines of ours that it went through."""
    pasos = traceback.extract_tb(exc.__traceback__)
    raiz = f"{settings.BASE_DIR}/"
    nuestros = [
        f"{p.filename.removeprefix(raiz)}:{p.lineno}"
        for p in pasos
        if p.filename.removeprefix(raiz).startswith(_APPS)
    ]
    return f"{type(exc).__name__}: {exc!s:.120} en {' < '.join(reversed(nuestros[-3:]))}"


@dataclass
class Visitas:
    """What was opened or run, and what was wrong with some of it: once for each place of the
    code, with an example."""

    fallos: Counter[str] = field(default_factory=Counter)
    ejemplos: dict[str, str] = field(default_factory=dict)
    hechas: Counter[str] = field(default_factory=Counter)

    def fallar(self, que: str, ejemplo: object) -> None:
        """Note something wrong."""
        self.fallos[que] += 1
        self.ejemplos.setdefault(que, str(ejemplo))

    def abrir(
        self, cliente: Client, ruta: str, *, admite: Collection[int] = (200,), de: object = ""
    ) -> Any:
        """GET; the response, or None when it raised. Its whole content is in ``todo``."""
        self.hechas["páginas"] += 1
        try:
            respuesta: Any = cliente.get(ruta)
            respuesta.todo = (
                b"".join(respuesta.streaming_content) if respuesta.streaming else respuesta.content
            )
        except Exception as exc:
            self.fallar(donde(exc), f"{ruta} {de}")
            return None
        if respuesta.status_code not in admite:
            patron = re.sub(r"\d+|[a-z]+_[0-9A-Z]{20,}|\?.*", "*", ruta)
            self.fallar(f"{respuesta.status_code} en {patron}", f"{ruta} {de}")
        self._mirar(respuesta, ruta)
        return respuesta

    def _mirar(self, respuesta: Any, ruta: str) -> None:
        tipo = respuesta.get("Content-Type", "")
        if tipo.startswith("text/html"):
            for etiqueta in ETIQUETAS[:2]:
                if etiqueta.encode() in respuesta.todo:
                    self.fallar(f"sin escapar: {etiqueta}", ruta)
        elif tipo.startswith("text/csv"):
            for fila in csv.reader(io.StringIO(respuesta.todo.decode("utf-8-sig"))):
                for celda in fila:
                    if _FORMULA.match(celda):
                        self.fallar(f"una fórmula: {celda:.20}", ruta)
        elif tipo.startswith("application/pdf") and not respuesta.todo.startswith(b"%PDF"):
            self.fallar("no es un PDF", ruta)

    def __str__(self) -> str:
        return "\n".join(
            f"{n} × {que}\n      {self.ejemplos[que]}" for que, n in self.fallos.most_common()
        )
