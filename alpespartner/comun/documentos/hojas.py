"""Text that ends up in a spreadsheet."""

from __future__ import annotations

from django.http import HttpResponse


def respuesta_csv(contenido: str, nombre: str) -> HttpResponse:
    """A download. ``nombre`` is plain ASCII, without quotes."""
    return HttpResponse(
        contenido,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{nombre}"',
            "Cache-Control": "private, no-store",
        },
    )
