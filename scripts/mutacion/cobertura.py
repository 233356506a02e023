"""Which tests run each line, and how long each takes: collected once per file of tests.

A new or changed file of tests is collected again. A change of the product is not: lines are looked
up where they were, and a new line has the tests of those around it.
"""

from __future__ import annotations

import difflib
import json
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from coverage import CoverageData

from mutacion.copia import PYTHON, RAIZ, Copia, pruebas

# Not about money, of minutes each, or of other processes, where nothing that is changed here runs.
SIN = (
    "tests/accesible/", "tests/docs/", "tests/e2e/", "tests/fallos/", "tests/hostiles/",
    "tests/listas/", "tests/mutacion/", "tests/stack/", "tests/test_",
)  # fmt: skip
JUZGAN = "not stack and not e2e"
# Files of tests that one run of pytest collects from.
DE_UNA_VEZ = 40
PRODUCTO = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")


class Cobertura:
    """What was collected, in ``carpeta``."""

    def __init__(self, carpeta: Path) -> None:
        self.carpeta = carpeta
        self.carpeta.mkdir(parents=True, exist_ok=True)
        self._indice = self.carpeta / "indice.json"
        self.ficheros: dict[str, dict[str, str]] = (
            json.loads(self._indice.read_text()) if self._indice.exists() else {}
        )
        self._leidas: dict[str, dict[int, set[str]]] = {}
        self._fuentes: dict[str, dict[str, str]] = {}
        self._datos: dict[str, CoverageData] = {}
        self._segundos: dict[str, float] = {}

    def faltan(self, cuales: Sequence[str]) -> list[str]:
        """Files of tests under some paths that are new or changed."""
        sumas = pruebas()
        return [
            ruta
            for carpeta in cuales
            for ruta, suma in sumas.items()
            if ruta.startswith(carpeta)
            and not ruta.startswith(SIN)
            and self.ficheros.get(ruta, {}).get("huella") != suma
        ]

    def recoger(self, copia: Copia, *, cuales: Sequence[str], procesos: int) -> None:
        """Run what is missing, under coverage, in a copy; an interruption loses one run of it."""
        copia.hacer_base()
        while nuevas := self.faltan(cuales)[:DE_UNA_VEZ]:
            self._recoger(copia, nuevas, procesos)

    def _recoger(self, copia: Copia, nuevas: Sequence[str], procesos: int) -> None:
        tanda = f"tanda-{len(list(self.carpeta.glob('tanda-*.json')))}"
        datos, tiempos = self.carpeta / f"{tanda}.cov", self.carpeta / f"{tanda}.json"
        copia.refrescar()
        copia.base_limpia()
        sumas = pruebas()
        hecho = subprocess.run(  # noqa: S603
            [
                str(PYTHON), "-m", "pytest", "-q", "-p", "mutacion.plugin", "-p",
                "no:cacheprovider", "-m", JUZGAN, "--no-header", "-rN", "--reuse-db",
                *(["-n", str(procesos), "--dist", "loadgroup"] if procesos > 1 else []),
                *(f"--cov={app}" for app in PRODUCTO), "--cov-context=test", "--cov-report=",
                *nuevas,
            ],
            cwd=copia.arbol,
            env=copia.entorno(MUTAR_TIEMPOS=str(tiempos), COVERAGE_FILE=str(datos)),
        )  # fmt: skip
        # Some may fail and are left out; that it could not begin is another thing.
        if hecho.returncode > 1 or not (datos.exists() and tiempos.exists()):
            raise SystemExit("mutar: no se pudo recoger qué prueba pasa por cada línea")
        # Copies come and go: paths are kept as those of the tree, and what was there.
        (self.carpeta / f"{tanda}.raiz").write_text(str(copia.arbol.resolve()))
        fuentes = {
            str(f.relative_to(copia.arbol)): f.read_text()
            for app in PRODUCTO
            for f in (copia.arbol / app).rglob("*.py")
        }
        (self.carpeta / f"{tanda}.fuentes").write_text(json.dumps(fuentes))
        for ruta in nuevas:
            self.ficheros[ruta] = {"huella": sumas[ruta], "tanda": tanda}
        self._segundos = {}
        self._indice.write_text(json.dumps(self.ficheros, indent=1))

    def segundos(self) -> dict[str, float]:
        """Of each test that passes on the code as it is."""
        if not self._segundos:
            todos: dict[str, float] = {}
            for tanda in {f["tanda"] for f in self.ficheros.values()}:
                tiempos = json.loads((self.carpeta / f"{tanda}.json").read_text())
                todos |= {t: s for t, s in tiempos.items() if self._vale(t, tanda)}
            # At once: several ask for it.
            self._segundos = todos
        return self._segundos

    def _vale(self, prueba: str, tanda: str) -> bool:
        return self.ficheros.get(prueba.partition("::")[0], {}).get("tanda") == tanda

    def _lineas(self, ruta: str) -> dict[int, set[str]]:
        if ruta not in self._leidas:
            lineas: dict[int, set[str]] = {}
            for tanda in {f["tanda"] for f in self.ficheros.values()}:
                datos = self._de_tanda(tanda)
                raiz = (self.carpeta / f"{tanda}.raiz").read_text()
                ahora = self._ahora(tanda, ruta)
                for linea, contextos in datos.contexts_by_lineno(f"{raiz}/{ruta}").items():
                    suyas = {t for c in contextos if self._vale(t := c.rpartition("|")[0], tanda)}
                    for n in ahora[linea]:
                        lineas.setdefault(n, set()).update(suyas)
            self._leidas[ruta] = lineas
        return self._leidas[ruta]

    def _de_tanda(self, tanda: str) -> CoverageData:
        if tanda not in self._datos:
            datos = CoverageData(str(self.carpeta / f"{tanda}.cov"))
            datos.read()
            self._datos[tanda] = datos
        return self._datos[tanda]

    def _ahora(self, tanda: str, ruta: str) -> dict[int, set[int]]:
        """Where each line of a module that was collected is now: all that took its place, or that
        came in after it."""
        if tanda not in self._fuentes:
            self._fuentes[tanda] = json.loads((self.carpeta / f"{tanda}.fuentes").read_text())
        antes = self._fuentes[tanda].get(ruta, "").splitlines()
        despues = (RAIZ / ruta).read_text().splitlines()
        salida: dict[int, set[int]] = defaultdict(set)
        cambios = difflib.SequenceMatcher(None, antes, despues, autojunk=False).get_opcodes()
        for que, a, b, c, d in cambios:
            if que == "equal":
                for n in range(b - a):
                    salida[a + n + 1].add(c + n + 1)
            else:
                for n in range(a + 1, b + 1) or (a,):
                    salida[n] |= set(range(c + 1, d + 1))
        return salida

    def de_lineas(self, ruta: str, primera: int, ultima: int) -> set[str]:
        """Tests that run any of some lines; those of the whole module for what only its import
        runs, because a table is used where it is not written."""
        lineas = self._lineas(ruta)
        return set().union(*(lineas.get(n, set()) for n in range(primera, ultima + 1)))

    def del_modulo(self, ruta: str) -> set[str]:
        """Tests that run anything of a module after its import or, when it holds nothing to run,
        of those that import it."""
        suyas: set[str] = set().union(*self._lineas(ruta).values())
        if suyas:
            return suyas
        nombre = ruta.removesuffix(".py").replace("/", ".")
        usan = (
            str(otro.relative_to(RAIZ))
            for app in PRODUCTO
            for otro in (RAIZ / app).rglob("*.py")
            if f"from {nombre} import" in otro.read_text()
        )
        return set().union(*(set().union(*self._lineas(otro).values()) for otro in usan))
