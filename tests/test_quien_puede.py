"""The table of who may do what is whole and true, and the document says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory
from django.urls import get_resolver

from afiliados.claves.models import Alcance
from alpespartner.comun.acceso import urls as puertas
from alpespartner.quien_puede.claves import ALCANCES_QUE_MATIZAN, API
from alpespartner.quien_puede.documento import tabla
from alpespartner.quien_puede.personal import ADMIN, DE_TODO, PUERTAS
from alpespartner.urls import del_panel
from comisiones.separacion.selectors import VETOS, Relacion
from scripts.escribir_seguridad import con_tabla

# Every model has these; the rest is its own.
CORRIENTES = {"changelist", "add", "change", "delete", "history", "accion"}
DE_DJANGO = {"añadir": "add", "editar": "change", "borrar": "delete"}
METODOS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _forma(ruta: str) -> str:
    return "/" + "/".join("*" if p.startswith("<") else p for p in ruta.split("/") if p)


def _direcciones() -> dict[tuple[str, str], str | None]:
    """Methods and addresses of the API, with the scope that their view says."""
    halladas = {}
    for patron in get_resolver().url_patterns:
        for uno in getattr(patron, "url_patterns", [patron]):
            ruta = f"/{patron.pattern if uno is not patron else ''}{uno.pattern}"
            vista: Any = getattr(uno.callback, "view_class", getattr(uno.callback, "cls", None))
            if not ruta.startswith(("/api/", "/commissions", "/debug")):
                continue
            for metodo in METODOS:
                if hasattr(vista, metodo.lower()):
                    alcance = getattr(vista, "alcances", {}).get(metodo)
                    halladas[metodo, _forma(ruta)] = alcance and str(alcance)
    return halladas


def test_la_api_entera() -> None:
    """A new address, method or scope must join the table."""
    assert _direcciones() == API


def test_cada_alcance_sirve_para_algo() -> None:
    assert set(Alcance.values) == {a for a in API.values() if a} | set(ALCANCES_QUE_MATIZAN)


class Usuario:
    """A member of the staff with the permissions given."""

    is_active = is_staff = is_authenticated = True
    pk = 1

    def __init__(self, *permisos: str) -> None:
        self.permisos = permisos

    def has_perm(self, permiso: str, _objeto: Any = None) -> bool:
        return permiso in self.permisos

    def has_module_perms(self, _app: str) -> bool:
        return True


class Todo(Usuario):
    def has_perm(self, _permiso: str, _objeto: Any = None) -> bool:
        return True


def _peticion(usuario: Usuario) -> Any:
    peticion = RequestFactory().get("/")
    peticion.user = usuario  # type: ignore[assignment]
    return peticion


def test_el_panel_entero() -> None:
    """A new model, page or action must join the table."""
    assert {m._meta.label_lower for m in admin.site._registry} == ADMIN.keys()
    for modelo, pagina in admin.site._registry.items():
        dicho = ADMIN[modelo._meta.label_lower]
        prefijo = f"{modelo._meta.app_label}_"
        propias = {
            u.name.removeprefix(prefijo).removeprefix(f"{modelo._meta.model_name}_")
            for u in pagina.get_urls()
            if u.name
        } - CORRIENTES
        acciones = {a.nombre for a in getattr(pagina, "acciones", ())}
        corrientes = {
            n for n, c in DE_DJANGO.items()
            if getattr(pagina, f"has_{c}_permission")(_peticion(Todo()))
        }  # fmt: skip
        assert {"ver", *corrientes, *acciones, *(f"página {p}" for p in propias)} == dicho.keys()


@pytest.mark.parametrize("modelo", list(admin.site._registry), ids=lambda m: m._meta.label_lower)
def test_el_permiso_dicho_es_el_que_vale(modelo: Any) -> None:
    pagina, dicho = admin.site._registry[modelo], ADMIN[modelo._meta.label_lower]
    for accion in getattr(pagina, "acciones", ()):
        assert dicho[accion.nombre] == accion.permiso
    for nombre, codigo in {"ver": "view", **DE_DJANGO}.items():
        puede = getattr(pagina, f"has_{codigo}_permission")
        if nombre in dicho:
            assert puede(_peticion(Usuario(dicho[nombre])))
        assert not puede(_peticion(Usuario()))


def test_las_puertas_enteras() -> None:
    """A new page of the doors must join the table."""
    halladas = {_forma(str(u.pattern)).removeprefix("/") + "/" for u in puertas.urlpatterns}
    assert halladas == PUERTAS.keys()
    de_todo = {str(u.pattern).removeprefix("admin/") for u in del_panel}
    assert de_todo == DE_TODO.keys()


@pytest.mark.django_db
def test_los_permisos_existen() -> None:
    reales = {
        f"{app}.{codigo}"
        for app, codigo in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert {p for acciones in ADMIN.values() for p in acciones.values()} <= reales


def test_cada_relacion_veta_a_alguien() -> None:
    """A relation that keeps nobody from approving says nothing."""
    assert VETOS["clave"] | VETOS["persona"] == set(Relacion)


def test_el_documento_la_dice() -> None:
    documento = (Path(settings.BASE_DIR) / "docs" / "seguridad.md").read_text()
    assert con_tabla(documento, tabla()) == documento, "scripts/escribir_seguridad.py"
