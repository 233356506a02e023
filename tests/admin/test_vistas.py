"""Saved views of the queue: whose they are, who sees them, and what may be saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from alpespartner.comun.models import Historial
from comisiones.models import VistaGuardada
from comisiones.revision import vistas
from tests.admin.conftest import Programa

LISTA = "/admin/comisiones/comision/"
GUARDAR = f"{LISTA}vistas/"


def nombres(cliente: Client) -> list[str]:
    return [una["vista"].nombre for una in cliente.get(LISTA).context["vistas"]]


def guardar(cliente: Client, nombre: str, filtro: str = "", **mas: str) -> Any:
    return cliente.post(GUARDAR, {"nombre": nombre, "filtro": filtro, **mas})


def test_se_guarda_y_se_abre(admin: Client, programa: Programa) -> None:
    """Only what the list filters by, always in the same order; the same name writes over it."""
    programa.ventas(2)
    respuesta = guardar(admin, " Grandes ", "monto_desde=5&moneda=USD&p=3&cursor=x&traza=1&q=")
    assert respuesta.url == f"{LISTA}?moneda=USD&monto_desde=5"
    una = VistaGuardada.objects.get()
    assert (una.nombre, una.filtro, una.compartida) == (
        "Grandes",
        "moneda=USD&monto_desde=5",
        False,
    )
    pagina = admin.get(respuesta.url)
    assert [v["activa"] for v in pagina.context["vistas"]] == [True]
    assert len(pagina.context["cl"].result_list) == 2
    guardar(admin, "Grandes", "estado=todas")
    una.refresh_from_db()
    assert una.filtro == "estado=todas"
    pasos = Historial.objects.filter(entidad="vista", entidad_id=str(una.pk))
    assert [p.datos["filtro"] for p in pasos.order_by("id")] == [
        "moneda=USD&monto_desde=5", "estado=todas",
    ]  # fmt: skip


def test_las_propias_son_de_cada_quien(admin: Client, de_rol: Any, programa: Programa) -> None:
    revision, consulta = de_rol("Revisión"), de_rol("Consulta")
    guardar(revision, "Mía", "estado=retenida")
    guardar(revision, "De todos", "estado=todas", compartida="1")
    assert nombres(revision) == ["De todos", "Mía"]
    assert nombres(consulta) == nombres(admin) == ["De todos"]
    mia, de_todos = (VistaGuardada.objects.get(nombre=n) for n in ("Mía", "De todos"))
    assert consulta.post(f"{GUARDAR}{mia.pk}/quitar/").status_code == 404
    assert admin.post(f"{GUARDAR}{mia.pk}/quitar/").status_code == 404
    assert consulta.post(f"{GUARDAR}{de_todos.pk}/quitar/").status_code == 403
    assert guardar(consulta, "x", compartida="1").status_code == 403
    assert VistaGuardada.objects.count() == 2
    assert admin.post(f"{GUARDAR}{de_todos.pk}/quitar/").status_code == 302
    assert revision.post(f"{GUARDAR}{mia.pk}/quitar/").status_code == 302
    assert not VistaGuardada.objects.exists()
    assert Historial.objects.filter(entidad="vista", accion="quitar").count() == 2


def test_sin_permiso_de_ver_no_hay_vistas(de_rol: Any) -> None:
    assert guardar(de_rol(""), "x").status_code == 403
    assert Client().post(GUARDAR, {"nombre": "x"}).status_code == 302
    assert not VistaGuardada.objects.exists()


@pytest.mark.parametrize(
    ("nombre", "filtro"),
    [("", ""), (" \u200b ", ""), ("x" * 61, ""), ("x", "moneda=XXY"), ("x", "monto_desde=nada"),
     ("x", "q=" + "x" * 1000), ("x", "calculada_desde=ayer"), ("x", "afiliado__id__exact=si")],
)  # fmt: skip
def test_lo_que_no_se_guarda(admin: Client, programa: Any, nombre: str, filtro: str) -> None:
    assert guardar(admin, nombre, filtro).status_code == 302
    assert not VistaGuardada.objects.exists()
    assert not Historial.objects.filter(entidad="vista").exists()


def test_no_por_get_ni_sin_limite(
    admin: Client, programa: Programa, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admin.get(GUARDAR).status_code == 405
    monkeypatch.setattr(vistas, "LIMITE", 2)
    for n in range(3):
        guardar(admin, f"v{n}")
    assert nombres(admin) == ["v0", "v1"]
    guardar(admin, "v1", "estado=todas")
    assert VistaGuardada.objects.get(nombre="v1").filtro == "estado=todas"
