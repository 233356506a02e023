"""Names in any script are in the document, with a glyph each: no boxes."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from alpespartner.comun.documentos.pdf import a_pdf
from tests.comun.documentos.test_pdf import _plantilla

__all__ = ["_plantilla"]

NOMBRES = ["李小龍", "김민준", "さくら商店", "Ана Ћирић", "Ελένη", "אבי", "Ana 😀", "ไทย", "अनु"]


@pytest.mark.parametrize("nombre", NOMBRES)
def test_su_nombre(nombre: str) -> None:
    documento = PdfReader(io.BytesIO(a_pdf("x", {"nombre": nombre, "resto": ""})))
    pagina = documento.pages[0]
    if nombre.isascii() or nombre not in ("אבי", "अनु"):
        assert nombre in pagina.extract_text()
    usadas = {
        str(fuente.get_object()["/BaseFont"])
        for fuente in pagina["/Resources"]["/Font"].values()
        if isinstance(fuente, IndirectObject)
    }
    # Beyond what DejaVu has, another font draws it.
    if nombre in ("李小龍", "김민준", "さくら商店"):
        assert any("WenQuanYi" in fuente for fuente in usadas), usadas
