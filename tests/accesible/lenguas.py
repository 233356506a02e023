"""Words of the other language in a page: those that only one side of the catalogue knows."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import polib

from scripts.extraer_textos import INGLES

_PALABRA = re.compile(r"[^\W\d_]{3,}")
_MARCA = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|<[^>]+>|«[^»]*»|“[^”]*”")
_CALLADAS = {"script", "style", "pre", "textarea", "kbd", "svg", "code"}
_DICHAS = ("title", "aria-label", "placeholder", "alt")


def palabras(texto: str) -> set[str]:
    """Its words, without what it quotes."""
    return {p.lower() for p in _PALABRA.findall(_MARCA.sub(" ", texto))}


def vocabularios() -> tuple[set[str], set[str]]:
    """Words that only Spanish has, and those that only English has."""
    espanol: set[str] = set()
    ingles: set[str] = set()
    for entrada in polib.pofile(str(INGLES)):
        espanol |= palabras(f"{entrada.msgid} {entrada.msgid_plural}")
        ingles |= palabras(" ".join([entrada.msgstr, *entrada.msgstr_plural.values()]))
    return espanol - ingles, ingles - espanol


class Visible(HTMLParser):
    """The texts of a page that somebody reads or hears, and are not rows' own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.textos: list[str] = []
        self.lengua = ""
        self._pila: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        dados = dict(attrs)
        clases = dados.get("class") or ""
        calla = tag in _CALLADAS or "material-symbols" in clases or "ap-id" in clases.split()
        if tag == "html":
            self.lengua = dados.get("lang") or ""
        self.textos += [v for k, v in attrs if k in _DICHAS and v]
        if tag not in ("input", "br", "img", "link", "meta", "hr", "source", "path", "col"):
            self._pila.append((tag, calla or (bool(dados.get("lang")) and tag != "html")))

    def handle_endtag(self, tag: str) -> None:
        while self._pila:
            if self._pila.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        texto = " ".join(data.split())
        if texto and not any(calla for _tag, calla in self._pila):
            self.textos.append(texto)


def textos(pagina: str) -> tuple[str, list[str]]:
    """The language that a page says, and what is read of it."""
    lector = Visible()
    lector.feed(pagina)
    return lector.lengua, lector.textos
