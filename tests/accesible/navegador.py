"""A browser that says what is wrong with a page: axe-core, its console, and where it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.e2e.conftest import CHROMIUM, OPCIONES

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Width, height, and how many of the screen's dots are one of ours: 640 of two are 200 % of 1280.
VENTANAS = {"1440": (1440, 900, 1), "1280": (1280, 800, 1), "200%": (640, 400, 2),
            "390": (390, 844, 1)}  # fmt: skip
TEMAS = ("claro", "oscuro")
_REGLAS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
_CORRER = """async ([reglas, dentro]) => {
  const hallado = await axe.run(dentro || document, reglas);
  return hallado.violations.map((v) => ({
    id: v.id, que: v.help,
    nodos: v.nodes.map((n) => n.target.join(" ") + " ⟵ " + n.html.slice(0, 160)
      + " ⟵ " + (n.any.concat(n.all, n.none)[0]?.message || "").slice(0, 200)),
  }));
}"""
# What answers a click, and no key reaches.
_SIN_TECLADO = r"""() => [...document.querySelectorAll("*")].filter((e) =>
    e.offsetParent && [...e.attributes].some((a) => /^(x-on:click|@click|onclick)/.test(a.name))
    && ![...e.attributes].some((a) => a.name.includes(".outside")) && e.tabIndex < 0
    && !e.closest("button, a[href], label, summary") && e.id !== "changelist-filter-close"
  ).map((e) => e.outerHTML.slice(0, 160))"""
# How much does not fit into the width, and what first sticks out.
_SOBRA = """() => {
  const raiz = document.documentElement, ancho = raiz.clientWidth;
  if (raiz.scrollWidth <= ancho + 1) return "";
  const sale = [...document.querySelectorAll("main *, header *")].find(
    (e) => e.getBoundingClientRect().right > ancho + 1);
  return `${raiz.scrollWidth - ancho} px: ${sale ? sale.outerHTML.slice(0, 120) : ""}`;
}"""
# Nothing that moves is measured half way.
_QUIETO = "*, *::before, *::after { transition: none !important; animation: none !important; }"


@contextmanager
def un_navegador(sitio: str) -> Iterator[Callable[..., BrowserContext]]:
    """What opens windows: of nobody, or of whose session it is given."""
    with sync_playwright() as playwright:
        navegador = playwright.chromium.launch(executable_path=CHROMIUM, args=OPCIONES)

        def nuevo(sesion: str = "", locale: str = "es-ES") -> BrowserContext:
            contexto = navegador.new_context(
                base_url=sitio, locale=locale, viewport={"width": 1440, "height": 900}
            )
            if sesion:
                contexto.add_cookies([
                    {"name": settings.SESSION_COOKIE_NAME, "value": sesion, "url": sitio}
                ])  # fmt: skip
            return contexto

        yield nuevo
        navegador.close()


@dataclass
class Quejas:
    """What was wrong: once for each kind of thing and place, with how often."""

    cuantas: Counter[str] = field(default_factory=Counter)
    ejemplos: dict[str, list[str]] = field(default_factory=dict)
    paginas: int = 0
    miradas: Counter[str] = field(default_factory=Counter)
    limpias: Counter[str] = field(default_factory=Counter)

    def anotar(self, que: str, ejemplo: str) -> None:
        """Note one."""
        self.cuantas[que] += 1
        suyos = self.ejemplos.setdefault(que, [])
        if len(suyos) < 4:
            suyos.append(ejemplo)

    def informe(self) -> str:
        """How many pages were looked at in each width and theme, and how many were clean."""
        filas = [
            f"{como:>14}{self.miradas[como]:>9}{self.limpias[como]:>9}" for como in self.miradas
        ]
        return "\n".join([
            f"{self.paginas} páginas × anchos × temas = {self.miradas.total()} miradas, "
            f"{self.limpias.total()} limpias",
            f"{'ancho y tema':>14}{'miradas':>9}{'limpias':>9}", *filas,
        ])  # fmt: skip

    def __str__(self) -> str:
        lineas = []
        for que, n in self.cuantas.most_common():
            lineas.append(f"{n} × {que}")
            lineas += [f"      {ejemplo}" for ejemplo in self.ejemplos[que]]
        return "\n".join(lineas)


class Mirador:
    """A page of a browser; ``mirar`` looks at what it shows."""

    def __init__(self, contexto: BrowserContext, sitio: str, quejas: Quejas) -> None:
        self.quejas = quejas
        self.donde = ""
        self._prohibida = False
        self._quejas_antes = 0
        self.pagina: Page = contexto.new_page()
        self.pagina.on("console", self._consola)
        self.pagina.on("pageerror", lambda error: quejas.anotar(f"error: {error}", self.donde))
        suyo = urlsplit(sitio).netloc
        self.pagina.on("request", lambda p: self._pedido(p.url, suyo))

    def _consola(self, mensaje: Any) -> None:
        # A page that is not there, or not for everybody, says so in the console, too.
        if mensaje.type in ("error", "warning") and "with a status of 40" not in mensaje.text:
            self.quejas.anotar(f"consola: {mensaje.text[:200]}", self.donde)

    def _pedido(self, url: str, suyo: str) -> None:
        partes = urlsplit(url)
        if partes.scheme in ("http", "https", "ws", "wss") and partes.netloc != suyo:
            self.quejas.anotar(f"pide a {partes.netloc}", f"{self.donde} → {url}")

    def ir(self, ruta: str) -> bool:
        """Open a page; whether it is another one than those that say that it may not be opened."""
        self.donde = ruta
        self._quejas_antes = self.quejas.cuantas.total()
        respuesta = self.pagina.goto(ruta)
        if respuesta and respuesta.status == 403:
            if self._prohibida:
                return False
            self._prohibida = True
        if respuesta and "html" not in respuesta.headers.get("content-type", ""):
            # A picture, or a script: nobody reads it as a page.
            return False
        self.preparar()
        return True

    def preparar(self) -> None:
        """Have what looks at the page that is there: whoever follows a button has to ask."""
        self.quejas.paginas += 1
        self.pagina.add_style_tag(content=_QUIETO)
        self.pagina.evaluate(_AXE)

    def poner(self, ventana: str, tema: str) -> None:
        """Another width and theme of the same page."""
        ancho, alto, _densidad = VENTANAS[ventana]
        self.pagina.set_viewport_size({"width": ancho, "height": alto})
        self.pagina.evaluate(
            "oscuro => { document.documentElement.classList.toggle('dark', oscuro); }",
            tema == "oscuro",
        )
        self.pagina.emulate_media(color_scheme="dark" if tema == "oscuro" else "light")

    def mirar(self, como: str, dentro: str | None = None) -> None:
        """What axe finds, and whether something does not fit into the width."""
        self.quejas.miradas[como] += 1
        for hallada in self.pagina.evaluate(_CORRER, [_REGLAS, dentro]):
            for nodo in hallada["nodos"]:
                # A bar at the foot covers what is under it until it is scrolled to.
                if "partially obscured" in nodo:
                    continue
                lugar = nodo.split(" ⟵ ", 1)
                self.quejas.anotar(
                    f"{hallada['id']}: {hallada['que']}",
                    f"{self.donde} [{como}] {lugar[0]} ⟵ {lugar[1]}",
                )
        for mudo in self.pagina.evaluate(_SIN_TECLADO):
            self.quejas.anotar("solo con el ratón", f"{self.donde} [{como}] {mudo}")
        if sobra := self.pagina.evaluate(_SOBRA):
            self.quejas.anotar(f"{como}: más ancha que la ventana", f"{self.donde} {sobra}")
        # What the page said while it loaded counts against the first look at it.
        quejas = self.quejas.cuantas.total()
        self.quejas.limpias[como] += quejas == self._quejas_antes
        self._quejas_antes = quejas
