"""Exports for tests: a list as a file, and the same list walked page by page."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from alpespartner.comun.admin.exportar import fuente
from alpespartner.comun.exportacion.avance import avanzar_exportacion
from alpespartner.comun.models import Exportacion


def exportables() -> list[Any]:
    """Models whose list may be taken as a file."""
    return [m for m, pagina in admin.site._registry.items() if getattr(pagina, "exportable", False)]


def url_de(modelo: Any, vista: str = "exportar", *args: Any) -> str:
    return reverse(f"admin:{modelo._meta.app_label}_{modelo._meta.model_name}_{vista}", args=args)


def leer(contenido: bytes) -> list[dict[str, str]]:
    """Rows of a file, by the names of its columns."""
    return list(csv.DictReader(io.StringIO(contenido.decode(), newline="")))


def exportar(cliente: Client, modelo: Any, filtro: str = "") -> list[dict[str, str]]:
    """A short list as a file."""
    respuesta = cliente.post(url_de(modelo) + filtro)
    assert respuesta.status_code == 200, respuesta
    assert respuesta["Content-Type"] == "text/csv; charset=utf-8"
    return leer(respuesta.content)


def paso_a_paso(cliente: Client, modelo: Any, filtro: str = "") -> list[Any]:
    """Rows of a list as somebody sees them who opens each of its pages."""
    base, filas = url_de(modelo, "changelist"), []
    url = base + filtro
    while url:
        lista = cliente.get(url).context["cl"]
        filas += lista.result_list
        siguiente = lista.pagina.siguiente
        url = base + lista._a(siguiente) if siguiente else ""
    return filas


def pedir(cliente: Client, modelo: Any, filtro: str = "", **datos: Any) -> Exportacion:
    """A long list: what waits for the task."""
    respuesta = cliente.post(url_de(modelo) + filtro, datos)
    exportacion = Exportacion.objects.latest("pk")
    assert respuesta.url == url_de(Exportacion, "change", exportacion.pk)
    return exportacion


def avanzar(exportacion: Exportacion, segundos: float = 60) -> Exportacion:
    avanzar_exportacion(exportacion_pk=exportacion.pk, fuente=fuente, segundos=segundos)
    exportacion.refresh_from_db()
    return exportacion


def descargar(cliente: Client, exportacion: Exportacion) -> bytes:
    respuesta: Any = cliente.post(url_de(Exportacion, "descargar", exportacion.pk))
    assert respuesta.status_code == 200, respuesta
    return b"".join(respuesta.streaming_content)
