"""What ``/metrics`` says: what each process counted, and the gauges of what the monitor reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from alpespartner.operacion.monitor.lectura import Lectura, leer_hace_poco

# Name, help, label, part, and the figures of it by the values of the label.
_Medida = tuple[str, str, str, str, Any]
_MEDIDAS: tuple[_Medida, ...] = (
    ("alpes_eventos_por_segundo", "Events written, by topic.", "tema", "eventos",
     lambda d: d["por_segundo"]),
    ("alpes_suscripcion_atraso", "Events that a consumer has still to handle.", "consumidor",
     "suscripciones", lambda d: {n: s["atraso"] for n, s in d.items()}),
    ("alpes_outbox_edad_segundos", "Since when the oldest event waits.", "", "outbox",
     lambda d: d["edad_s"]),
    ("alpes_canario_retraso_milisegundos", "From commit to consumer, of the last canary.", "",
     "canario", lambda d: d["retraso_ms"]),
    ("alpes_canario_perdido", "1 while the last canary has not come back.", "", "canario",
     lambda d: int(d["perdido"])),
    ("alpes_eventos_aparcados", "Events that a consumer gave up on.", "consumidor", "aparcados",
     lambda d: d),
    ("alpes_tareas_en_cola", "Tasks that wait.", "cola", "tareas", lambda d: d["colas"]),
    ("alpes_pagos", "Payments to deal with, by state; 1000 or more are 1000.", "estado", "pagos",
     lambda d: d),
    ("alpes_webhooks", "Webhooks that fail, were turned off for it, or wait.", "situacion",
     "webhooks", lambda d: d),
    ("alpes_clics_por_recoger_segundos", "Since when the oldest clicks wait.", "", "clics",
     lambda d: d["edad_s"]),
    ("alpes_clics_por_recoger_ficheros", "Files of clicks that wait.", "", "clics",
     lambda d: d["ficheros"]),
    ("alpes_correo_atascado", "Mails that do not go out.", "", "correo",
     lambda d: d["atascados"]),
    ("alpes_pruebas_responde", "1 while the sandbox answers, 0 while it does not.", "", "pruebas",
     lambda d: None if d["responde"] is None else int(d["responde"])),
    ("alpes_disco_libre_bytes", "Room where the data is.", "", "disco",
     lambda d: d["libre_mb"] * 1_000_000),
    ("alpes_alertas_abiertas", "Alerts that are open.", "", "alertas", lambda d: d["abiertas"]),
)  # fmt: skip


class _DelMonitor:
    """Collector of a reading; what could not be read is not there, and ``alpes_parte_responde``
    says so."""

    def __init__(self, lectura: Lectura) -> None:
        self._lectura = lectura

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        responden = GaugeMetricFamily(
            "alpes_parte_responde", "Whether a part could be read.", labels=["parte"]
        )
        for parte in (*self._lectura.partes, *self._lectura.fallos):
            responden.add_metric([parte], int(parte in self._lectura.partes))
        yield responden
        for nombre, ayuda, etiqueta, parte, sacar in _MEDIDAS:
            valor = sacar(self._lectura.partes[parte]) if parte in self._lectura.partes else None
            if valor is None:
                continue
            medida = GaugeMetricFamily(nombre, ayuda, labels=[etiqueta] if etiqueta else None)
            for de, uno in valor.items() if etiqueta else (("", valor),):
                medida.add_metric([de] if etiqueta else [], uno)
            yield medida


def metricas() -> bytes:
    """Everything, in Prometheus's text format."""
    registro = CollectorRegistry()
    registro.register(_DelMonitor(leer_hace_poco()))
    suyas = generate_latest(registro)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return suyas + generate_latest(REGISTRY)
    de_todos = CollectorRegistry()
    MultiProcessCollector(de_todos)
    return suyas + generate_latest(de_todos)
