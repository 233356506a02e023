"""Pytest plugin of the mutants: a process that has everything imported and forks for each one.

Starting Django and collecting the tests costs more than running those of a mutant. The child takes
the changed functions by exchanging their code, and the changed tables wherever they were imported;
anything else that runs on import cannot be changed so, and is refused. It is asked, and answers, a
line of JSON at a time through the descriptors that ``MUTAR_TUBOS`` names.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

import pytest

from mutacion.plugin import pytest_configure, vacia_las_tablas

__all__ = ["pytest_configure"]
VIVE, MUERE, NINGUNA, NO_SE_PUEDE = 0, 1, 5, 9
_caida: list[str] = []
# Of each file, once for all children.
_funciones: dict[str, list[FunctionType]] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """Which test saw it."""
    if report.failed:
        _caida.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: Any) -> bool:
    """Instead of running the tests: wait for mutants until there are no more."""
    pide, contesta = (int(fd) for fd in os.environ["MUTAR_TUBOS"].split(","))
    pruebas = {item.nodeid: item for item in session.items}
    _abrir_la_base(session)
    _funciones.update(funciones_de_aqui())
    # A child that walks over what there is copies it page by page.
    gc.collect()
    gc.freeze()
    with os.fdopen(pide) as entrada, os.fdopen(contesta, "w") as salida:
        print(json.dumps({"listo": len(pruebas)}), file=salida, flush=True)
        for linea in entrada:
            respuesta = _criar(session, pruebas, json.loads(linea))
            print(json.dumps(respuesta), file=salida, flush=True)
    return True


def _abrir_la_base(session: Any) -> None:
    """Run one test, so that the session's fixtures are there for every child."""
    from django.db import connections

    for item in session.items:
        if item.get_closest_marker("django_db") is not None and not vacia_las_tablas(item):
            otra = session.items[-1] if session.items[-1] is not item else session.items[0]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=otra)
            break
    connections.close_all()
    _caida.clear()


def _criar(session: Any, pruebas: dict[str, Any], pedido: dict[str, Any]) -> dict[str, Any]:
    """Fork, and wait up to the limit."""
    leer, escribir = os.pipe()
    hijo = os.fork()
    if not hijo:
        os.setsid()
        codigo = NO_SE_PUEDE
        with contextlib.suppress(BaseException):
            # A case of a table that the product had, and has no more, is not there.
            suyas = [pruebas[p] for p in pedido["pruebas"] if p in pruebas]
            codigo = _vivir(session, suyas, pedido) if suyas else NINGUNA
            os.write(escribir, (_caida[0] if _caida else "").encode())
        os._exit(codigo)
    os.close(escribir)
    hasta = time.monotonic() + pedido["limite"]
    final: int | None = None
    while time.monotonic() < hasta:
        acabado, estado = os.waitpid(hijo, os.WNOHANG)
        if acabado:
            # One that a signal ended did not get through its tests.
            final = os.waitstatus_to_exitcode(estado)
            break
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        # With whatever its tests started: the group is of its own.
        os.killpg(hijo, signal.SIGKILL)
    if final is None:
        os.waitpid(hijo, 0)
    with os.fdopen(leer) as dicho:
        return {"codigo": final, "prueba": dicho.read()}


def _vivir(session: Any, items: list[Any], pedido: dict[str, Any]) -> int:
    cambio = (pedido["fichero"], pedido["antes"], pedido["despues"])
    suyas = _funciones.get(pedido["fichero"], [])
    if not (injertar(*cambio, suyas) or cambiar_tablas(*cambio)):
        return NO_SE_PUEDE
    # One of these leaves the tables empty, also of what the migrations wrote.
    items = sorted(items, key=vacia_las_tablas)
    session._setupstate.teardown_exact(items[0])
    for item, siguiente in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=siguiente)
        if _caida:
            return MUERE
    return VIVE


def funciones_de_aqui() -> dict[str, list[FunctionType]]:
    """Every function that there is, by the file of its code."""
    # What the tests have the collector leave alone is looked at too.
    gc.unfreeze()
    todas: dict[str, list[FunctionType]] = defaultdict(list)
    for objeto in gc.get_objects():
        if type(objeto) is FunctionType:
            todas[objeto.__code__.co_filename].append(objeto)
    return todas


def injertar(fichero: str, antes: str, despues: str, funciones: Sequence[FunctionType]) -> bool:
    """Give the functions of a module that is imported the code that they have in another text;
    False when something outside functions differs."""
    cambian = {
        (viejo.co_qualname, viejo.co_firstlineno): nuevo
        for viejo, nuevo in _parejas(fichero, antes, despues)
        if viejo.co_code != nuevo.co_code
        or _constantes(viejo) != _constantes(nuevo)
        or viejo.co_names != nuevo.co_names
        or viejo.co_varnames != nuevo.co_varnames
    }
    puestas = 0
    for funcion in funciones:
        codigo = funcion.__code__
        nuevo = cambian.get((codigo.co_qualname, codigo.co_firstlineno))
        if nuevo is not None:
            funcion.__code__ = nuevo
            puestas += 1
    return puestas > 0


