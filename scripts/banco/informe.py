"""The report: one JSON document that each benchmark writes its own part of."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parents[2]
ARCHIVO = Path(os.environ.get("ALPES_INFORME", RAIZ / "performance_report.json"))


def percentil(ordenados: list[float], parte: float) -> float:
    """The value below which ``parte`` (0 to 1) of a sorted list lies."""
    return ordenados[min(len(ordenados) - 1, int(len(ordenados) * parte))]


def resumen_ms(segundos: Iterable[float]) -> dict[str, float]:
    """Percentiles of some durations, in milliseconds."""
    orden = sorted(segundos)
    return {
        "p50_ms": round(percentil(orden, 0.5) * 1000, 1),
        "p99_ms": round(percentil(orden, 0.99) * 1000, 1),
        "max_ms": round(orden[-1] * 1000, 1),
    }


def maquina() -> dict[str, Any]:
    """What the figures were measured on; the load says whether it was busy with other things."""
    return {
        "sistema": f"{platform.system()} {platform.machine()}",
        "cpu": os.cpu_count(),
        "python": platform.python_version(),
        "carga_al_empezar": round(os.getloadavg()[0], 1),
    }


def objetivo(valor: float, *, minimo: float | None = None, maximo: float | None = None) -> str:
    """A target and whether the figure meets it."""
    if minimo is not None:
        return f">= {minimo:g}: {'cumple' if valor >= minimo else 'NO cumple'}"
    return f"<= {maximo:g}: {'cumple' if maximo is None or valor <= maximo else 'NO cumple'}"


def guardar(parte: str, datos: dict[str, Any]) -> None:
    """Replace one part of the report, print it, and leave the other parts as they are."""
    try:
        informe: dict[str, Any] = json.loads(ARCHIVO.read_text())
    except (OSError, ValueError):
        informe = {}
    informe[parte] = datos
    ARCHIVO.write_text(json.dumps(informe, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps({parte: datos}, indent=2, ensure_ascii=False))
    print(f"Escrito en {ARCHIVO}")


def pss_mib(pids: Iterable[int]) -> float:
    """Proportional memory of some processes: pages that several share are counted once."""
    total = 0
    for pid in pids:
        try:
            lineas = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(linea.split()[1]) for linea in lineas if linea.startswith("Pss:"))
    return round(total / 1024, 1)


def descendientes(pid: int) -> list[int]:
    """A process and everything below it."""
    hijos: dict[int, list[int]] = {}
    for ruta in Path("/proc").glob("[0-9]*/stat"):
        try:
            padre = int(ruta.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        hijos.setdefault(padre, []).append(int(ruta.parent.name))
    todos, pendientes = [], [pid]
    while pendientes:
        uno = pendientes.pop()
        todos.append(uno)
        pendientes += hijos.get(uno, [])
    return todos
