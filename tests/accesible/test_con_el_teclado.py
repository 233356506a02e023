"""A commission, from the sign-in to its approval, without a mouse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from comisiones.comision.models import Comision
from tests import fabricas
from tests.accesible.navegador import Mirador, Quejas, un_navegador
from tests.accesible.paginas import jefa
from tests.e2e.conftest import CHROMIUM

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.lento,
    pytest.mark.una_base,
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
    pytest.mark.django_db(transaction=True),
]
_DONDE = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const texto = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.innerText
    || e.value || "";
  const contorno = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
  return [texto.trim(), contorno || s.boxShadow !== "none"];
}"""


def tabular(pagina: Page, hasta: str, *, paso: str = "Tab", veces: int = 60) -> list[str]:
    """Press a key until the focus is on something of that name; wherever it is, it is seen."""
    vistos = []
    for _vez in range(veces):
        pagina.keyboard.press(paso)
        if pagina.evaluate("document.activeElement === document.body"):
            continue
        nombre, se_ve = pagina.evaluate(_DONDE)
        vistos.append(nombre)
        assert se_ve, f"no se ve dónde está el foco: {nombre!r}"
        if re.search(hasta, nombre):
            return vistos
    raise AssertionError(f"ningún {hasta!r} entre {vistos}")


def test_de_la_entrada_a_la_aprobacion(sitio: str, settings: Any) -> None:
    comision = fabricas.comision(de=fabricas.afiliado(nombre="Ana Ruiz"), valor="100")
    User.objects.create_superuser("lectora", password="una contraseña larga")
    quejas = Quejas()
    with un_navegador(sitio) as nuevo:
        mirador = Mirador(nuevo(), sitio, quejas)
        pagina = mirador.pagina
        mirador.ir("/admin/login/?next=/admin/")
        tabular(pagina, "usuario")
        pagina.keyboard.type("lectora")
        tabular(pagina, "Contraseña")
        pagina.keyboard.type("una contraseña larga")
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_role("heading", name="Lo que espera por ti")).to_be_visible()
        # Past the menu at once.
        pagina.keyboard.press("Tab")
        assert pagina.evaluate(_DONDE)[0] == "Saltar al contenido"
        pagina.keyboard.press("Enter")
        tabular(pagina, "[Cc]omisiones por revisar|[Pp]or revisar", veces=4)
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#result_list")).to_be_visible()
        mirador.ir(pagina.url)
        pagina.keyboard.press("j")
        pagina.keyboard.press("Enter")
        panel = pagina.locator("#cola-panel")
        expect(panel).to_contain_text("Cómo se calculó")
        mirador.mirar("el panel")
        pagina.keyboard.press("r")
        expect(pagina.locator("#decidir-rechazar")).to_be_visible()
        mirador.mirar("rechazar")
        pagina.keyboard.press("Escape")
        pagina.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        pagina.keyboard.press("?")
        mirador.mirar("las teclas")
        pagina.keyboard.press("Escape")
        pagina.keyboard.press("Control+k")
        expect(pagina.locator("#ap-paleta [role=option]").first).to_be_visible()
        mirador.mirar("la paleta")
        pagina.keyboard.press("Escape")
        # Its own page: a sheet opens under its button, and gives the focus back.
        mirador.ir(f"/admin/comisiones/comision/{comision.pk}/change/")
        pagina.locator("#contenido").focus()
        tabular(pagina, "Rechazar…$")
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#codigo-rechazar")).to_be_focused()
        mirador.mirar("la hoja de rechazar")
        pagina.keyboard.press("Escape")
        expect(pagina.locator("#codigo-rechazar")).to_be_hidden()
        assert pagina.evaluate(_DONDE)[0].endswith("Rechazar…")
        tabular(pagina, "Aprobar…$", paso="Shift+Tab")
        pagina.keyboard.press("Enter")
        if pagina.evaluate(_DONDE)[0] != "Aprobar":
            tabular(pagina, "^Aprobar$", veces=3)
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("quedó aprobada")).to_be_visible()
    assert Comision.objects.get(pk=comision.pk).estado == "aprobada"
    assert not quejas.cuantas, f"\n{quejas}"


def test_en_un_telefono_todo_cabe(sitio: str, settings: Any) -> None:
    """Each sheet opens inside the window, and menu and filters take the focus and give it back."""
    comision = fabricas.comision(de=fabricas.afiliado(nombre="Ana Ruiz"), valor="100")
    sesion = jefa().cookies[settings.SESSION_COOKIE_NAME].value
    quejas = Quejas()
    with un_navegador(sitio) as nuevo:
        mirador = Mirador(nuevo(sesion), sitio, quejas)
        pagina = mirador.pagina
        mirador.poner("390", "claro")
        mirador.ir(f"/admin/comisiones/comision/{comision.pk}/change/")
        for boton in pagina.locator("details.ap-desplegable").all():
            boton.locator("summary").click()
            caja = boton.locator(".ap-hoja").bounding_box()
            assert caja is not None
            assert 0 <= caja["x"] <= 390 - caja["width"], caja
            assert 0 <= caja["y"] <= 844 - caja["height"], caja
            mirador.mirar("una hoja")
            boton.get_by_role("button", name="Cancelar").click()
        mirador.ir("/admin/comisiones/comision/")
        menu = pagina.get_by_role("button", name="Menú")
        menu.click()
        expect(pagina.locator("#nav-sidebar a").first).to_be_focused()
        mirador.mirar("el menú")
        pagina.keyboard.press("Escape")
        expect(menu).to_be_focused()
        filtros = pagina.get_by_role("button", name="Filtros")
        filtros.click()
        pagina.wait_for_function("document.activeElement.closest('#changelist-filter')")
        mirador.mirar("los filtros")
        pagina.keyboard.press("Escape")
        expect(filtros).to_be_focused()
    assert not quejas.cuantas, f"\n{quejas}"