def _parejas(fichero: str, antes: str, despues: str) -> Iterator[tuple[CodeType, CodeType]]:
    """The code of each function in both texts."""
    viejos, nuevos = (
        list(_codigos(compile(texto, fichero, "exec", dont_inherit=True)))
        for texto in (antes, despues)
    )
    if len(viejos) != len(nuevos):
        # A generator or a lambda less: what it was in is there all the same.
        viejos, nuevos = (
            [c for c in todos if not c.co_name.startswith("<")] for todos in (viejos, nuevos)
        )
    yield from zip(viejos, nuevos, strict=True)


def _codigos(codigo: CodeType) -> Iterator[CodeType]:
    for constante in codigo.co_consts:
        if isinstance(constante, CodeType):
            yield constante
            yield from _codigos(constante)


def _constantes(codigo: CodeType) -> list[Any]:
    return [
        (c.co_code, _constantes(c), c.co_names) if isinstance(c, CodeType) else (type(c), c)
        for c in codigo.co_consts
    ]


def cambiar_tablas(fichero: str, antes: str, despues: str) -> bool:
    """Give the names that a module sets on import what another text gives them, and those made of
    them, in every module that has them; False when something else differs."""
    modulo = next(m for m in list(sys.modules.values()) if getattr(m, "__file__", "") == fichero)
    viejas, nuevas = (ast.parse(texto).body for texto in (antes, despues))
    cambiados: dict[str, Any] = {}
    for vieja, nueva in zip(viejas, nuevas, strict=True):
        nombre = _que_pone(nueva)
        if ast.dump(vieja) != ast.dump(nueva):
            if nombre is None:
                return _en_su_sitio(modulo, vieja, nueva)
        elif nombre is None or not cambiados.keys() & _nombres(nueva):
            continue
        espacio = {**vars(modulo), **cambiados}
        exec(compile(ast.Module([nueva], []), fichero, "exec"), espacio)  # noqa: S102
        cambiados[nombre] = espacio[nombre]
    for nombre, valor in cambiados.items():
        de_antes = vars(modulo)[nombre]
        for otro in list(sys.modules.values()):
            if getattr(otro, "__dict__", {}).get(nombre) is de_antes:
                setattr(otro, nombre, valor)
    return bool(cambiados)


def _en_su_sitio(modulo: Any, vieja: ast.stmt, nueva: ast.stmt) -> bool:
    """Give a function its other defaults, or a class what it sets otherwise, where they are;
    False of what cannot be changed so."""
    espacio = dict(vars(modulo))
    if isinstance(vieja, ast.FunctionDef) and isinstance(nueva, ast.FunctionDef):
        cuerpos = [[ast.dump(s) for s in f.body] for f in (vieja, nueva)]
        funcion = espacio[vieja.name]
        otro = cuerpos[0] != cuerpos[1] or vieja.name != nueva.name
        if otro or type(funcion) is not FunctionType:
            return False
        nueva.decorator_list = []
        exec(_compilada(nueva, modulo), espacio)  # noqa: S102
        otra = espacio[nueva.name]
        funcion.__defaults__, funcion.__kwdefaults__ = otra.__defaults__, otra.__kwdefaults__
        return True
    if isinstance(vieja, ast.ClassDef) and isinstance(nueva, ast.ClassDef):
        clase = espacio[vieja.name]
        distintas = [
            b for a, b in zip(vieja.body, nueva.body, strict=True) if ast.dump(a) != ast.dump(b)
        ]
        # What was made of its body cannot be made again.
        hecha = vieja.decorator_list or type(clase) is not type
        if hecha or not all(isinstance(d, ast.Assign) and _que_pone(d) for d in distintas):
            return False
        puestos = {str(_que_pone(d)) for d in distintas}
        # What else is made of it would have to be made again, too.
        if any(_lee(s) & puestos for s in nueva.body):
            return False
        for distinta in distintas:
            suyo = {**espacio, **vars(clase)}
            exec(_compilada(distinta, modulo), suyo)  # noqa: S102
            for nombre in puestos & suyo.keys():
                setattr(clase, nombre, suyo[nombre])
        return bool(distintas)
    return False


def _compilada(sentencia: ast.stmt, modulo: Any) -> CodeType:
    arbol = ast.Module([sentencia], [])
    return compile(arbol, modulo.__file__, "exec", annotations.compiler_flag, dont_inherit=True)


def _que_pone(sentencia: ast.stmt) -> str | None:
    """The name that a statement sets, when that is all it does."""
    destino = None
    if isinstance(sentencia, ast.Assign) and len(sentencia.targets) == 1:
        destino = sentencia.targets[0]
    elif isinstance(sentencia, ast.AnnAssign) and sentencia.value:
        destino = sentencia.target
    return destino.id if isinstance(destino, ast.Name) else None


def _lee(sentencia: ast.stmt) -> set[str]:
    return {
        nodo.id
        for nodo in ast.walk(sentencia)
        if isinstance(nodo, ast.Name) and isinstance(nodo.ctx, ast.Load)
    }


def _nombres(sentencia: ast.stmt) -> set[str]:
    return {nodo.id for nodo in ast.walk(sentencia) if isinstance(nodo, ast.Name)}
