"""What ``make mutar`` changes, and that it changes nothing else."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import replace
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

sys.path.insert(0, str(Path(settings.BASE_DIR) / "scripts"))

from mutacion.cobertura import PRODUCTO
from mutacion.indice import Indice, indice_de
from mutacion.mutantes import Mutante, elegir, iguales, lugar_de, mutantes_de
from mutacion.vivero import cambiar_tablas, funciones_de_aqui, injertar

MODULO = """
class Estado(TextChoices):
    UNO = "uno"
    DOS = "dos"


def hace(a, *, b=1):
    return a


def f(x, filas):
    if not x and x < 10:
        publicar(x)
    hace(x, b=2)
    for fila in filas.filter(estado=Estado.UNO, x=x).order_by("pk"):
        fila.total -= min(x, 1)
        fila.save(update_fields=["total", "estado"])
    return any(filas)
"""


def todos(fuente: str = MODULO) -> list[Mutante]:
    indice = Indice()
    indice.leer(ast.parse(fuente))
    return list(mutantes_de("m.py", fuente, indice))


@pytest.mark.parametrize(
    ("operador", "queda"),
    [
        ("comparacion", "if not x and (x <= 10):"),
        ("booleano", "if (not x or x < 10):"),
        ("negacion", "if (x) and x < 10:"),
        ("cuenta", "fila.total += min(x, 1)"),
        ("constante", "min(x, 2)"),
        ("pareja", "max(x, 1)"),
        ("pareja", "return all(filas)"),
        ("condicion", 'filas.filter(x=x).order_by("pk")'),
        ("condicion", 'for fila in filas.order_by("pk"):'),
        ("condicion", "filas.filter(estado=Estado.UNO, x=x):"),
        ("argumento", "    hace(x)"),
        ("elemento", "update_fields=['total']"),
        ("miembro", "estado=Estado.DOS"),
        ("llamada", "        pass\n    hace(x, b=2)"),
        ("retorno", "return None"),
    ],
)
def test_cada_cambio(operador: str, queda: str) -> None:
    """One of each kind is there, and it is still Python."""
    suyos = [m.aplicar(MODULO) for m in todos() if m.operador == operador]
    assert any(queda in fuente for fuente in suyos), suyos
    for fuente in suyos:
        ast.parse(fuente)
        assert fuente != MODULO


@pytest.mark.parametrize(
    ("fuente", "hay"),
    [
        ("x = filas.values('a').order_by()", False),
        ("x = filas.order_by('a')", True),
        ("_POR_SENTENCIA = 500", False),
        ("PORCION = 500", False),
        ("x = pedir(timeout=30)", False),
        ("x = pedir(veces=30)", True),
        ("MAXIMO = 500", True),
        ("def f(*, limite=500, dias=None): pass", False),
        ("def f(x, dias=3, *, limite=500): pass", True),
        ("def f():\n    return False", False),
        ("def f():\n    return 0.5", True),
    ],
)
def test_lo_que_no_dice_ninguna_regla(fuente: str, hay: bool) -> None:
    """How much is done at once, an order that was none, nothing instead of no."""
    sin_bool = [m for m in todos(fuente) if m.texto != "True"]
    assert bool(sin_bool) == hay


@pytest.mark.lento
def test_los_iguales_son_de_lo_que_hay() -> None:
    """A name of code that changed says nothing any more."""
    raiz = Path(settings.BASE_DIR)
    indice = indice_de(raiz, PRODUCTO)
    for ruta in set(iguales().values()):
        nombres = {m.clave for m in mutantes_de(ruta, (raiz / ruta).read_text(), indice)}
        assert {clave for clave, suya in iguales().items() if suya == ruta} <= nombres, ruta


def test_la_semilla_decide_y_mas_mutantes_empiezan_por_los_mismos() -> None:
    """A cut run goes on; a longer one repeats nothing."""
    pocos, muchos = elegir(todos(), 8, 3), elegir(todos(), 16, 3)
    assert muchos[:8] == pocos == elegir(todos(), 8, 3)
    assert len({m.clave for m in muchos}) == 16
    assert elegir(todos(), 8, 4) != pocos
    assert len({m.operador for m in pocos}) == 8


def test_por_turnos_de_lugar() -> None:
    """A small place is drawn from as much as a large one, while it has any."""
    de_cada = [
        replace(m, ruta=ruta) for ruta in ("a/b/m.py", "a/c/m.py", "d/m.py") for m in todos()
    ]
    una = next(m for m in de_cada if m.ruta == "d/m.py")
    lugares = ("a/b", "a", "d/m.py")
    elegidos = elegir([m for m in de_cada if m.ruta != "d/m.py" or m == una], 9, 3, lugares)
    assert Counter(lugar_de(m.ruta, lugares) for m in elegidos) == {"a/b": 4, "a": 4, "d": 1}
    assert una in elegidos[:3]
    assert len({m.operador for m in elegidos if m.ruta == "a/b/m.py"}) == 4


LIMITE = 1
LIMITES = {LIMITE, 5}


def _alcanza(monto: int) -> bool:
    return monto >= LIMITE and monto in LIMITES


def test_las_tablas_se_cambian_sin_importar_otra_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, where they were imported, and in what is made of them; not what only looks alike."""
    for nombre in ("LIMITE", "LIMITES"):
        monkeypatch.setattr(sys.modules[__name__], nombre, globals()[nombre])
    importa, ajeno = ModuleType("importa"), ModuleType("ajeno")
    vars(importa)["LIMITES"], vars(ajeno)["LIMITES"] = LIMITES, {1, 5}
    for modulo in (importa, ajeno):
        monkeypatch.setitem(sys.modules, modulo.__name__, modulo)
    fuente, antes = Path(__file__).read_text(), "LIMITE" + " = 1"
    assert (_alcanza(1), _alcanza(2)) == (True, False)
    assert cambiar_tablas(__file__, fuente, fuente.replace(antes, antes.replace("1", "2")))
    assert (_alcanza(1), _alcanza(2)) == (False, True)
    assert vars(importa)["LIMITES"] == {2, 5}
    assert vars(ajeno)["LIMITES"] == {1, 5}
    assert not cambiar_tablas(__file__, fuente, fuente.replace("def _" + "alcanza", "def _otra"))


