#!/usr/bin/env python
"""Run every benchmark, one after another, into performance_report.json: with the machine, the
versions and, of several runs of each, how far apart their figures were.

Options: --vueltas (of each), --solo (some of them, by name and with commas) and --pequeno, with
which they only show that they run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from banco import informe

# Of each: how it is run, and what makes it small. Those of a module print their figures.
BANCOS: dict[str, tuple[list[str], list[str]]] = {
    "motor": (["-m", "scripts.medir_motor"],
              ["--comisiones=500", "--conversiones=2000", "--repeticiones=1"]),
    "atribucion": (["-m", "scripts.medir_atribucion"],
                   ["--decisiones=500", "--ventas=200", "--repeticiones=1"]),
    "web_embebido": (["scripts/medir_web.py", "--embebido"], ["--segundos=0.5", "--vueltas=1"]),
    "web": (["scripts/medir_web.py"], ["--segundos=0.5", "--vueltas=1"]),
    "flujo": (["scripts/medir_flujo.py"], ["--solo", "latencia"]),
    "pagos": (["scripts/medir_pagos.py"], ["--pagos=5", "--obreros=2"]),
    "aprobacion": (["scripts/medir_aprobacion.py"], ["--comisiones=7"]),
    "api": (["scripts/medir_api.py"], ["--eventos=1500", "--veces=1", "--segundos=0.5"]),
    "webhooks": (["scripts/medir_webhooks.py"],
                 ["--segundos=1", "--por-segundo=5", "--entregas=20"]),
    "extracto": (["scripts/medir_extracto.py"], ["--veces=2", "--lineas=100"]),
    "rastreo": (["scripts/medir_rastreo.py"], ["--clics=200"]),
    "listas": (["scripts/medir_listas.py"],
               ["--ventas=1000", "--afiliados=20", "--campanas=1", "--veces=1",
                "--direcciones=6"]),
    "metricas": (["scripts/medir_metricas.py"],
                 ["--ventas=1000", "--clics=40000", "--eventos=500", "--campanas=1",
                  "--afiliados=20", "--veces=1"]),
}  # fmt: skip
_PAQUETES = ("django", "celery", "gunicorn", "mysqlclient", "redis", "pulsar-client")


def versiones() -> dict[str, str]:
    """Of what was measured."""
    suyas = {paquete: version(paquete) for paquete in _PAQUETES}
    return {"python": platform.python_version(), "nucleo": platform.release(), **suyas}


def correr(orden: Sequence[str]) -> dict[str, Any]:
    """The figures of one run. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="alpes-banco-") as carpeta:
        suyo = Path(carpeta) / "informe.json"
        hecho = subprocess.run(  # noqa: S603 - our own command lines
            [sys.executable, *orden], cwd=informe.RAIZ, text=True, stdout=subprocess.PIPE,
            env={**os.environ, "ALPES_INFORME": str(suyo)}, check=True,
        )  # fmt: skip
        leido = json.loads(suyo.read_text() if suyo.exists() else hecho.stdout)
    partes: dict[str, Any] = leido
    return partes


def numeros(cifras: Any, ruta: str = "") -> Iterator[tuple[str, float]]:
    """Each number of some figures, with where it is."""
    if isinstance(cifras, Mapping):
        for nombre, valor in cifras.items():
            if nombre != "maquina":
                yield from numeros(valor, f"{ruta}.{nombre}" if ruta else str(nombre))
    elif isinstance(cifras, int | float) and not isinstance(cifras, bool):
        yield ruta, cifras


def dispersion(vueltas: Sequence[Any]) -> dict[str, dict[str, float]]:
    """The least, the middle one and the most of each number that changed from run to run."""
    por_ruta: dict[str, list[float]] = {}
    for vuelta in vueltas:
        for ruta, valor in numeros(vuelta):
            por_ruta.setdefault(ruta, []).append(valor)
    return {
        ruta: {"minimo": min(v), "mediana": statistics.median(v), "maximo": max(v)}
        for ruta, v in por_ruta.items()
        if len(set(v)) > 1
    }


def main() -> None:
    """Run them, and say at the end which failed."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--vueltas", type=int, default=1)
    opciones.add_argument("--solo", default=",".join(BANCOS))
    opciones.add_argument("--pequeno", action="store_true")
    dadas = opciones.parse_args()
    elegidos = dadas.solo.split(",")
    if desconocidos := sorted(set(elegidos) - BANCOS.keys()):
        opciones.error(f"no hay {', '.join(desconocidos)}; hay {', '.join(BANCOS)}")
    informe.guardar("maquina", informe.maquina())
    informe.guardar("versiones", versiones())
    fallaron = []
    for nombre in elegidos:
        orden, pequena = BANCOS[nombre]
        print(f"== {nombre}", file=sys.stderr, flush=True)
        try:
            vueltas = [
                correr([*orden, *(pequena if dadas.pequeno else [])])
                for _vuelta in range(dadas.vueltas)
            ]
        except (subprocess.CalledProcessError, ValueError) as exc:
            fallaron.append(nombre)
            print(f"{nombre}: {exc}", file=sys.stderr)
            continue
        # Those that write a report name their part of it.
        parte, cifras = next(iter(vueltas[-1].items()))
        if not isinstance(cifras, dict):
            parte, cifras = nombre, vueltas[-1]
        ademas = {"vueltas_del_banco": len(vueltas)}
        if len(vueltas) > 1:
            ademas["dispersion"] = dispersion(vueltas)  # type: ignore[assignment]
        informe.guardar(parte, {**cifras, **ademas})
    if fallaron:
        sys.exit(f"No terminaron: {', '.join(fallaron)}.")


if __name__ == "__main__":
    main()
