"""What the end-to-end tests did, as ``e2e_test_report.json`` and a page beside it: a plugin of
pytest, which ``run_e2e_tests.sh`` turns on.

Of each case: what it shows, its steps (setting up, the test, tearing down) with their times, what
failed, and how many events of each topic its product's audit file got meanwhile.
"""

from __future__ import annotations

import html
import json
import os
import platform
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ARCHIVO = Path(os.environ.get("ALPES_INFORME_E2E", "e2e_test_report.json"))
_PASOS = {"setup": "preparar", "call": "probar", "teardown": "recoger"}
_ESTILO = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color-scheme: light dark; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884;
  vertical-align: top; overflow-wrap: anywhere; }
.mal { color: #b91c1c; font-weight: 600; }
@media (prefers-color-scheme: dark) { .mal { color: #f87171; } }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
"""


class Informe:
    """The cases, as they end."""

    def __init__(self) -> None:
        self.empezo = datetime.now(UTC)
        self.casos: dict[str, dict[str, Any]] = {}
        self._leidos: dict[Path, int] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """A step of a case ended."""
        dicho = yield
        dice = (getattr(item.obj, "__doc__", None) or "").strip().splitlines()
        caso = self.casos.setdefault(
            item.nodeid,
            {"caso": item.nodeid, "dice": dice[0] if dice else "", "resultado": "pasa",
             "segundos": 0.0, "pasos": [], "eventos": {}},
        )  # fmt: skip
        caso["segundos"] = round(caso["segundos"] + dicho.duration, 2)
        caso["pasos"].append({
            "paso": _PASOS[dicho.when], "segundos": round(dicho.duration, 2),
            "resultado": dicho.outcome,
        })  # fmt: skip
        if dicho.failed:
            caso["resultado"], caso["fallo"] = "falla", str(dicho.longrepr)[-4_000:]
        elif dicho.skipped:
            caso["resultado"] = "se salta"
        if dicho.when == "call":
            caso["eventos"] = dict(sorted(self._nuevos(item.funcargs.values()).items()))
        return dicho

    def pytest_sessionfinish(self) -> None:
        """All ended: both files."""
        casos = list(self.casos.values())
        documento = {
            "empezo": self.empezo.isoformat(timespec="seconds"),
            "maquina": {
                "sistema": f"{platform.system()} {platform.machine()}",
                "cpu": os.cpu_count(),
                "python": platform.python_version(),
            },
            "resultados": dict(Counter(caso["resultado"] for caso in casos)),
            "segundos": round((datetime.now(UTC) - self.empezo).total_seconds(), 1),
            "casos": casos,
        }
        ARCHIVO.write_text(json.dumps(documento, indent=2, ensure_ascii=False) + "\n")
        ARCHIVO.with_suffix(".html").write_text("".join(pagina(documento)))
        print(f"\nEscrito en {ARCHIVO} y {ARCHIVO.with_suffix('.html')}")

    def _nuevos(self, cosas: Any) -> Counter[str]:
        """Events of each topic that the audit files of some products got since they were read."""
        temas: Counter[str] = Counter()
        for cosa in cosas:
            carpeta = getattr(cosa, "carpeta", None) or getattr(cosa, "home", None)
            for ruta in ("events.jsonl", "datos/events.jsonl"):
                if isinstance(carpeta, Path) and (carpeta / ruta).is_file():
                    lineas = (carpeta / ruta).read_text().splitlines()
                    for linea in lineas[self._leidos.get(carpeta / ruta, 0) :]:
                        temas[json.loads(linea)["source"].rpartition("/")[2] + ".eventos"] += 1
                    self._leidos[carpeta / ruta] = len(lineas)
        return temas


def pagina(documento: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    titulo = " · ".join(f"{n} {que}" for que, n in documento["resultados"].items())
    yield f'<!doctype html><html lang="es"><meta charset="utf-8"><title>{html.escape(titulo)}'
    yield '</title><meta name="viewport" content="width=device-width">'
    yield f"<style>{_ESTILO}</style><h1>{html.escape(titulo) or 'Ningún caso'}</h1>"
    yield f"<p>{html.escape(documento['empezo'])} · {documento['segundos']} s</p>"
    yield "<table><thead><tr><th>Caso<th>Resultado<th>Segundos<th>Pasos<th>Eventos por tema"
    yield "</thead><tbody>"
    for caso in documento["casos"]:
        clase = ' class="mal"' if caso["resultado"] == "falla" else ""
        pasos = ", ".join(f"{p['paso']} {p['segundos']} s" for p in caso["pasos"])
        eventos = ", ".join(f"{tema} {n}" for tema, n in caso["eventos"].items())
        fallo = f"<pre>{html.escape(caso['fallo'])}</pre>" if "fallo" in caso else ""
        yield (
            f"<tr><td>{html.escape(caso['caso'])}<br><small>{html.escape(caso['dice'])}</small>"
            f"{fallo}<td{clase}>{caso['resultado']}<td>{caso['segundos']}<td>{pasos}<td>{eventos}"
        )
    yield "</tbody></table></html>\n"


def pytest_configure(config: Any) -> None:
    """Turn it on; of several processes, in the one that hears of all."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Informe(), "informe-e2e")
