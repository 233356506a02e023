"""Wrong API keys: limited by address and by key, written down, and right keys go on working."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from afiliados.claves.models import Alcance
from afiliados.claves.services import crear_clave
from alpespartner.comun.acceso import claves
from alpespartner.comun.actores import sistema
from alpespartner.comun.models import Historial

PRUEBA = sistema("pruebas")


@pytest.fixture
def clave(db):
    return crear_clave(nombre="x", titular="y", alcances=Alcance.values, actor=PRUEBA)[1]


def pedir(texto, desde="10.0.0.1"):
    return APIClient().get(
        "/api/v1/comisiones", HTTP_AUTHORIZATION=f"Bearer {texto}", REMOTE_ADDR=desde
    )


@pytest.mark.lento
def test_doscientas_claves_erroneas(clave):
    respuestas = [pedir(f"ap_{n:012}_{'x' * 43}") for n in range(200)]
    estados = [r.status_code for r in respuestas]
    assert estados == [401] * claves.POR_DIRECCION + [429] * (200 - claves.POR_DIRECCION)
    ultima = respuestas[-1]
    assert ultima.headers["Content-Type"].startswith("application/problem+json")
    assert ultima.json()["codigo"] == "demasiados_intentos"
    assert 1 <= int(ultima.headers["Retry-After"]) <= 61
    assert pedir(clave).status_code == 200, "a right key is served"
    assert pedir("mala", desde="10.0.0.2").status_code == 401
    pasos = Historial.objects.filter(entidad="acceso", accion="claves_erroneas")
    assert [p.entidad_id for p in pasos] == ["10.0.0.1"]


@pytest.mark.lento
def test_un_secreto_erroneo_cuenta_para_su_clave(clave):
    id_clave = clave.split("_")[1]
    estados = [pedir(f"ap_{id_clave}_{'x' * 43}").status_code for _n in range(claves.POR_CLAVE + 5)]
    assert estados == [401] * claves.POR_CLAVE + [429] * 5
    assert pedir(clave).status_code == 200
    paso = Historial.objects.get(entidad="acceso", entidad_id=id_clave)
    assert paso.datos == {"direccion": "10.0.0.1", "por": "clave"}
