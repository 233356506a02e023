#!/usr/bin/env python
"""Compile the translations (.po) that Django reads (.mo), without the gettext tools."""

from __future__ import annotations

from pathlib import Path

import polib

RAIZ = Path(__file__).resolve().parent.parent


def main() -> None:
    """Compile every catalogue of the project."""
    for catalogo in sorted((RAIZ / "locale").rglob("*.po")):
        polib.pofile(str(catalogo)).save_as_mofile(str(catalogo.with_suffix(".mo")))


if __name__ == "__main__":
    main()
