"""One mutant against the tests that run its lines."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mutacion.cobertura import Cobertura
from mutacion.copia import PYTHON, Copia
from mutacion.mutantes import Mutante

Final = Literal["muerto", "vivo", "tiempo", "sin_pruebas"]
_FALLO = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
# What a pytest said: its exit code, None when time was up, and the test that failed.
Dicho = tuple[int | None, str]
_PYTEST = (
    str(PYTHON), "-m", "pytest", "-x", "-q", "--reuse-db", "--no-header", "-rfE", "--tb=no",
    "-p", "no:cacheprovider",
)  # fmt: skip
VIVO: Dicho = (0, "")
RELATOS = "tests/relatos/"
# What is declared as data is told here, and runs nothing.
CATALOGO = ("tests/relatos/test_catalogo.py", "tests/relatos/test_estados.py")
# As scripts/mutacion/vivero.py says it: it runs in another process, with pytest. The first is what
# pytest itself says when none of the tests is there, which is no death.
NINGUNA, NO_SE_PUEDE = 5, 9


@dataclass(frozen=True)
class Resultado:
    """``prueba`` is the one that saw it; ``probadas`` of ``de`` tests that run its lines ran."""

    final: Final
    prueba: str = ""
    segundos: float = 0.0
    probadas: int = 0
    de: int = 0


def pruebas_de(
    mutante: Mutante, cobertura: Cobertura, segundos: float, asesinas: Mapping[str, int]
) -> tuple[list[str], int]:
    """Those that run its lines and fit in ``segundos``, and how many there are. First
    what killed others of its file, then the tests of its own folder and the stories, which look at
    all that is written, then the fastest. A table is used where it is not written: those of its
    whole module, then, all of its own folder and the catalogue."""
    duran = cobertura.segundos()
    carpeta = f"tests/{mutante.ruta.removesuffix('.py').removeprefix('alpespartner/')}"
    cerca = (f"{carpeta}/", f"{carpeta.rpartition('/')[0]}/")
    if mutante.al_importar:
        suyas = cobertura.del_modulo(mutante.ruta) | {
            t for t in duran if t.startswith((*cerca, *CATALOGO))
        }
    else:
        suyas = cobertura.de_lineas(mutante.ruta, mutante.linea, mutante.hasta_linea)
    suyas &= duran.keys()
    antes = (*cerca, RELATOS)
    # The folder of a table may have more than there is time for.
    relatos_antes = RELATOS if mutante.al_importar else ""
    en_orden = sorted(
        suyas,
        key=lambda t: (
            -asesinas.get(t, 0), not t.startswith(relatos_antes), not t.startswith(antes),
            duran[t], t,
        ),
    )  # fmt: skip
    elegidas: list[str] = []
    total = 0.0
    for prueba in en_orden:
        # A slow one does not take the time of those behind it.
        if total + duran[prueba] <= segundos:
            total += duran[prueba]
            elegidas.append(prueba)
    return elegidas or en_orden[:1], len(suyas)


def _final(codigo: int | None) -> Final:
    if codigo is None:
        return "tiempo"
    if codigo == NINGUNA:
        return "sin_pruebas"
    return "muerto" if codigo else "vivo"


class Corredor:
    """Tries mutants in a copy: in a child of a process that waits with everything imported or,
    what cannot be changed there, in a pytest of its own."""

    def __init__(self, copia: Copia, ficheros: Sequence[str]) -> None:
        self.copia = copia
        self._ficheros = list(ficheros)
        self._proceso: subprocess.Popen[str] | None = None

    def juzgar(
        self, mutante: Mutante, pruebas: Sequence[str], *, de: int, limite: float
    ) -> Resultado:
        """Change it, run the tests until one fails, and change it back."""
        if not pruebas:
            return Resultado("sin_pruebas")
        fuente = (self.copia.arbol / mutante.ruta).read_text()
        inicio = time.monotonic()
        dicho = self._criar(mutante, fuente, pruebas, limite)
        if dicho == VIVO and mutante.al_importar:
            # Something else may have been made of it where it was imported.
            dicho = None
        codigo, prueba = dicho or self._aparte(mutante, fuente, pruebas, limite)
        duro = round(time.monotonic() - inicio, 1)
        final = _final(codigo)
        return Resultado(final, prueba, duro, len(pruebas), de)

    def cerrar(self) -> None:
        """End the process that waits."""
        if self._proceso is not None:
            self._pide.close()
            self._contesta.close()
            self._proceso.wait()
            self._proceso = None

    def _abrir(self) -> None:
        pide_leer, pide = os.pipe()
        contesta, contesta_escribir = os.pipe()
        self.copia.base_limpia()
        self._proceso = subprocess.Popen(  # noqa: S603
            [*_PYTEST, "-p", "mutacion.vivero", *self._ficheros],
            cwd=self.copia.arbol, pass_fds=(pide_leer, contesta_escribir), text=True,
            env=self.copia.entorno(MUTAR_TUBOS=f"{pide_leer},{contesta_escribir}"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(pide_leer)
        os.close(contesta_escribir)
        self._pide, self._contesta = os.fdopen(pide, "w"), os.fdopen(contesta)
        self._contesta.readline()

    def _criar(
        self, mutante: Mutante, fuente: str, pruebas: Sequence[str], limite: float
    ) -> Dicho | None:
        if self._proceso is None:
            self._abrir()
        self.copia.base_limpia()
        pedido = {
            "fichero": str(self.copia.arbol.resolve() / mutante.ruta), "antes": fuente,
            "despues": mutante.aplicar(fuente), "pruebas": list(pruebas), "limite": limite,
        }  # fmt: skip
        print(json.dumps(pedido), file=self._pide, flush=True)
        dicho = self._contesta.readline()
        if not dicho:
            # It could not begin, or something ended it: the next one gets another.
            self.cerrar()
            return None
        respuesta = json.loads(dicho)
        if respuesta["codigo"] == NO_SE_PUEDE:
            return None
        return respuesta["codigo"], respuesta["prueba"]

    def _aparte(
        self, mutante: Mutante, fuente: str, pruebas: Sequence[str], limite: float
    ) -> Dicho:
        """Its exit code, None when time was up, and the test that failed."""
        orden = self.copia.datos / "orden.txt"
        orden.write_text("\n".join(pruebas))
        self.copia.base_limpia()
        self.copia.poner(mutante.ruta, mutante.aplicar(fuente))
        proceso = subprocess.Popen(  # noqa: S603
            [*_PYTEST, "-p", "mutacion.plugin", *sorted({t.partition("::")[0] for t in pruebas})],
            cwd=self.copia.arbol, env=self.copia.entorno(MUTAR_ORDEN=str(orden)), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            salida, _ = proceso.communicate(timeout=limite)
        except subprocess.TimeoutExpired:
            # With whatever its tests started: the group is of its own.
            os.killpg(proceso.pid, signal.SIGKILL)
            proceso.communicate()
            return None, ""
        finally:
            self.copia.poner(mutante.ruta, fuente)
        vista = _FALLO.search(salida)
        if not proceso.returncode:
            return 0, ""
        # Without one, the site did not even start.
        return proceso.returncode, vista[1] if vista else "al arrancar"
