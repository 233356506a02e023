"""Text that ends up in a spreadsheet."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def respuesta_csv(contenido: str | bytes, nombre: str) -> HttpResponse:
    """A download."""
    return HttpResponse(
        contenido,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, nombre),
            "Cache-Control": "private, no-store",
        },
    )
