"""Writes the table of who may do what into docs/seguridad.md, between its two marks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

RAIZ = Path(__file__).resolve().parent.parent
DOCUMENTO = RAIZ / "docs" / "seguridad.md"
DESDE, HASTA = "<!-- tabla: scripts/escribir_seguridad.py -->", "<!-- fin de la tabla -->"


def con_tabla(texto: str, tabla: str) -> str:
    """The document with the table as it is now."""
    antes, _desde, resto = texto.partition(DESDE)
    _vieja, _hasta, despues = resto.partition(HASTA)
    return f"{antes}{DESDE}\n\n{tabla}\n\n{HASTA}{despues}"


def main() -> None:
    """Write it."""
    sys.path.insert(0, str(RAIZ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")
    import django

    django.setup()
    from alpespartner.quien_puede.documento import tabla

    DOCUMENTO.write_text(con_tabla(DOCUMENTO.read_text(), tabla()))


if __name__ == "__main__":
    main()
