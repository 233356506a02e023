#!/usr/bin/env python
"""Measure the statement of a month with 10,000 lines, as JSON and as CSV, on MySQL.

The whole request in one process, without the network: authentication, queries and rendering. The
ledger holds the lines of other affiliates too. Writes performance_report.json.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from banco import informe
from banco.pila import afiliados, pila, preparar_django

MES = "2026-03"
OTROS = 50
OBJETIVO_MS = 300


def _llenar(lineas: int) -> str:
    """The ledger of the benchmark, made once; returns the affiliate of the long statement."""
    from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento

    propio, *otros = afiliados(OTROS + 1)
    if Apunte.objects.filter(afiliado=propio).count() >= lineas:
        return str(propio.id_publico)
    desde = datetime(2026, 2, 1, tzinfo=UTC)

    def apuntados() -> Iterator[tuple[Any, datetime]]:
        # The others' all over two months; its own in March, as far apart as a month allows.
        for n in range(lineas * 2):
            yield otros[n % OTROS], desde + timedelta(minutes=4 * n)
        for n in range(lineas):
            yield propio, datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=4 * n)

    pendientes = list(apuntados())
    for inicio in range(0, len(pendientes), 5_000):
        parte = pendientes[inicio : inicio + 5_000]
        Asiento.objects.bulk_create(
            [
                Asiento(
                    id_publico=f"as_{inicio + n:026d}", tipo=TipoAsiento.APROBACION,
                    origen=f"com_{inicio + n:026d}", creado_en=cuando,
                )
                for n, (_quien, cuando) in enumerate(parte)
            ]
        )  # fmt: skip
        ids = Asiento.objects.filter(id_publico__gte=f"as_{inicio:026d}").order_by("id_publico")
        apuntes = []
        # Those of entries that were there come after all of these.
        claves = ids.values_list("pk", flat=True)[: len(parte)]
        for pk, (quien, _cuando) in zip(claves, parte, strict=True):
            monto = Decimal(pk % 9_000 + 1) / 100
            apuntes += [
                Apunte(
                    asiento_id=pk, cuenta=Cuenta.GASTO_COMISIONES, importe=monto, moneda="USD"
                ),
                Apunte(
                    asiento_id=pk, cuenta=Cuenta.POR_PAGAR, importe=-monto, moneda="USD",
                    afiliado=quien,
                ),
            ]  # fmt: skip
        Apunte.objects.bulk_create(apuntes, batch_size=5_000)
    return str(propio.id_publico)


def _medir(ruta: str, clave: str, veces: int, lineas: int) -> list[float]:
    from django.test import Client

    cliente = Client(headers={"Authorization": f"Bearer {clave}"})
    tiempos = []
    for _ in range(veces):
        antes = time.perf_counter()
        respuesta = cliente.get(ruta, secure=True)
        cuerpo = b"".join(respuesta) if respuesta.streaming else respuesta.content
        tiempos.append(time.perf_counter() - antes)
        if respuesta.status_code != 200 or cuerpo.count(b"com_") != lineas:
            raise SystemExit(f"{ruta}: {respuesta.status_code}, {len(cuerpo)} bytes")
    # The first pays for imports and for a cold cache.
    return tiempos[1:]


def main() -> None:
    """Fill, measure, report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--veces", type=int, default=21)
    opciones.add_argument("--lineas", type=int, default=10_000)
    args = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql")
        preparar_django(viva, {"ALPES_HOSTS": "testserver"})
        from afiliados.claves.services import crear_clave
        from alpespartner.operacion.siembra import ACTOR

        ruta = f"/api/v1/afiliados/{_llenar(args.lineas)}/extracto?mes={MES}"
        clave = crear_clave(
            nombre="Banco", titular="Banco", alcances=["comisiones:leer"], actor=ACTOR
        )[1]
        json, csv = (
            _medir(f"{ruta}&formato={f}", clave, args.veces, args.lineas) for f in ("json", "csv")
        )
    resumen = informe.resumen_ms(json)
    informe.guardar(
        "extracto",
        {
            "maquina": maquina,
            "lineas": args.lineas,
            "json": resumen,
            "csv": informe.resumen_ms(csv),
            "objetivo_json_p50_ms": informe.objetivo(resumen["p50_ms"], maximo=OBJETIVO_MS),
        },
    )


if __name__ == "__main__":
    main()
