"""Bench of attribution; ``make bench-atribucion`` prints it as one line of JSON.

Decisions per second of one process on one core, each with who is named, a coupon, a click that is
named and five of the visitor; and sales per second of ``atribuir``, files included. Medians,
because the machine is shared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversiones.atribucion import Clic, Cupon, Hechos, Informe, Opciones, decidir
from conversiones.fuentes.atribuir import atribuir

AHORA = datetime(2026, 6, 1, tzinfo=UTC)


def banco(
    *, decisiones: int = 100_000, ventas: int = 100_000, repeticiones: int = 5
) -> dict[str, int]:
    """Measure and print ``{decisions_per_s, atribuir_sales_per_s}``."""
    medidas = {
        "decisions_per_s": round(statistics.median(_decidir(decisiones, repeticiones))),
        "atribuir_sales_per_s": round(statistics.median(_atribuir(ventas, repeticiones))),
    }
    sys.stdout.write(json.dumps(medidas) + "\n")
    return medidas


def _decidir(numero: int, repeticiones: int) -> list[float]:
    opciones = Opciones(campana="camp_1")
    hechos = [
        Hechos(
            AHORA,
            explicito=f"af_{n % 5}" if n % 4 == 0 else None,
            vinculo=f"af_{n % 7}" if n % 3 == 0 else None,
            cupones=(Cupon(f"C{n % 9}", f"af_{n % 9}"),),
            clics_dados=(Clic(f"af_{n % 11}", AHORA - timedelta(days=n % 40), "clic_n", "camp_1"),),
            clics=tuple(
                Clic(f"af_{(n + k) % 13}", AHORA - timedelta(hours=n % 900, minutes=k * 37 % 11),
                     f"clic_{k}", "camp_1")
                for k in range(5)
            ),
            impedidos={"af_1": "no_activo"},
        )
        for n in range(numero)
    ]  # fmt: skip
    ritmos = []
    for _ in range(repeticiones):
        inicio = time.perf_counter()
        for uno in hechos:
            decidir(uno, opciones)
        ritmos.append(numero / (time.perf_counter() - inicio))
    return ritmos


def _atribuir(numero: int, repeticiones: int) -> list[float]:
    ritmos = []
    with tempfile.TemporaryDirectory() as carpeta:
        clics, ventas, salida = (Path(carpeta) / f"{n}.csv" for n in ("clics", "ventas", "salida"))
        with clics.open("w", encoding="utf-8") as archivo:
            archivo.write("afiliado,cliente,momento\n")
            for n in range(numero * 2):
                cuando = AHORA - timedelta(seconds=n * 104_729 % 5_000_000)
                archivo.write(f"af_{n % 997},cli_{n % numero},{cuando.isoformat()}\n")
        with ventas.open("w", encoding="utf-8") as archivo:
            archivo.write("venta,cliente,momento,monto,moneda\n")
            for n in range(numero):
                cents = n * 613 % 500_000 / 100
                archivo.write(f"v{n},cli_{n},{AHORA.isoformat()},{cents:.2f},USD\n")
        for _ in range(repeticiones):
            inicio = time.perf_counter()
            atribuir(clics, ventas, salida, modelo=Informe.ULTIMO, ventana=timedelta(days=30))
            ritmos.append(numero / (time.perf_counter() - inicio))
    return ritmos


if __name__ == "__main__":
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--decisiones", type=int, default=100_000)
    opciones.add_argument("--ventas", type=int, default=100_000)
    opciones.add_argument("--repeticiones", type=int, default=5)
    banco(**vars(opciones.parse_args()))
