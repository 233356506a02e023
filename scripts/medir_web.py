#!/usr/bin/env python
"""Measure the API: requests per second over eight connections against gunicorn.

On MySQL with durable commits and gunicorn 2 x 4, POST /commissions/calculate and POST
/api/v1/conversiones against a bare DRF view that makes two plain inserts, in turns, and POST
/api/v1/conversiones/lote. With --embebido, calculate on the embedded default with its relay,
consumers and task worker beside. Writes performance_report.json.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from banco import carga, informe
from banco.pila import Pila, afiliados, pila, preparar_django
from banco.servidor import gunicorn

OBJETIVO_RAZON = 0.75
OBJETIVO_LOTE = 3_000
POR_LOTE = 500


def _venta(afiliado: str, referencia: str) -> str:
    return json.dumps(
        {
            "conversionId": referencia,
            "affiliateId": afiliado,
            "grossAmount": "129.90",
            "currency": "USD",
        }
    )


def _conversion(afiliado: str, referencia: str) -> str:
    return json.dumps(
        {
            "afiliado_id": afiliado,
            "valor_conversion": "129.90",
            "moneda": "USD",
            "referencia_externa": referencia,
        }
    )


def _lote(ids: list[str], nombre: str) -> str:
    return json.dumps(
        {
            "conversiones": [
                {
                    "afiliado_id": ids[n % len(ids)],
                    "valor_conversion": "129.90",
                    "referencia_externa": f"{nombre}-{n}",
                    "canal_origen": "blog",
                }
                for n in range(POR_LOTE)
            ]
        }
    )


def _clave() -> str:
    from afiliados.claves.models import Alcance
    from afiliados.claves.services import crear_clave
    from alpespartner.operacion.siembra import ACTOR

    return crear_clave(nombre="Banco", titular="Banco", alcances=Alcance.values, actor=ACTOR)[1]


def medir_en_mysql(viva: Pila, segundos: float, vueltas: int, puerto: int) -> dict[str, Any]:
    """Only MySQL and gunicorn run: the rows of the outbox wait for whoever reads the binlog."""
    preparar_django(viva, {"DJANGO_SETTINGS_MODULE": "banco.ajustes"})
    from django.db import connections

    from banco.models import crear_tablas

    crear_tablas()
    ids = [afiliado.id_publico for afiliado in afiliados(20)]
    clave = _clave()
    connections.close_all()
    rutas = {
        "vista_pelada": ("/banco/pelada", partial(_venta, ids[0])),
        "commissions_calculate": ("/commissions/calculate", partial(_venta, ids[0])),
        "conversiones": ("/api/v1/conversiones", partial(_conversion, ids[0])),
    }
    medir = {
        nombre: partial(carga.medir, puerto, ruta, clave, cuerpo)
        for nombre, (ruta, cuerpo) in rutas.items()
    }
    lote = partial(carga.medir, puerto, "/api/v1/conversiones/lote", clave, partial(_lote, ids))
    with gunicorn(puerto):
        for una in medir.values():
            una(min(2, segundos))
        por_turno = [{n: una(segundos) for n, una in medir.items()} for _ in range(vueltas)]
        lote(min(2, segundos))
        lotes = [lote(segundos) for _ in range(vueltas)]
    medidas = {nombre: [turno[nombre] for turno in por_turno] for nombre in rutas}
    medianas = {nombre: carga.mediana(suyas) for nombre, suyas in medidas.items()}
    base = medianas["vista_pelada"]["por_segundo"]
    for nombre in ("commissions_calculate", "conversiones"):
        razon = round(medianas[nombre]["por_segundo"] / base, 3)
        medianas[nombre] |= {
            "razon": razon,
            "objetivo_razon": informe.objetivo(razon, minimo=OBJETIVO_RAZON),
        }
    bulto = carga.mediana(lotes)
    conversiones = round(bulto["por_segundo"] * POR_LOTE)
    return {
        **viva.durabilidad(),
        **medianas,
        "lote": bulto,
        "lote_conversiones_por_segundo": conversiones,
        "objetivo_lote": informe.objetivo(conversiones, minimo=OBJETIVO_LOTE),
        "vueltas": {
            nombre: [medida["por_segundo"] for medida in suyas]
            for nombre, suyas in {**medidas, "lote": lotes}.items()
        },
    }


def medir_embebido(segundos: float, vueltas: int, puerto: int) -> dict[str, Any]:
    """`make run`'s own group in a temporary folder: SQLite, relay, consumers, task worker."""
    with tempfile.TemporaryDirectory() as carpeta:
        archivo = Path(carpeta) / "ids.json"
        grupo = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "manage.py", "servir", "--puerto", str(puerto), "--sin-pruebas"],
            cwd=informe.RAIZ,
            env={
                **os.environ,
                "ALPES_DEMO": "1",
                "ALPES_API_POR_MINUTO": "60000000",
                "ALPES_DATOS": carpeta,
                "ALPES_DEMO_ARCHIVO": str(archivo),
            },
        )
        try:
            carga.esperar_http(puerto, "/health")
            ids = json.loads(archivo.read_text())
            calcular = partial(
                carga.medir,
                puerto,
                "/commissions/calculate",
                ids["claves"]["integracion"],
                partial(_venta, ids["afiliados"][0]),
            )
            calcular(min(2, segundos))
            medidas = [calcular(segundos) for _ in range(vueltas)]
            memoria = informe.pss_mib(informe.descendientes(grupo.pid))
        finally:
            grupo.send_signal(signal.SIGINT)
            grupo.wait(30)
    return {
        "commissions_calculate": carga.mediana(medidas),
        "vueltas": [v["por_segundo"] for v in medidas],
        "memoria_mib": memoria,
    }


def main() -> None:
    """Measure one of the two and write its part of the report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--embebido", action="store_true", help="el modo embebido, en SQLite")
    opciones.add_argument("--segundos", type=float, default=8)
    opciones.add_argument("--vueltas", type=int, default=5)
    opciones.add_argument("--puerto", type=int, default=8077)
    args = opciones.parse_args()
    comun = {
        "medido_en": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "maquina": informe.maquina(),
        "conexiones": carga.PROCESOS * carga.HILOS,
    }
    if args.embebido:
        datos = medir_embebido(args.segundos, args.vueltas, args.puerto)
        informe.guardar("web_embebido", {**comun, **datos})
        return
    with pila() as viva:
        viva.subir("mysql")
        datos = medir_en_mysql(viva, args.segundos, args.vueltas, args.puerto)
    informe.guardar("web_mysql", {**comun, **datos})


if __name__ == "__main__":
    main()
