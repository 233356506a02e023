"""The pager of the admin and what its addresses may say."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from alpespartner.comun.admin import listas
from alpespartner.comun.models import Historial

pytestmark = pytest.mark.django_db
LISTA = "/admin/comun/historial/"


@pytest.fixture
def pasos(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keys of 230 rows, the newest first, in a list that counts up to 120."""
    monkeypatch.setattr(listas, "TOPE_CONTEO", 120)
    Historial.objects.bulk_create(
        Historial(entidad="campana", entidad_id=f"camp_{n}", accion="crear", actor="sistema:x")
        for n in range(230)
    )
    return list(Historial.objects.order_by("-pk").values_list("pk", flat=True))


def claves(respuesta: Any) -> list[int]:
    return [fila.pk for fila in respuesta.context["cl"].result_list]


def seguir(cliente: Client, respuesta: Any, enlace: str) -> Any:
    hallado = re.search(rf'href="([^"]+)"[^>]*>{enlace}<', respuesta.content.decode())
    assert hallado, enlace
    return cliente.get(LISTA + unescape(hallado.group(1)))


@pytest.mark.lento
def test_los_enlaces_llevan_a_todas(admin: Client, pasos: list[int]) -> None:
    pagina = admin.get(LISTA)
    assert "más de 120" in pagina.content.decode()
    vistas = [claves(pagina)]
    for _vez in range(4):
        pagina = seguir(admin, pagina, "Siguiente")
        vistas.append(claves(pagina))
    assert [pk for v in vistas for pk in v] == pasos
    assert ">Siguiente</a>" not in pagina.content.decode()
    assert claves(seguir(admin, pagina, "Anterior")) == vistas[3]
    assert claves(seguir(admin, pagina, "Primera")) == vistas[0]
    ultima = seguir(admin, admin.get(LISTA), "Última")
    assert claves(ultima) == pasos[-50:]
    assert claves(seguir(admin, ultima, "Anterior")) == pasos[-100:-50]


def test_las_cortas_tienen_numeros(admin: Client, pasos: list[int]) -> None:
    Historial.objects.all()._raw_delete("default")
    Historial.objects.bulk_create(
        Historial(entidad="campana", entidad_id="camp_1", accion="crear", actor="sistema:x")
        for _n in range(110)
    )
    pagina = admin.get(LISTA)
    assert "110 " in pagina.content.decode()
    assert "Siguiente" not in pagina.content.decode()
    assert len(claves(seguir(admin, pagina, "3"))) == 10


@pytest.mark.parametrize("p", ["0", "-1", "99", "9" * 30, "4"])
def test_paginas_que_no_hay(admin: Client, pasos: list[int], p: str) -> None:
    """Past the ones that have a number, none is looked for."""
    respuesta = admin.get(LISTA, {"p": p})
    assert respuesta.status_code == 302
    assert respuesta["Location"].endswith("?e=1")


def test_paginas_con_numero(admin: Client, pasos: list[int]) -> None:
    assert claves(admin.get(LISTA, {"p": "2"})) == pasos[50:100]
    assert claves(admin.get(LISTA, {"p": "nada"})) == pasos[:50]


def test_cursores_de_otra_lista_o_cambiados(admin: Client, pasos: list[int]) -> None:
    cursor = re.search(r"cursor=([^\"&]+)", admin.get(LISTA).content.decode())
    assert cursor
    suyo = cursor.group(1)
    for lista, dado in (
        (LISTA, suyo[:-2]), (LISTA, "x"), (LISTA, "ultima "), ("/admin/outbox/outboxevent/", suyo),
    ):  # fmt: skip
        assert admin.get(f"{lista}?cursor={dado}").status_code == 302, dado


@pytest.mark.parametrize(
    "consulta",
    [
        "motivo__exact=x", "monto__gt=1", "traza__isnull=0", "conversion__valor=1", "pk__in=1,2",
        "creada_en__gte=2026-01-01", "afiliado__nombre__startswith=a", "id__exact=1",
    ],
)  # fmt: skip
def test_filtros_que_la_lista_no_tiene(admin: Client, consulta: str) -> None:
    """Any other column would be looked for row by row."""
    assert admin.get(f"/admin/comisiones/comision/?{consulta}").status_code == 400


def test_doscientos_filtros_a_la_vez(admin: Client) -> None:
    lista = "/admin/comisiones/comision/"
    muchos = "&".join(f"afiliado__id__exact={n}" for n in range(200))
    assert admin.get(f"{lista}?{muchos}").status_code == 200
    varios = ",".join(map(str, range(200)))
    cruzados = f"{lista}?afiliado__id__in={varios}&afiliado__in={varios}&campana__in={varios}"
    assert admin.get(cruzados).status_code in (302, 400)


def test_una_direccion_no_elige_el_orden(admin: Client, pasos: list[int]) -> None:
    assert claves(admin.get(LISTA, {"o": "3.-1"})) == pasos[:50]
