"""Which tests a mutant is tried with, and what is still known of it after a change."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData
from django.conf import settings

sys.path.insert(0, str(Path(settings.BASE_DIR) / "scripts"))

from mutacion import cobertura as modulo_cobertura
from mutacion.carrera import Resultado, _final, pruebas_de
from mutacion.cobertura import Cobertura
from mutacion.indice import Indice
from mutacion.informe import Cuaderno
from mutacion.mutantes import Mutante, mutantes_de

FUENTE = "def f(x):\n    return x + 1\n"
CERCA = "tests/comisiones/motor/test_f.py::test_cerca"
LEJOS, LENTA = "tests/api/test_f.py::test_lejos", "tests/api/test_f.py::test_lenta"
RELATO = "tests/relatos/test_f.py::test_relato"
CATALOGO = "tests/relatos/test_catalogo.py::test_declarado"


def mutante(ruta: str = "comisiones/motor/f.py", fuente: str = FUENTE) -> Mutante:
    return next(m for m in mutantes_de(ruta, fuente, Indice()) if m.operador == "cuenta")


class Recogida:
    """Three tests that run every line."""

    def segundos(self) -> dict[str, float]:
        return {LEJOS: 0.1, CERCA: 0.5, LENTA: 9.0}

    def de_lineas(self, _ruta: str, _primera: int, _ultima: int) -> set[str]:
        return {LEJOS, CERCA, LENTA}


@pytest.mark.parametrize(
    ("segundos", "asesinas", "orden"),
    [
        (60, {}, [CERCA, LEJOS, LENTA]),
        (60, {LENTA: 2, LEJOS: 1}, [LENTA, LEJOS, CERCA]),
        (1, {}, [CERCA, LEJOS]),
        (0.1, {LENTA: 1}, [LEJOS]),
        (0.01, {LENTA: 1}, [LENTA]),
    ],
)
def test_primero_las_que_suelen_verlo(
    segundos: float, asesinas: dict[str, int], orden: list[str]
) -> None:
    """What killed others of its file, then its own folder, then the fastest; what does not
    fit is left out, and one is tried at least."""
    recogida: Any = Recogida()
    assert pruebas_de(mutante(), recogida, segundos, Counter(asesinas)) == (orden, 3)


def test_los_relatos_antes_que_las_mas_rapidas() -> None:
    recogida: Any = Recogida()
    recogida.segundos = lambda: {LEJOS: 0.1, CERCA: 0.5, RELATO: 2.0}
    recogida.de_lineas = lambda _ruta, _primera, _ultima: {LEJOS, CERCA, RELATO}
    assert pruebas_de(mutante(), recogida, 60, {}) == ([CERCA, RELATO, LEJOS], 3)


def test_de_una_tabla_tambien_las_de_su_carpeta_y_el_catalogo() -> None:
    """What only reads it runs nothing of its module."""
    recogida: Any = Recogida()
    recogida.segundos = lambda: {LEJOS: 0.1, CERCA: 0.5, LENTA: 9.0, CATALOGO: 0.7, RELATO: 0.2}
    recogida.del_modulo = lambda _ruta: {LEJOS}
    tabla = replace(mutante(), al_importar=True)
    assert pruebas_de(tabla, recogida, 60, {}) == ([CATALOGO, CERCA, LEJOS], 3)


@pytest.mark.parametrize(
    ("codigo", "final"), [(None, "tiempo"), (0, "vivo"), (1, "muerto"), (5, "sin_pruebas")]
)
def test_que_no_quede_ninguna_prueba_no_es_una_muerte(codigo: int | None, final: str) -> None:
    """As pytest says that none of those that were asked for is there."""
    assert _final(codigo) == final


def test_se_llama_igual_aunque_cambie_lo_de_alrededor() -> None:
    """Not another file's twin, nor the second one of its own file."""
    movido = mutante(fuente=f'"""Doc."""\n\n{FUENTE}')
    assert (movido.linea, movido.clave) == (mutante().linea + 2, mutante().clave)
    assert mutante("comisiones/motor/g.py").clave != mutante().clave
    dos = mutantes_de("m.py", f"{FUENTE}\n\n{FUENTE}", Indice())
    claves = [m.clave for m in dos if m.operador == "cuenta"]
    assert len(claves) == len(set(claves)) == 2


@pytest.mark.parametrize(
    ("final", "cambia", "se_sabe"),
    [
        ("muerto", "nada", True),
        ("muerto", "pruebas", True),
        ("muerto", "codigo", False),
        ("vivo", "nada", True),
        ("vivo", "pruebas", False),
        ("vivo", "codigo", False),
    ],
)
def test_que_se_sabe_todavia(final: Any, cambia: str, se_sabe: bool, tmp_path: Path) -> None:
    """A death as long as its file is the same; a life, also until there are other tests."""
    (tmp_path / "f.py").write_text(FUENTE)
    suyo = mutante("f.py")
    libro = tmp_path / "resultados.jsonl"
    Cuaderno(libro, raiz=tmp_path, pruebas="a").anotar(suyo, Resultado(final, prueba=LEJOS))
    if cambia == "codigo":
        (tmp_path / "f.py").write_text(f"{FUENTE}\n")
    otro = Cuaderno(libro, raiz=tmp_path, pruebas="b" if cambia == "pruebas" else "a")
    assert (suyo.clave in otro.hechos) == se_sabe
    assert otro.asesinas.get("f.py", Counter())[LEJOS] == (final == "muerto")


def test_las_lineas_se_buscan_donde_estaban(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One moved, one changed and one new since: the tests of what was there."""
    monkeypatch.setattr(modulo_cobertura, "RAIZ", tmp_path)
    (tmp_path / "m.py").write_text("nueva\nuno\notro\ntres\ncuatro\n")
    carpeta = tmp_path / "cobertura"
    recogida = Cobertura(carpeta)
    recogida.ficheros = {"t.py": {"huella": "", "tanda": "tanda-0"}}
    (carpeta / "tanda-0.raiz").write_text("/raiz")
    (carpeta / "tanda-0.fuentes").write_text(json.dumps({"m.py": "uno\ndos\ntres\n"}))
    datos = CoverageData(str(carpeta / "tanda-0.cov"))
    for n in (1, 2, 3):
        datos.set_context(f"t.py::test_{n}|run")
        datos.add_lines({"/raiz/m.py": [n]})
    datos.write()
    lineas = [recogida.de_lineas("m.py", n, n) for n in range(1, 6)]
    assert lineas == [set(), {"t.py::test_1"}, {"t.py::test_2"}, {"t.py::test_3"}, {"t.py::test_3"}]


def test_una_tabla_se_prueba_donde_se_usa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that runs nothing has the tests of whoever imports it."""
    monkeypatch.setattr(modulo_cobertura, "RAIZ", tmp_path)
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox/tabla.py").write_text("TABLA = {1}\n")
    (tmp_path / "outbox/usa.py").write_text("from outbox.tabla import TABLA\n")
    (tmp_path / "outbox/ajeno.py").write_text("from outbox.otra import TABLA\n")
    recogida = Cobertura(tmp_path / "cobertura")
    de = {"outbox/usa.py": {1: {CERCA}, 2: {LEJOS}}, "outbox/ajeno.py": {1: {LENTA}}}
    monkeypatch.setattr(recogida, "_lineas", lambda ruta: de.get(ruta, {}))
    assert recogida.del_modulo("outbox/tabla.py") == {CERCA, LEJOS}
    assert recogida.del_modulo("outbox/ajeno.py") == {LENTA}
