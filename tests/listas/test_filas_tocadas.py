"""No list, tab, filter, search nor page reads more rows than a few pages have."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings

from afiliados.claves.models import ALCANCES_DE_AFILIADO
from alpespartner.comun.models import Trozo
from tests import fabricas
from tests.admin.conftest import Programa
from tests.admin.test_paginas import _poblar
from tests.listas import rutas, siembra
from tests.listas.filas import vigilar

MYSQL = connection.vendor == "mysql"
pytestmark = [
    pytest.mark.lento,
    pytest.mark.django_db,
    # The first one seeds, for all.
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("listas"),
    pytest.mark.skipif(
        MYSQL and "ALPES_LISTAS" not in os.environ, reason="tarda: lo hace make test-listas"
    ),
]

# Plans on SQLite do not depend on how many rows there are: more than are counted, and a few pages.
VENTAS, MINIMO = (30_000, 4_000) if MYSQL else (1_200, 160)
# Of one query: a page is of 50 rows, a count goes as far as 1,000 and MySQL keeps them aside, and a
# search looks at a few of each of 200 affiliates.
TOPE = 3_000


@pytest.fixture(scope="module")
def _sembrada(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    carpeta = tmp_path_factory.mktemp("siembra")
    ajustes = override_settings(
        SEPA_IBAN="DE89370400440532013000", PAGOS_DIR=carpeta / "pagos", PAGOS_AUTOMATICOS=True,
        AUDITORIA_ARCHIVO=carpeta / "events.jsonl",
    )  # fmt: skip
    with django_db_blocker.unblock():
        try:
            with ajustes:
                siembra.sembrar(VENTAS, MINIMO, Programa, _poblar, campanas=200)
            yield
        finally:
            siembra.vaciar()


# A small table of campaigns misleads only MySQL.
@pytest.fixture(scope="module", params=[200, 1] if MYSQL else [200], ids="{} campañas".format)
def base(request: pytest.FixtureRequest, _sembrada: None) -> int:
    """The database with many campaigns, and then with one."""
    if request.param == 1:
        siembra.una_campana()
    return int(request.param)


@pytest.fixture(scope="module")
def jefa(_sembrada: None) -> Client:
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa-de-listas"))
    return cliente


def mirar(pedir: Callable[[str], Any], url: str) -> tuple[Any, list[str]]:
    """The answer of an address, and what it did that it should not."""
    with vigilar() as vistas:
        respuesta = pedir(url)
    # A picker asks for a page that may not be there.
    bien = (200, 404) if "&page=" in url else (200,)
    mal = [] if respuesta.status_code in bien else [f"{url}: {respuesta.status_code}"]
    tocadas, sql = vistas.peor()
    if tocadas > TOPE:
        mal.append(f"{url}: {tocadas} filas\n    {sql[:600]}")
    grandes = {modelo._meta.db_table for modelo in (*siembra.modelos(), Trozo)}
    mal += [f"{url}: {malo}" for malo in vistas.malos(grandes)]
    return respuesta, mal


def paginas(cliente: Client, url: str) -> list[str]:
    """A list, its next two pages, its last one and the one before."""
    respuesta, mal = mirar(cliente.get, url)
    for enlaces in (("Siguiente", "Siguiente"), ("Última", "Anterior")):
        aqui = respuesta
        for enlace in enlaces:
            hallado = re.search(rf'href="([^"]+)"[^>]*>{enlace}<', aqui.content.decode())
            if hallado is None:
                break
            aqui, otras = mirar(cliente.get, url.split("?")[0] + unescape(hallado.group(1)))
            mal += otras
    return mal


@pytest.mark.parametrize("modelo", siembra.modelos(), ids=lambda m: m.__name__)
def test_listas_del_admin(base: int, jefa: Client, modelo: Any) -> None:
    mal = [m for url in rutas.del_admin(modelo) for m in paginas(jefa, url)]
    assert mal == []


def test_inicio_fichas_pestanas_y_selectores(base: int, jefa: Client) -> None:
    urls = [
        "/admin/", *rutas.fichas(), *rutas.pestanas(), *rutas.selectores(), *rutas.paleta(),
    ]  # fmt: skip
    assert [m for url in urls for m in mirar(jefa.get, url)[1]] == []


@pytest.mark.parametrize("de_quien", ["programa", "afiliado"])
def test_listas_de_la_api(base: int, de_quien: str) -> None:
    from comisiones.comision.models import Comision

    suya = Comision.objects.order_by("-pk")[0].afiliado if de_quien == "afiliado" else None
    alcances = sorted(ALCANCES_DE_AFILIADO)
    api = fabricas.api(alcances, de=suya)
    mal = []
    for url in rutas.de_la_api():
        respuesta, suyos = mirar(api.get, url)
        mal += suyos
        for _pagina in range(2):
            siguiente = respuesta.json().get("siguiente") if respuesta.status_code == 200 else None
            if siguiente is None:
                break
            respuesta, suyos = mirar(api.get, siguiente)
            mal += suyos
    assert mal == []


def test_hay_de_todo(base: int) -> None:
    """A list without rows proves nothing."""
    pocas = {
        m.__name__: m.objects.count()
        for m in siembra.modelos()
        if m.__name__ not in siembra.SIN_RELLENO and m.objects.count() < MINIMO
    }
    # Everybody's campaign is one in the end, and so are its policies.
    pocas.pop("PoliticaAprobacion", None)
    assert pocas == {}
