"""Words of the other language in a page: those that only one side of the catalogues knows, and
whole sentences that the packages bring and nobody translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import polib
from django.apps import apps
from django.utils import translation

from scripts.extraer_textos import APPS, INGLES, de_fuentes

_PALABRA = re.compile(r"[^\W\d_]{3,}")
_MARCA = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|<[^>]+>|«[^»]*»|“[^”]*”")
_CALLADAS = {"script", "style", "pre", "textarea", "kbd", "svg", "code"}
_DICHAS = ("title", "aria-label", "placeholder", "alt")


def palabras(texto: str) -> set[str]:
    """Its words, without what it quotes."""
    return {p.lower() for p in _PALABRA.findall(_MARCA.sub(" ", texto))}


def _nuestros() -> Iterator[tuple[str, str]]:
    """Each text of ours, in Spanish and in English."""
    for entrada in polib.pofile(str(INGLES)):
        yield entrada.msgid, entrada.msgstr or entrada.msgstr_plural.get(0, "")
        if entrada.msgid_plural:
            yield entrada.msgid_plural, entrada.msgstr_plural[1]


_DE_DJANGO = ("django.core", "django.db", "django.template", "django.utils", "django.views")


@cache
def ajenos() -> dict[str, str]:
    """Each text that the installed packages mark, with what a page in Spanish shows of it; those
    without a catalogue of their own (unfold) mark as well as the others."""
    marcados: set[tuple[str, str]] = set()
    for app in (*(una.name for una in apps.get_app_configs()), *_DE_DJANGO):
        modulo = find_spec(app)
        if modulo is not None and modulo.origin and app.split(".")[0] not in APPS:
            marcados |= de_fuentes(Path(modulo.origin).parent)
    with translation.override("es"):
        dichos = {uno: translation.gettext(uno) for uno, _otro in marcados if uno.strip()}
        for uno, otro in marcados:
            if otro:
                dichos[otro] = translation.ngettext(uno, otro, 2)
    return dichos


def vocabularios() -> tuple[set[str], set[str]]:
    """Words that only Spanish has, and those that only English has."""
    espanol: set[str] = set()
    ingles: set[str] = set()
    for uno, otro in _nuestros():
        espanol |= palabras(uno)
        ingles |= palabras(otro)
    for otro, uno in ajenos().items():
        ingles |= palabras(otro)
        if uno != otro:
            espanol |= palabras(uno)
    return espanol - ingles, ingles - espanol


class Frases:
    """Whole texts of one language, whatever stands where they have a placeholder."""

    def __init__(self, textos_: set[str]) -> None:
        self._enteras = {_corrido(t).casefold() for t in textos_ if not _HUECO.search(t)}
        con_huecos = [t for t in textos_ if _HUECO.search(t) and len(palabras(t)) > 1]
        self._moldes = [
            re.compile(".+?".join(re.escape(_corrido(p)) for p in _HUECO.split(t)), re.IGNORECASE)
            for t in con_huecos
        ]

    def dice(self, texto: str) -> bool:
        """Whether that text is one of them."""
        texto = _corrido(texto)
        return texto.casefold() in self._enteras or any(m.fullmatch(texto) for m in self._moldes)


_IGUALES = {"No", "General"}
_HUECO = re.compile(r"%%|%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _corrido(texto: str) -> str:
    return re.sub(r"\s+", " ", texto)


def frases() -> tuple[Frases, Frases]:
    """Texts of English that no page in Spanish says, and the other way round."""
    parejas = [*_nuestros(), *((es, en) for en, es in ajenos().items())]
    espanol = {es for es, _en in parejas}
    ingles = {en for _es, en in parejas}
    # A text of a package that nobody translated is the same on both sides: it is English, unless
    # Spanish writes it so.
    sin_traducir = {en for en, es in ajenos().items() if en == es} - _IGUALES
    return Frases((ingles - espanol) | sin_traducir), Frases(espanol - ingles)


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