def _cuanto(n: int, *, veces: int = 3, mas: int = LIMITE) -> int:
    return n * veces + mas


class _Tarifa:
    tasa = 7
    base = 5
    doble = base * 2


class _Color(Enum):
    ROJO = 70


def test_lo_que_se_da_por_dicho_se_cambia_en_su_sitio() -> None:
    """The defaults of a function and what a plain class says; not what was made of its body."""
    fuente, guardada = Path(__file__).read_text(), _cuanto

    def cambia(antes: str, despues: str) -> bool:
        assert fuente.count(antes) == 1
        return cambiar_tablas(__file__, fuente, fuente.replace(antes, despues))

    antes = _cuanto.__kwdefaults__
    try:
        assert cambia("veces: int " + "= 3", "veces: int = 4")
        assert (guardada(2), _Tarifa.tasa, _Tarifa.doble) == (9, 7, 10)
        assert cambia("tasa " + "= 7", "tasa = 8")
        assert cambia("doble = base " + "* 2", "doble = base * 3")
        assert (_Tarifa.tasa, _Tarifa.doble) == (8, 15)
        # Something else is made of it.
        assert not cambia("base " + "= 5", "base = 6")
        assert not cambia("ROJO " + "= 70", "ROJO = 71")
        assert not cambia("n * veces " + "+ mas", "n * veces - mas")
    finally:
        _cuanto.__kwdefaults__ = antes
        _Tarifa.tasa, _Tarifa.doble = 7, 10


def _debe(monto: int) -> bool:
    return sum(n for n in (monto, 1)) > 1


@pytest.mark.lento
def test_el_codigo_se_cambia_sin_importar_otra_vez() -> None:
    """Of a function that others hold already; what is outside functions is refused."""
    fuente = Path(__file__).read_text()
    assert (_debe(0), _debe(1)) == (False, True)
    codigo, guardada = _debe.__code__, _debe
    # In two halves, or this test would be changed with it.
    dentro, fuera = "(monto, 1)) " + "> 1", "MODULO" + " = "
    try:
        otra = fuente.replace(dentro, dentro.replace(">", ">="))
        suyas = funciones_de_aqui()[codigo.co_filename]
        assert injertar(codigo.co_filename, fuente, otra, suyas)
        assert guardada(0)
        assert not injertar(codigo.co_filename, fuente, fuente.replace(fuera, "OTRO = "), suyas)
    finally:
        _debe.__code__ = codigo
