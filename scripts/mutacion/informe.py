"""What became of the mutants: kept one by one, so that a run goes on where it was cut."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from mutacion.carrera import Final, Resultado
from mutacion.copia import huella
from mutacion.mutantes import Mutante, lugar_de

FINALES: tuple[Final, ...] = ("muerto", "vivo", "sin_pruebas", "tiempo")


class Cuaderno:
    """Results of every seed, a line of JSON each; the last of a mutant counts.

    A death holds while its file is the same; what lived is tried again once the tests are others.
    """

    def __init__(self, fichero: Path, *, raiz: Path, pruebas: str) -> None:
        self.fichero, self.raiz, self.pruebas = fichero, raiz, pruebas
        self._candado = threading.Lock()
        self.hechos: dict[str, Resultado] = {}
        # How many of a file each test killed.
        self.asesinas: dict[str, Counter[str]] = {}
        fichero.parent.mkdir(parents=True, exist_ok=True)
        for linea in fichero.read_text().splitlines() if fichero.exists() else ():
            fila = json.loads(linea)
            resultado = Resultado(**{c: fila[c] for c in Resultado.__dataclass_fields__})
            self._contar(fila["ruta"], resultado)
            self.hechos.pop(fila["clave"], None)
            if fila["codigo"] == self._codigo(fila["ruta"]) and (
                resultado.final == "muerto" or fila["pruebas"] == pruebas
            ):
                self.hechos[fila["clave"]] = resultado

    def _contar(self, ruta: str, resultado: Resultado) -> None:
        if resultado.final == "muerto":
            self.asesinas.setdefault(ruta, Counter())[resultado.prueba] += 1

    def _codigo(self, ruta: str) -> str:
        return huella(self.raiz / ruta) if (self.raiz / ruta).exists() else ""

    def anotar(self, mutante: Mutante, resultado: Resultado) -> None:
        """Write it down at once."""
        fila = {
            "clave": mutante.clave, "ruta": mutante.ruta, "linea": mutante.linea,
            "codigo": self._codigo(mutante.ruta), "pruebas": self.pruebas, **asdict(resultado),
        }  # fmt: skip
        with self._candado, self.fichero.open("a") as salida:
            salida.write(json.dumps(fila) + "\n")
            self.hechos[mutante.clave] = resultado
            self._contar(mutante.ruta, resultado)


def tasa(resultados: Iterable[Resultado]) -> float:
    """Of those that some test decided about, how many died: what ran out of time says nothing."""
    cuenta = Counter(r.final for r in resultados)
    decididos = cuenta["muerto"] + cuenta["vivo"] + cuenta["sin_pruebas"]
    return cuenta["muerto"] / decididos if decididos else 1.0


def resumen(
    mutantes: list[Mutante],
    hechos: dict[str, Resultado],
    raiz: Path,
    semilla: int,
    lugares: tuple[str, ...] = (),
) -> str:
    """By place, and then what lived with its diff."""
    probados = [m for m in mutantes if m.clave in hechos]
    cuenta = Counter(hechos[m.clave].final for m in probados)
    lineas = [
        f"# Mutantes de la semilla {semilla}", "",
        f"{len(probados)} de {len(mutantes)} probados: "
        + ", ".join(f"{cuenta[f]} {f}" for f in FINALES)
        + f"; tasa {tasa(hechos[m.clave] for m in probados):.1%}.",
        "", f"| lugar | {' | '.join(FINALES)} |", f"|---|{'---|' * len(FINALES)}",
    ]  # fmt: skip
    de_lugar: dict[str, Counter[Final]] = {}
    for mutante in probados:
        suyo = de_lugar.setdefault(lugar_de(mutante.ruta, lugares), Counter())
        suyo[hechos[mutante.clave].final] += 1
    for lugar, suyos in sorted(de_lugar.items()):
        lineas.append(f"| {lugar} | {' | '.join(str(suyos[f]) for f in FINALES)} |")
    for mutante in probados:
        resultado = hechos[mutante.clave]
        if resultado.final != "muerto":
            fuente = (raiz / mutante.ruta).read_text()
            lineas += [
                "", f"## {resultado.final} {mutante.clave}: {mutante.ruta}:{mutante.linea} "
                f"({mutante.operador})",
                f"{resultado.probadas} de las {resultado.de} pruebas que pasan por ahí.",
                "```diff", mutante.diferencia(fuente), "```",
            ]  # fmt: skip
    return "\n".join(lineas) + "\n"
