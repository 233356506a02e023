"""One mutant against the tests that run its lines."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scripts.mutacion.cobertura import Cobertura
from scripts.mutacion.copia import PYTHON, Copia
from scripts.mutacion.mutantes import Mutante

Final = Literal["muerto", "vivo", "tiempo", "sin_pruebas"]
_FALLO = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_SIN_PRUEBAS = 5


@dataclass(frozen=True)
class Resultado:
    """``prueba`` is the one that saw it; ``probadas`` of ``de`` tests that run its lines ran."""

    final: Final
    prueba: str = ""
    segundos: float = 0.0
    probadas: int = 0
    de: int = 0


def pruebas_de(mutante: Mutante, cobertura: Cobertura, segundos: float) -> tuple[list[str], int]:
    """Those that run its lines, fastest first, until they would take ``segundos``; and how many
    there are. A table is used where it is not written: those of its whole module, then."""
    duran = cobertura.segundos()
    suyas = (
        cobertura.del_modulo(mutante.ruta)
        if mutante.al_importar
        else cobertura.de_lineas(mutante.ruta, mutante.linea, mutante.hasta_linea)
    ) & duran.keys()
    elegidas: list[str] = []
    total = 0.0
    for prueba in sorted(suyas, key=lambda t: (duran[t], t)):
        total += duran[prueba]
        if elegidas and total > segundos:
            break
        elegidas.append(prueba)
    return elegidas, len(suyas)


def juzgar(
    mutante: Mutante, pruebas: Sequence[str], copia: Copia, *, de: int, limite: float
) -> Resultado:
    """Change the copy, run the tests until one fails, and put the copy back."""
    if not pruebas:
        return Resultado("sin_pruebas")
    fuente = (copia.arbol / mutante.ruta).read_text()
    orden = copia.datos / "orden.txt"
    orden.write_text("\n".join(pruebas))
    copia.base_limpia()
    copia.poner(mutante.ruta, mutante.aplicar(fuente))
    inicio = time.monotonic()
    try:
        codigo, salida = _pytest(copia, pruebas, orden, limite)
    finally:
        copia.poner(mutante.ruta, fuente)
    duro = round(time.monotonic() - inicio, 1)
    if codigo is None:
        return Resultado("tiempo", "", duro, len(pruebas), de)
    if codigo == _SIN_PRUEBAS:
        return Resultado("sin_pruebas", "", duro, 0, de)
    if codigo:
        # Also when the site does not even start.
        vista = _FALLO.search(salida)
        return Resultado("muerto", vista[1] if vista else "al arrancar", duro, len(pruebas), de)
    return Resultado("vivo", "", duro, len(pruebas), de)


def _pytest(
    copia: Copia, pruebas: Sequence[str], orden: Path, limite: float
) -> tuple[int | None, str]:
    """Its exit code, None when time was up, and what it said."""
    proceso = subprocess.Popen(  # noqa: S603
        [
            str(PYTHON), "-m", "pytest", "-x", "-q", "--reuse-db", "--no-header", "-rfE",
            "--tb=no", "-p", "mutacion.plugin", "-p", "no:cacheprovider",
            *sorted({t.partition("::")[0] for t in pruebas}),
        ],
        cwd=copia.arbol, env=copia.entorno(MUTAR_ORDEN=str(orden)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        salida, _ = proceso.communicate(timeout=limite)
    except subprocess.TimeoutExpired:
        # With whatever its tests started: the group is of its own.
        os.killpg(proceso.pid, signal.SIGKILL)
        proceso.communicate()
        return None, ""
    return proceso.returncode, salida
