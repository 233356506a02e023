"""Documents as PDF: a template becomes bytes, and nothing is fetched to make them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

# A row of a table takes about 4 ms and 100 KiB to lay out (WeasyPrint 70): longer tables go in
# parts of this many rows, so that no document keeps a worker for more than some seconds.
LINEAS_POR_PARTE = 500
# One at a time in each process: Pango is known to crash with threads, and the memory stays bounded.
_TURNO = threading.Lock()


def a_pdf(plantilla: str, contexto: Mapping[str, Any]) -> bytes:
    """The document of a template that extends ``pdf/base.html``, in the active language.

    What it shows is all in the template: ``data:`` addresses are read, and any other raises
    ``FatalURLFetchingError``, a programming error. The same context gives the same bytes.
    """
    # Here, not at the top: it takes half a second, and most processes make no document.
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class SoloDatos(URLFetcher):
        """Reads what is inside the document itself."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            if not url.startswith("data:"):
                raise FatalURLFetchingError(f"un documento no lee de fuera: {url}")
            return super().fetch(url, headers)

    html = render_to_string(plantilla, {"idioma": get_language(), **contexto})
    with _TURNO:
        documento: bytes = HTML(string=html, url_fetcher=SoloDatos()).write_pdf()
    return documento


def respuesta_pdf(documento: bytes, nombre: str) -> HttpResponse:
    """A download."""
    return HttpResponse(
        documento,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(True, nombre),
            "Cache-Control": "private, no-store",
        },
    )
