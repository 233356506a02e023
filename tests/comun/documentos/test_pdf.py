"""Documents: what they say, and that nothing comes from outside."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.template import engines
from pypdf import PdfReader

from alpespartner.comun.documentos import pdf
from alpespartner.comun.documentos.pdf import a_pdf, respuesta_pdf

PLANTILLA = """{% extends "pdf/base.html" %}
{% block titulo %}Prueba{% endblock %}
{% block encabezado %}{{ nombre }}{% endblock %}
{% block pie %}Página de prueba{% endblock %}
{% block contenido %}<p>{{ resto|safe }}</p>{% endblock %}"""


@pytest.fixture(autouse=True)
def _plantilla(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renders the template above, whatever its name."""
    hecha = engines["django"].from_string(PLANTILLA)
    monkeypatch.setattr(pdf, "render_to_string", lambda _n, contexto: hecha.render(contexto))


def texto(documento: bytes) -> str:
    """Text of every page."""
    return "\n".join(hoja.extract_text() for hoja in PdfReader(io.BytesIO(documento)).pages)


def test_texto_acentos_y_pie() -> None:
    """Names are shown as written, markup in them included, and every page has its foot."""
    documento = a_pdf("x", {"nombre": "Ñandú <b>S.A.</b> & Cía", "resto": "<br>" * 100})
    assert documento.startswith(b"%PDF-")
    assert "Ñandú <b>S.A.</b> & Cía" in texto(documento)
    assert texto(documento).count("Página de prueba") == 2
    assert "2 / 2" in texto(documento)


def test_el_mismo_contexto_da_los_mismos_bytes() -> None:
    """A document made twice can be compared by its hash."""
    contexto = {"nombre": "Ana", "resto": ""}
    assert a_pdf("x", contexto) == a_pdf("x", contexto)


@pytest.mark.parametrize(
    "resto",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="file:///etc/passwd">',
        '<link rel="stylesheet" href="https://ejemplo.test/a.css">',
        '<style>body { background: url("http://127.0.0.1:9/x") }</style>',
        "<style>@font-face { font-family: x; src: url(file:///x) } p { font-family: x }</style>",
    ],
)
def test_no_lee_de_fuera(resto: str) -> None:
    """Neither the network nor the disk: a document is what its template says."""
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        a_pdf("x", {"nombre": "Ana", "resto": resto})


def test_lee_lo_que_lleva_dentro(caplog: Any) -> None:
    """An image inside the template is drawn."""
    gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    documento = a_pdf("x", {"nombre": "Ana", "resto": f'<img src="{gif}">'})
    assert len(PdfReader(io.BytesIO(documento)).pages[0].images) == 1
    assert not caplog.records


def test_descarga() -> None:
    """A download that no shared cache keeps."""
    respuesta = respuesta_pdf(b"%PDF-", "x.pdf")
    assert respuesta["Content-Type"] == "application/pdf"
    assert respuesta["Content-Disposition"] == 'attachment; filename="x.pdf"'
    assert respuesta["Cache-Control"] == "private, no-store"
