"""The project's own lint: what no tool checks for us."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models

from alpespartner.celery import app as celery

RAIZ = Path(settings.BASE_DIR)
APPS = ("alpespartner", "afiliados", "conversiones", "comisiones", "outbox")
MONTAR = "python manage.py spectacular --format openapi-json --file docs/openapi.json"
# Where a state may be assigned: the one function that moves it, and rows being made.
CON_ESTADO = {
    "alpespartner/comun/estados.py",
    "comisiones/calculo/services.py",
    # Mail has no history: its state only says whether it went out.
    "comisiones/notificaciones/envio.py",
    "comisiones/notificaciones/services.py",
}


@cache
def codigo() -> tuple[tuple[str, ast.Module], ...]:
    """Product modules: not the tests, nor the migrations."""
    return tuple(
        (str(ruta.relative_to(RAIZ)), ast.parse(ruta.read_text()))
        for app in APPS
        for ruta in sorted((RAIZ / app).rglob("*.py"))
        if "migrations" not in ruta.parts
    )


@pytest.fixture(scope="module", autouse=True)
def _de_una_vez() -> Iterator[None]:
    yield
    codigo.cache_clear()


def es_llamada(nodo: ast.AST, *nombres: str) -> bool:
    """Whether a node calls one of the names, as a function or as a method."""
    if not isinstance(nodo, ast.Call):
        return False
    funcion = nodo.func
    nombre = funcion.id if isinstance(funcion, ast.Name) else getattr(funcion, "attr", "")
    return nombre in nombres


def test_el_estado_cambia_en_un_solo_sitio() -> None:
    """An assignment elsewhere skips the table, the history and the event."""
    culpables = []
    for ruta, arbol in codigo():
        if ruta in CON_ESTADO:
            continue
        for nodo in ast.walk(arbol):
            destinos: list[ast.expr] = []
            if isinstance(nodo, ast.Assign):
                destinos = nodo.targets
            elif isinstance(nodo, (ast.AugAssign, ast.AnnAssign)):
                destinos = [nodo.target]
            asigna = any(isinstance(d, ast.Attribute) and d.attr == "estado" for d in destinos)
            actualiza = (
                es_llamada(nodo, "update", "bulk_update", "update_or_create")
                and isinstance(nodo, ast.Call)
                and any(k.arg == "estado" for k in nodo.keywords)
            )
            pone = (
                es_llamada(nodo, "setattr")
                and isinstance(nodo, ast.Call)
                and any(isinstance(a, ast.Constant) and a.value == "estado" for a in nodo.args)
            )
            if asigna or actualiza or pone:
                culpables.append(f"{ruta}:{getattr(nodo, 'lineno', 0)}")
    assert culpables == []


def test_los_campos_editables_no_llevan_estado() -> None:
    """The generic updates set whatever is in these lists."""
    from afiliados.afiliado.services import EDITABLES as de_afiliado
    from conversiones.campanas.services import EDITABLES as de_campana

    for nombres in (de_afiliado, de_campana):
        assert {"estado", "version", "id_publico"}.isdisjoint(nombres)


def test_sin_float() -> None:
    """A float anywhere near money is a cent lost; times are settings, not computed with it."""
    culpables = [
        f"{ruta}:{nodo.lineno}"
        for ruta, arbol in codigo()
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.Call)
        and (es_llamada(nodo, "float", "FloatField") or _decimal_de_float(nodo))
    ]
    assert culpables == []


def _decimal_de_float(nodo: ast.Call) -> bool:
    return es_llamada(nodo, "Decimal") and any(
        isinstance(a, ast.Constant) and isinstance(a.value, float) for a in nodo.args
    )


def test_ningun_modelo_guarda_floats() -> None:
    """Nor does a column."""
    from django.apps import apps

    for app in ("comun", *APPS[1:]):
        for modelo in apps.get_app_config(app).get_models():
            for campo in modelo._meta.get_fields():
                assert not isinstance(campo, models.FloatField), f"{modelo} {campo}"


def test_el_estado_no_es_un_campo_de_formulario() -> None:
    """A state in a form is undone and replayed by whoever saves an old page."""
    from django.test import RequestFactory

    peticion = RequestFactory().get("/")
    peticion.user = _Persona()  # type: ignore[assignment]
    for modelo, pagina in admin.site._registry.items():
        if not any(campo.name == "estado" for campo in modelo._meta.fields):
            continue
        formularios = []
        if pagina.has_add_permission(peticion):
            formularios.append(pagina.get_form(peticion, None))
        if pagina.has_change_permission(peticion, modelo()):
            formularios.append(pagina.get_form(peticion, modelo(), change=True))
        for formulario in formularios:
            assert "estado" not in formulario.base_fields, modelo
        assert "estado" not in getattr(pagina, "list_editable", ())


class _Persona:
    """Somebody who may do everything."""

    is_active = is_staff = is_superuser = True
    pk = 1

    def has_perm(self, *_args: object) -> bool:
        return True

    has_perms = has_module_perms = has_perm


def excepciones() -> dict[str, tuple[str, ast.ClassDef]]:
    """Where each exception of the product is defined, by its name, which no other has."""
    quedan = [
        (ruta, nodo)
        for ruta, arbol in codigo()
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.ClassDef)
    ]
    de_python = {n for n, valor in vars(builtins).items() if _es_excepcion(valor)}
    halladas: dict[str, tuple[str, ast.ClassDef]] = {}
    while nuevas := [c for c in quedan if bases(c[1]) & (de_python | halladas.keys())]:
        for ruta, nodo in nuevas:
            assert nodo.name not in halladas, f"{ruta}: {nodo.name}"
            halladas[nodo.name] = (ruta, nodo)
        quedan = [c for c in quedan if c not in nuevas]
    return halladas


def _es_excepcion(valor: object) -> bool:
    return isinstance(valor, type) and issubclass(valor, BaseException)


def bases(clase: ast.ClassDef) -> set[str]:
    """Names of the classes that a class inherits from directly."""
    return {b.id if isinstance(b, ast.Name) else getattr(b, "attr", "") for b in clase.bases}


def linaje(nombre: str, todas: dict[str, tuple[str, ast.ClassDef]]) -> set[str]:
    """An exception of the product and those that it inherits from."""
    clase = todas[nombre][1]
    return {nombre}.union(*(linaje(base, todas) for base in bases(clase) & todas.keys()))


def dice(clase: ast.ClassDef, nombre: str) -> ast.expr | None:
    """What a class's body assigns to a name."""
    for nodo in clase.body:
        destinos = nodo.targets if isinstance(nodo, ast.Assign) else [getattr(nodo, "target", None)]
        if any(isinstance(d, ast.Name) and d.id == nombre for d in destinos):
            return nodo.value  # type: ignore[attr-defined]
    return None


