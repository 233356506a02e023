"""Every page in a real browser: for who sees little, uses no mouse, or enlarges the letters."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.accesible.navegador import TEMAS, VENTANAS, Mirador, Quejas, un_navegador
from tests.accesible.paginas import de_cada_estado, de_nadie, jefa, rutas
from tests.e2e.conftest import CHROMIUM
from tests.hostiles.mundo import poblar

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.lento,
    pytest.mark.una_base,
    pytest.mark.timeout(3_000),
    pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado"),
    pytest.mark.django_db(transaction=True),
]
# Every page in every width and theme; otherwise each in the first, and a third in another one.
ENTERA = bool(os.environ.get("ALPES_ACCESIBLE"))
COMBINACIONES = [(v, t) for v in VENTANAS for t in TEMAS]


def tambien(n: int) -> list[tuple[str, str]]:
    """In what else the page number ``n`` is looked at."""
    if ENTERA:
        return COMBINACIONES[1:]
    return [COMBINACIONES[1 + n // 3 % (len(COMBINACIONES) - 1)]] if n % 3 == 0 else []


def pedidas(direcciones: list[str]) -> list[str]:
    """All of them; those that ``ALPES_SOLO`` is in; or of ``ALPES_PARTE=2/5`` the second fifth."""
    solo = os.environ.get("ALPES_SOLO", "")
    cual, partes = map(int, os.environ.get("ALPES_PARTE", "1/1").split("/"))
    return [d for d in direcciones if solo in d][cual - 1 :: partes]


def test_cada_pagina(sitio: str, libro_sin_candado: None, settings: Any) -> None:
    poblar()
    direcciones = rutas() + de_cada_estado()
    direcciones = pedidas(direcciones)
    sesion = jefa().cookies[settings.SESSION_COOKIE_NAME].value
    quejas = Quejas()
    with un_navegador(sitio) as nuevo:
        miradores = {
            True: Mirador(nuevo(), sitio, quejas), False: Mirador(nuevo(sesion), sitio, quejas)
        }  # fmt: skip
        for n, ruta in enumerate(direcciones):
            mirador = miradores[de_nadie(ruta)]
            mirador.poner(*COMBINACIONES[0])
            if not mirador.ir(ruta):
                continue
            mirador.mirar("1440 claro")
            for ventana, tema in tambien(n):
                mirador.poner(ventana, tema)
                mirador.mirar(f"{ventana} {tema}")
    print(f"\n{quejas.informe()}")
    assert not quejas.cuantas, f"\n{quejas}"
