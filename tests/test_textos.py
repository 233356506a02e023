"""The English catalogue: complete, with its placeholders, and seen by who chooses it."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import trans_real

from scripts.compilar_textos import main as compilar
from scripts.extraer_textos import INGLES, mensajes
from tests import fabricas

_MARCA = re.compile(r"%%?\([a-z_]+\)[sd]|%%|\{[a-z_]*\}")


@pytest.fixture(scope="module")
def catalogo() -> polib.POFile:
    return polib.pofile(str(INGLES))


@pytest.mark.lento
def test_estan_todos_los_textos_y_ninguno_mas(catalogo: polib.POFile) -> None:
    """``scripts/extraer_textos.py`` brings it up to date."""
    assert {(e.msgid, e.msgid_plural) for e in catalogo} == mensajes()
    assert len(catalogo) > 800


def test_todos_tienen_traduccion(catalogo: polib.POFile) -> None:
    assert [e.msgid for e in catalogo.untranslated_entries()] == []
    assert [e.msgid for e in catalogo if e.fuzzy or e.obsolete] == []


def test_las_marcas_son_las_mismas(catalogo: polib.POFile) -> None:
    """A placeholder that is missing or misspelt fails when the text is shown, or hides a figure."""
    malas = []
    for entrada in catalogo:
        esperadas = sorted(_MARCA.findall(entrada.msgid_plural or entrada.msgid))
        textos = entrada.msgstr_plural.values() if entrada.msgid_plural else [entrada.msgstr]
        malas += [t for t in textos if sorted(_MARCA.findall(t)) != esperadas]
    assert malas == []


def test_ninguno_se_quedo_en_espanol(catalogo: polib.POFile) -> None:
    """Spanish letters in a translation are a text that nobody translated; examples are quoted."""
    sin_citas = {e.msgid: re.sub("«[^»]*»", "", e.msgstr) for e in catalogo}
    assert [t for t in sin_citas.values() if re.search("[áéíóúñ¿¡]", t)] == []


@pytest.fixture
def _compilado() -> None:
    """The server reads compiled catalogues, which are not kept in git."""
    compilar()
    # Read again: an earlier test may have asked for them before they were there.
    trans_real._translations.clear()
    assert Path(INGLES).with_suffix(".mo").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_compilado")
def test_el_navegador_o_el_menu_eligen(admin_client: Client) -> None:
    """Spanish by default; English when it is asked for, and then until another is chosen."""
    inicio = reverse("admin:index")

    def pagina(**cabeceras: str) -> str:
        return admin_client.get(inicio, headers=cabeceras).content.decode()

    assert "Cola de revisión" in pagina()
    assert "Review queue" in pagina(accept_language="en-GB,en;q=0.9")
    assert "Cola de revisión" in pagina(accept_language="fr")
    assert 'name="language"' in pagina()
    assert admin_client.get(reverse("set_language")).status_code == 302
    assert "Cola de revisión" in pagina()
    admin_client.post(reverse("set_language"), {"language": "en"})
    assert "Review queue" in pagina()
    admin_client.post(reverse("set_language"), {"language": "es"})
    assert "Cola de revisión" in pagina(accept_language="en")


@pytest.mark.django_db
@pytest.mark.usefixtures("_compilado")
def test_la_api_habla_la_lengua_que_se_le_pide() -> None:
    """Only ``detail`` changes: the codes are the contract."""
    cliente = fabricas.api()
    ruta = "/api/v1/comisiones/com_no"
    espanol = fabricas.problema(cliente.get(ruta), 404)
    ingles = fabricas.problema(cliente.get(ruta, headers={"Accept-Language": "en"}), 404)
    assert espanol["codigo"] == ingles["codigo"]
    assert ingles["title"] == "Not found"
    assert espanol["title"] == "No encontrado"