def test_los_errores_viven_en_errores_py() -> None:
    """Who asks what a wing refuses, or what a code means, looks in one place."""
    culpables = [
        f"{ruta}: {nombre}"
        for nombre, (ruta, _clase) in excepciones().items()
        # Money is pure, and the kernel's errors are translated.
        if not ruta.endswith("/errores.py") and ruta != "alpespartner/comun/dinero.py"
        # One that does not leave its module is nobody else's business.
        if not nombre.startswith("_")
    ]
    assert culpables == []


def test_un_codigo_es_una_clase() -> None:
    """A code written where it is raised is defined nowhere, and may be spelt in two ways."""
    culpables = [
        f"{ruta}:{nodo.lineno}"
        for ruta, arbol in codigo()
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.Call)
        for clave in nodo.keywords
        if clave.arg == "codigo" and isinstance(clave.value, ast.Constant)
    ]
    assert culpables == []


def test_cada_codigo_es_de_una_sola_clase() -> None:
    """Partners tell errors apart by it: the same one for two causes would hide one of them."""
    todas = excepciones()
    por_codigo: dict[str, list[str]] = {}
    for nombre, (_ruta, clase) in todas.items():
        valor = dice(clase, "codigo")
        if valor is not None:
            por_codigo.setdefault(ast.literal_eval(valor), []).append(nombre)
    culpables = [
        (suyo, uno, otro)
        for suyo, nombres in por_codigo.items()
        for uno, otro in combinations(nombres, 2)
        if uno not in linaje(otro, todas) and otro not in linaje(uno, todas)
    ]
    assert por_codigo
    assert culpables == []


def test_todo_error_dice_algo() -> None:
    """An error raised without words needs a class that has them."""
    todas = excepciones()
    mudas = {
        nombre
        for nombre in todas
        if "ErrorDominio" in (linea := linaje(nombre, todas))
        if not any(_habla(todas[n][1]) for n in linea - {"ErrorDominio"})
    }
    culpables = [
        f"{ruta}:{nodo.lineno}"
        for ruta, arbol in codigo()
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.Call) and es_llamada(nodo, *mudas) and not nodo.args
    ]
    assert culpables == []


