#!/usr/bin/env python
"""Cut the admin's fonts to what its pages show: Latin letters, and the icons that some page names.

Reads those of django-unfold and writes them under ``static/``, which is looked in first. Run it
after a new version of django-unfold, or when a page names an icon that is not there; a test tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import unfold
from fontTools import subset
from fontTools.ttLib import TTFont

RAIZ = Path(__file__).resolve().parents[1]
DE_UNFOLD = Path(unfold.__file__).parent
LETRAS = Path("unfold/fonts/inter")
ICONOS = Path("unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2")
# Latin of every European language, punctuation, currencies, arrows and signs of arithmetic.
_RANGOS = ((0x20, 0x17F), (0x192, 0x192), (0x2BC, 0x2DD), (0x2010, 0x2044), (0x2070, 0x209F),
           (0x20A0, 0x20C0), (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x221E),
           (0x2248, 0x2265))  # fmt: skip
_NOMBRE = re.compile(r"\b[a-z][a-z0-9_]+\b")
_ESCRITO = re.compile(r"""content:\s*["']([a-z][a-z0-9_]+)["']""")


def ligaduras(fuente: TTFont) -> dict[str, str]:
    """Glyph of each icon, by the name that a page writes."""
    letras = {glifo: chr(punto) for punto, glifo in fuente.getBestCmap().items()}
    halladas = {}
    for tabla in fuente["GSUB"].table.LookupList.Lookup:
        for sub in tabla.SubTable:
            sub = getattr(sub, "ExtSubTable", sub)
            for primera, juntas in getattr(sub, "ligatures", {}).items():
                for ligadura in juntas:
                    partes = [primera, *ligadura.Component]
                    nombre = "".join(letras.get(parte, "?") for parte in partes)
                    halladas[nombre] = ligadura.LigGlyph
    return halladas


def _textos() -> Iterator[str]:
    """What may name an icon: our templates, scripts and modules, and unfold's templates."""
    rutas: list[Path] = []
    for carpeta in (DE_UNFOLD / "templates", DE_UNFOLD / "contrib", RAIZ / "templates"):
        rutas += carpeta.rglob("*.html")
    for nombre in ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox"):
        rutas += (RAIZ / nombre).rglob("*.py")
    rutas += [*(RAIZ / "static").rglob("*.js"), *DE_UNFOLD.glob("*.py")]
    yield from (ruta.read_text() for ruta in rutas)
    # Of a style sheet, only what it writes: its own words are names of icons too.
    for ruta in (DE_UNFOLD / "static").rglob("*.css"):
        yield " ".join(_ESCRITO.findall(ruta.read_text()))


def nombrados(de: dict[str, str]) -> set[str]:
    """The icons among ``de`` that some page may show."""
    return {nombre for texto in _textos() for nombre in _NOMBRE.findall(texto)} & de.keys()


def _cortar(origen: Path, destino: Path, opciones: subset.Options, **que: object) -> int:
    fuente = subset.load_font(str(origen), opciones)
    cortador = subset.Subsetter(opciones)
    cortador.populate(**que)
    cortador.subset(fuente)
    destino.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(fuente, str(destino), opciones)
    return destino.stat().st_size


def main() -> None:
    """Write the fonts and say how much they take."""
    # What a font editor keeps for itself.
    comunes = {"flavor": "woff2", "drop_tables": ["FFTM"]}
    letras = subset.Options(**comunes, layout_features=["kern", "liga", "calt", "tnum", "ccmp"])
    puntos = [punto for desde, hasta in _RANGOS for punto in range(desde, hasta + 1)]
    total = 0
    for origen in sorted((DE_UNFOLD / "static" / LETRAS).glob("*.woff2")):
        total += _cortar(origen, RAIZ / "static" / LETRAS / origen.name, letras, unicodes=puntos)
    origen = DE_UNFOLD / "static" / ICONOS
    todas = ligaduras(TTFont(origen))
    suyos = nombrados(todas)
    # Without closure: every icon is made of the same few letters.
    iconos = subset.Options(**comunes, layout_closure=False, layout_features=["*"])
    total += _cortar(
        origen, RAIZ / "static" / ICONOS, iconos,
        glyphs=[todas[nombre] for nombre in suyos], text="abcdefghijklmnopqrstuvwxyz0123456789_",
    )  # fmt: skip
    print(f"{len(suyos)} iconos, {total} bytes")


if __name__ == "__main__":
    main()
