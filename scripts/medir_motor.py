"""Bench of the engine and the backtest; ``make bench-motor`` prints it as one line of JSON.

Wall-clock figures of one process on one core; medians, because the machine is shared.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from comisiones.motor import Hechos, Modo, Terminos, Tipo, Tramo, calcular
from comisiones.simulaciones.csv_salida import simular

POLITICA: dict[str, Any] = {
    "moneda": "USD",
    "zona_horaria": "America/Bogota",
    "reglas": [
        {"nombre": "general", "tipo": "porcentual", "porcentaje": "10", "tope": "50.00"},
        {
            "nombre": "premium",
            "tipo": "escalonada",
            "periodo": "mes",
            "tramos": [
                {"desde": "0", "hasta": "1000", "porcentaje": "10"},
                {"desde": "1000", "hasta": None, "porcentaje": "15"},
            ],
            "alcance": {"tipo_afiliado": "premium"},
        },
    ],
}


def banco(
    *,
    comisiones: int = 50_000,
    conversiones: int = 1_000_000,
    repeticiones: int = 3,
    red: bool = False,
) -> dict[str, float]:
    """Measure and print ``{percent_per_s, tiered_per_s, simular_1m_s, rss_mib}``.

    ``simular_1m_s`` is scaled to a million when ``conversiones`` is another number; ``rss_mib`` is
    the peak of the whole process. A third of the conversions are in monthly tiers, so all are kept
    in memory; ``red`` adds two network levels (three output rows per conversion).
    """
    porcentual = Terminos(tipo=Tipo.PORCENTUAL, porcentaje=Decimal("12.5"))
    escalonada = Terminos(
        tipo=Tipo.ESCALONADA,
        moneda="USD",
        modo=Modo.GRADUADA,
        tramos=(
            Tramo(Decimal(0), Decimal(1000), Decimal(10)),
            Tramo(Decimal(1000), Decimal(5000), Decimal(15)),
            Tramo(Decimal(5000), None, Decimal(20)),
        ),
    )
    politica = POLITICA | ({"red": {"porcentajes": ["2", "1"]}} if red else {})
    with tempfile.TemporaryDirectory() as carpeta:
        ruta = Path(carpeta)
        (ruta / "politica.json").write_text(json.dumps(politica), encoding="utf-8")
        escribir_conversiones(ruta / "conversiones.csv", conversiones)
        segundos = [_segundos_simular(ruta) for _ in range(repeticiones)]
    medidas = {
        "percent_per_s": round(_por_segundo(porcentual, comisiones, repeticiones)),
        "tiered_per_s": round(_por_segundo(escalonada, comisiones, repeticiones)),
        "simular_1m_s": round(statistics.median(segundos) * 1_000_000 / conversiones, 2),
        "rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    sys.stdout.write(json.dumps(medidas) + "\n")
    return medidas


def escribir_conversiones(ruta: Path, numero: int) -> None:
    """Write a CSV of ``numero`` conversions in USD over a year, always the same."""
    inicio = datetime(2026, 1, 1, tzinfo=UTC)
    with ruta.open("w", encoding="utf-8", newline="") as archivo:
        archivo.write(
            "conversion_id,afiliado_id,valor,moneda,ocurrida_en,tipo_afiliado,campana_id,producto,"
            "cantidad,referente\n"
        )
        for n in range(numero):
            afiliado = n * 7919 % 5000
            instante = inicio + timedelta(seconds=n * 104_729 % 31_536_000)
            referente = f"af_{afiliado // 5:026d}" if afiliado >= 5 else ""
            archivo.write(
                f"conv_{n:026d},af_{afiliado:026d},{n * 613 % 500_000 / 100:.2f},USD,"
                f"{instante:%Y-%m-%dT%H:%M:%SZ},{'estandar' if afiliado % 3 else 'premium'},"
                f"camp_{n % 7},prod_{n % 50},{n % 4 + 1},{referente}\n"
            )


def _segundos_simular(carpeta: Path) -> float:
    inicio = time.perf_counter()
    simular(carpeta / "politica.json", carpeta / "conversiones.csv", carpeta / "salida.csv")
    return time.perf_counter() - inicio


def _por_segundo(terminos: Terminos, numero: int, repeticiones: int) -> float:
    cuando = datetime(2026, 1, 1, tzinfo=UTC)
    hechos = [Hechos(Decimal(n * 613 % 700_000).scaleb(-2), "USD", cuando) for n in range(numero)]
    ritmos = []
    for _ in range(repeticiones):
        inicio = time.perf_counter()
        for hecho in hechos:
            calcular(terminos, hecho)
        ritmos.append(numero / (time.perf_counter() - inicio))
    return statistics.median(ritmos)


if __name__ == "__main__":
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--comisiones", type=int, default=50_000)
    opciones.add_argument("--conversiones", type=int, default=1_000_000)
    opciones.add_argument("--repeticiones", type=int, default=3)
    opciones.add_argument("--red", action="store_true", help="con dos niveles de red")
    banco(**vars(opciones.parse_args()))