def _habla(clase: ast.ClassDef) -> bool:
    propio = any(isinstance(n, ast.FunctionDef) and n.name == "__init__" for n in clase.body)
    return propio or dice(clase, "texto") is not None


def test_el_motor_es_puro() -> None:
    """No Django, no clock, no disk: its figures depend on its arguments only."""
    prohibidos = {"django", "time", "os", "random", "requests", "pathlib"}
    for ruta, arbol in codigo():
        if not ruta.startswith(("comisiones/motor/", "alpespartner/comun/dinero.py")):
            continue
        for nodo in ast.walk(arbol):
            nombres: list[str] = []
            if isinstance(nodo, ast.Import):
                nombres = [alias.name for alias in nodo.names]
            elif isinstance(nodo, ast.ImportFrom):
                nombres = [nodo.module or ""]
            assert prohibidos.isdisjoint(n.split(".")[0] for n in nombres), ruta
            # It computes with instants that it is given; it never asks for the present one.
            assert not es_llamada(nodo, "now", "utcnow", "today"), ruta


def encolado() -> Iterator[tuple[str, str | None]]:
    """Where the product queues a task, and its name: None when only running it would tell."""
    for ruta, arbol in codigo():
        nodos = list(ast.walk(arbol))
        llamadas = {id(nodo.func): nodo for nodo in nodos if isinstance(nodo, ast.Call)}
        for nodo in nodos:
            if isinstance(nodo, ast.ImportFrom) and nodo.module == "alpespartner.comun.cola":
                # By itself a function has any name; with its module, it can be looked for.
                yield f"{ruta}:{nodo.lineno}", None
            if (
                isinstance(nodo, ast.Attribute)
                and nodo.attr in ("encolar", "encolar_cada")
                and isinstance(nodo.value, ast.Name)
                and nodo.value.id == "cola"
            ):
                llamada = llamadas.get(id(nodo))
                primero = llamada.args[0] if llamada and llamada.args else None
                nombre = primero.value if isinstance(primero, ast.Constant) else None
                yield f"{ruta}:{nodo.lineno}", nombre if isinstance(nombre, str) else None


@pytest.mark.django_db  # a worker that starts runs the checks, and one of them asks MySQL
def test_lo_que_se_encola_es_una_tarea() -> None:
    """A name that nobody registered is lost in the broker, and no import fails to say so."""
    celery.loader.import_default_modules()
    nombradas = list(encolado())
    assert len(nombradas) > 10
    nombradas += [(f"el reloj, {k}", v["task"]) for k, v in settings.CELERY_BEAT_SCHEDULE.items()]
    nombradas += [("las rutas", tarea) for tarea in settings.CELERY_TASK_ROUTES]
    assert [(donde, tarea) for donde, tarea in nombradas if tarea not in celery.tasks] == []


def test_ningun_fichero_de_pruebas_pasa_de_500_lineas() -> None:
    """A longer one tests several things: split it by what it tests."""
    largos = {
        str(ruta.relative_to(RAIZ)): lineas
        for ruta in (RAIZ / "tests").rglob("*.py")
        if (lineas := len(ruta.read_text().splitlines())) > 500
    }
    assert largos == {}


@pytest.mark.django_db
def test_el_documento_openapi_esta_al_dia(tmp_path: Path) -> None:
    """Partners build on the committed document: a change of the contract must be seen in a diff."""
    nuevo = tmp_path / "openapi.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(nuevo))
    guardado = RAIZ / "docs" / "openapi.json"
    assert guardado.exists(), f"falta docs/openapi.json: {MONTAR}"
    iguales = json.loads(guardado.read_text()) == json.loads(nuevo.read_text())
    assert iguales, f"docs/openapi.json no está al día: {MONTAR}"


@pytest.mark.django_db
def test_no_faltan_migraciones() -> None:
    """A model that differs from its migrations fails on the next machine, not on this one."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_nadie_importa_un_nombre_privado() -> None:
    """What another module needs is part of a door, and has its name there."""
    culpables = [
        f"{ruta}:{nodo.lineno} {alias.name}"
        for ruta, arbol in codigo()
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.ImportFrom) and str(nodo.module).split(".")[0] in APPS
        for alias in nodo.names
        if alias.name.startswith("_")
    ]
    assert culpables == []
