"""What a page weighs: compressed, its fonts cut, and without what it does not use."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import unfold
from django.contrib.auth.models import User
from django.test import Client
from fontTools.ttLib import TTFont

from alpespartner.comun.models import Historial

RAIZ = Path(__file__).resolve().parents[2]
PESO = 150_000
MIRADAS = {
    "admin/base.html": "2ce9250b3c64",
    "admin/change_list.html": "5885c39760f6",
    "admin/change_list_object_tools.html": "7263224f69d3",
    "admin/index.html": "9fdb849b7da1",
    "admin/search_form.html": "32c579658028",
    "admin/submit_line.html": "7a195a7b8bee",
    "unfold/helpers/add_link.html": "36cc86e42047",
    "unfold/helpers/app_list.html": "6ab83ac498b2",
    "unfold/helpers/command.html": "ae6ce324d853",
    "unfold/helpers/empty_results.html": "5f4727a37a99",
    "unfold/helpers/header_title.html": "b126ed2ab9ca",
    "unfold/helpers/navigation_header.html": "35139b9d9458",
    "unfold/helpers/navigation_user.html": "4c9ba58b3f21",
    "unfold/helpers/search.html": "91996c27181d",
    "unfold/helpers/theme_switch.html": "c8e659df65f5",
    "unfold/helpers/theme_switch_dropdown.html": "90421e9a3524",
    "unfold/helpers/welcomemsg.html": "e8eab02522ba",
    "unfold/layouts/unauthenticated.html": "768501529f1a",
    "unfold/widgets/related_widget_wrapper.html": "4ffda1235520",
}


@pytest.fixture
def recortar(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(RAIZ / "scripts"))
    import recortar_letras

    return recortar_letras


def test_todas_juntas_pesan_poco(recortar) -> None:
    cortadas = [
        *(RAIZ / "static" / recortar.LETRAS).glob("*.woff2"),
        RAIZ / "static" / recortar.ICONOS,
    ]
    de_unfold = {r.name for r in Path(unfold.__file__).parent.glob("static/unfold/fonts/*/*.woff2")}
    assert {ruta.name for ruta in cortadas} == de_unfold
    assert sum(ruta.stat().st_size for ruta in cortadas) <= PESO


def test_estan_los_iconos_que_alguna_pagina_nombra(recortar) -> None:
    todos = recortar.ligaduras(TTFont(recortar.DE_UNFOLD / "static" / recortar.ICONOS))
    estan = recortar.ligaduras(TTFont(RAIZ / "static" / recortar.ICONOS))
    assert recortar.nombrados(todos) - estan.keys() == set()
    assert {"check_circle", "account_balance_wallet", "filter_list"} <= estan.keys()


def test_estan_las_letras_de_los_nombres(recortar) -> None:
    for ruta in (RAIZ / "static" / recortar.LETRAS).glob("*.woff2"):
        hay = TTFont(ruta).getBestCmap()
        faltan = [c for c in "aZñÑçüéÅøŁžőß0129€$£¥«»–—…·×−≥→“”’" if ord(c) not in hay]
        assert faltan == [], ruta.name


def test_el_esqueleto_es_el_de_unfold_sin_lo_que_no_se_usa() -> None:
    """Ours shadows it: a new version of it has to be looked at."""
    suyo = (Path(unfold.__file__).parent / "templates/unfold/layouts/skeleton.html").read_text()
    # No list is sorted by dragging, and no page asks for parts of itself.
    sobran = ("chart/chart.js", "simplebar", "alpine/alpine.sort.js", "htmx/htmx.js")
    lineas = [linea for linea in suyo.splitlines() if not any(s in linea for s in sobran)]
    nuestro = (RAIZ / "templates/unfold/layouts/skeleton.html").read_text()
    assert nuestro.splitlines() == lineas


def test_las_demas_que_hacen_sombra_se_miraron() -> None:
    """Of unfold's templates that ours stand in for: a new version of one has to be looked at, and
    then goes here."""
    suyas = Path(unfold.__file__).parent / "templates"
    nuestras = [r.relative_to(RAIZ / "templates") for r in (RAIZ / "templates").rglob("*.html")]
    huellas = {
        str(ruta): hashlib.sha256((suyas / ruta).read_bytes()).hexdigest()[:12]
        for ruta in nuestras
        if (suyas / ruta).exists() and ruta.name != "skeleton.html"
    }
    assert huellas == MIRADAS


@pytest.mark.django_db
def test_las_paginas_van_comprimidas_y_sin_lo_que_no_usan() -> None:
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa"))
    Historial.objects.bulk_create(
        Historial(entidad="campana", entidad_id=f"camp_{n}", accion="crear", actor="sistema:x")
        for n in range(60)
    )
    lista = "/admin/comun/historial/"
    respuesta = jefa.get(lista, headers={"accept-encoding": "gzip"})
    assert respuesta["Content-Encoding"] == "gzip"
    assert len(respuesta.content) < 60_000
    texto = jefa.get(lista).content.decode()
    for nombre in ("chart.js", "xregexp", "urlify", "prepopulate", "alpine.sort", "htmx.js"):
        assert nombre not in texto
