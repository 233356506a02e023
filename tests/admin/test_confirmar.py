"""No button does a final thing at one click: a sheet says of what, and that it is final."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from afiliados.claves.services import crear_clave
from tests import fabricas
from tests.admin.conftest import PRUEBA


def ficha_de(pagina: str, caso: str) -> str:
    """The sheet whose form does an action."""
    hojas = re.findall(r"<details.*?</details>", pagina, re.S)
    return next((h for h in hojas if f"/accion/{caso}/" in h), "")


@pytest.mark.parametrize("caso", ["revocar", "validar", "predeterminar"])
def test_se_confirma_con_su_objeto(admin: Any, programa: Any, caso: str) -> None:
    objeto: Any
    if caso == "revocar":
        modelo = "afiliados_claveapi"
        objeto = crear_clave(nombre="n", titular="t", alcances=["afiliados:leer"], actor=PRUEBA)[0]
    elif caso == "validar":
        modelo, objeto = "conversiones_conversion", fabricas.conversion()
    else:
        modelo, objeto = "conversiones_campana", fabricas.campana()
    pagina = admin.get(reverse(f"admin:{modelo}_change", args=[objeto.pk])).content.decode()
    assert f"<strong>{objeto}</strong>" in ficha_de(pagina, caso)
