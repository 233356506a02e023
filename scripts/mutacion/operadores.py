"""The changes: each says which nodes it knows and what it would write in their place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from mutacion.indice import Indice

# A node and the text that replaces it.
Cambio = tuple[ast.AST, str]
Operador = Callable[[ast.AST, Indice], Iterator[Cambio]]

_COMPARA: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_CUENTA: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_PAREJAS = {"any": "all", "all": "any", "min": "max", "max": "min"}
_QUITABLES = {"filter", "exclude", "order_by", "distinct"}
# Of a column, how much is done at once or how long is waited, or that two are as long: nothing
# that a rule says.
_SIN_REGLA = {
    "max_length", "max_digits", "decimal_places", "batch_size", "chunk_size",
    "batching_max_publish_delay_ms", "timeout", "strict",
}  # fmt: skip
_DE_UNA_VEZ = {
    "_POR_SENTENCIA", "limite", "por_lote", "PORCION", "TANDA", "_TANDA", "A_LA_VEZ", "REINTENTOS",
    "_INTENTOS_EN_MASA",
}  # fmt: skip


def _escribir(nodo: ast.AST) -> str:
    return f"({ast.unparse(nodo)})" if isinstance(nodo, ast.expr) else ast.unparse(nodo)


def comparacion(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """``<`` is ``<=``, ``==`` is ``!=``, ``in`` is ``not in``…"""
    if isinstance(nodo, ast.Compare) and len(nodo.ops) == 1:
        for otra in _COMPARA.get(type(nodo.ops[0]), ()):
            yield nodo, _escribir(ast.Compare(nodo.left, [otra()], nodo.comparators))


def booleano(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """``and`` is ``or``, and each of their sides is left out."""
    if isinstance(nodo, ast.BoolOp):
        yield (
            nodo,
            _escribir(
                ast.BoolOp(ast.Or() if isinstance(nodo.op, ast.And) else ast.And(), nodo.values)
            ),
        )
        for fuera in range(len(nodo.values)):
            quedan = [v for i, v in enumerate(nodo.values) if i != fuera]
            yield nodo, _escribir(quedan[0] if len(quedan) == 1 else ast.BoolOp(nodo.op, quedan))


def negacion(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """A ``not`` less; a condition the other way round."""
    if isinstance(nodo, ast.UnaryOp) and isinstance(nodo.op, ast.Not):
        yield nodo, _escribir(nodo.operand)
    elif isinstance(nodo, (ast.If, ast.IfExp)) and not isinstance(nodo.test, ast.UnaryOp):
        yield nodo.test, _escribir(ast.UnaryOp(ast.Not(), nodo.test))


def cuenta(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """Another sign, another operation."""
    if isinstance(nodo, ast.UnaryOp) and isinstance(nodo.op, ast.USub):
        yield nodo, _escribir(nodo.operand)
    elif isinstance(nodo, ast.BinOp) and (otra := _CUENTA.get(type(nodo.op))):
        yield nodo, _escribir(ast.BinOp(nodo.left, otra(), nodo.right))
    elif isinstance(nodo, ast.AugAssign) and (otra := _CUENTA.get(type(nodo.op))):
        yield nodo, _escribir(ast.AugAssign(nodo.target, otra(), nodo.value))


def constante(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """One more, one less; yes is no."""
    if isinstance(nodo, ast.Constant):
        if isinstance(nodo.value, bool):
            yield nodo, str(not nodo.value)
        elif isinstance(nodo.value, int):
            yield nodo, str(nodo.value + 1)
            yield nodo, f"({nodo.value - 1})"


def pareja(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """``any`` is ``all``, ``min`` is ``max``."""
    if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Name):
        otra = _PAREJAS.get(nodo.func.id)
        if otra is not None:
            yield nodo.func, otra


def condicion(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """A query without one of its conditions, or without its order."""
    if not (isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Attribute)):
        return
    if nodo.func.attr not in _QUITABLES:
        return
    # Without fields it undoes the model's own order, which no sum by groups has.
    if nodo.args or nodo.keywords or nodo.func.attr != "order_by":
        yield nodo, ast.unparse(nodo.func.value)
    if len(nodo.keywords) > 1:
        for fuera in nodo.keywords:
            quedan = [k for k in nodo.keywords if k is not fuera]
            yield nodo, ast.unparse(ast.Call(nodo.func, nodo.args, quedan))


def argumento(nodo: ast.AST, indice: Indice) -> Iterator[Cambio]:
    """A call without a keyword that it can do without."""
    if not isinstance(nodo, ast.Call):
        return
    nombre = nodo.func.id if isinstance(nodo.func, ast.Name) else getattr(nodo.func, "attr", "")
    for fuera in nodo.keywords:
        if fuera.arg and indice.opcional(nombre, fuera.arg):
            quedan = [k for k in nodo.keywords if k is not fuera]
            yield nodo, ast.unparse(ast.Call(nodo.func, nodo.args, quedan))


def elemento(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """A list, set or tuple of states or fields without one of them."""
    if not isinstance(nodo, (ast.List, ast.Set, ast.Tuple)) or len(nodo.elts) < 2:
        return
    if all(isinstance(e, (ast.Attribute, ast.Constant)) for e in nodo.elts):
        for fuera in nodo.elts:
            quedan = [e for e in nodo.elts if e is not fuera]
            nuevo = type(nodo)(elts=quedan)
            yield nodo, ast.unparse(nuevo)


def miembro(nodo: ast.AST, indice: Indice) -> Iterator[Cambio]:
    """Another state, another account of the ledger, another reason."""
    if isinstance(nodo, ast.Attribute) and isinstance(nodo.value, ast.Name):
        todos = indice.miembros.get(nodo.value.id, [])
        if nodo.attr in todos and len(todos) > 1:
            otro = todos[(todos.index(nodo.attr) + 1) % len(todos)]
            yield nodo, f"{nodo.value.id}.{otro}"


def llamada(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """What is done for its effect (publish, note, save, queue, post) is not done."""
    if isinstance(nodo, ast.Expr) and isinstance(nodo.value, ast.Call):
        que = ast.unparse(nodo.value.func)
        if not que.startswith(("log.", "logger.")):
            yield nodo, "pass"


def retorno(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """A function that gives nothing, or that leaves before its last step."""
    if isinstance(nodo, ast.Return) and nodo.value is not None:
        # For whoever asks whether, nothing is as good as no; the types refuse it anyway.
        if not (isinstance(nodo.value, ast.Constant) and nodo.value.value in (None, False, "")):
            yield nodo, "return None"
    elif isinstance(nodo, ast.FunctionDef) and len(nodo.body) > 2:
        ultimo = nodo.body[-1]
        if not isinstance(ultimo, (ast.Return, ast.Raise, ast.Expr)):
            yield ultimo, "return None"


def asignacion(nodo: ast.AST, _indice: Indice) -> Iterator[Cambio]:
    """A field that is not set."""
    if isinstance(nodo, ast.Assign) and all(isinstance(t, ast.Attribute) for t in nodo.targets):
        yield nodo, "pass"


OPERADORES: dict[str, Operador] = {
    f.__name__: f
    for f in (
        comparacion, booleano, negacion, cuenta, constante, pareja, condicion, argumento,
        elemento, miembro, llamada, retorno, asignacion,
    )
}  # fmt: skip


def _cuanto_de_una_vez(destino: ast.expr) -> bool:
    return isinstance(destino, ast.Name) and destino.id in _DE_UNA_VEZ


def nodos(arbol: ast.Module) -> Iterator[ast.AST]:
    """Those whose change could be a wrong rule: not annotations, columns' sizes nor slices."""
    pila: list[ast.AST] = [arbol]
    while pila:
        nodo = pila.pop()
        if isinstance(nodo, ast.JoinedStr):
            # What is inside says no place of its own before Python 3.12.
            continue
        yield nodo
        for campo, valor in ast.iter_fields(nodo):
            if campo in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            hijos = valor if isinstance(valor, list) else [valor]
            if isinstance(nodo, ast.Assign) and _cuanto_de_una_vez(nodo.targets[0]):
                hijos = []
            elif isinstance(nodo, ast.arguments) and campo in ("defaults", "kw_defaults"):
                suyos = nodo.kwonlyargs if campo == "kw_defaults" else nodo.args
                pares = zip(reversed(hijos), reversed(suyos), strict=False)
                hijos = [valor for valor, de in pares if de.arg not in _DE_UNA_VEZ]
            pila += [
                hijo
                for hijo in hijos
                if isinstance(hijo, ast.AST)
                and not (isinstance(hijo, ast.keyword) and hijo.arg in _SIN_REGLA)
                and not isinstance(hijo, ast.Slice)
            ]
