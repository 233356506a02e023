"""The keys of a holder, looked after by one of them: never more than it has, nor another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import POR_TITULAR, crear_clave
from alpespartner.comun.models import PeticionIdempotente
from tests.fabricas import PRUEBAS, ClienteAPI, afiliado, api, foto, problema

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/claves"
ALCANCES = ("claves:leer", "claves:escribir", "afiliados:leer")


def hacer(cliente: ClienteAPI, **cambios: Any) -> dict[str, Any]:
    cuerpo = {"nombre": "otra", "alcances": ["afiliados:leer"], **cambios}
    respuesta = cliente.enviar(RUTA, cuerpo)
    assert respuesta.status_code == 201, respuesta.content
    assert respuesta["Cache-Control"] == "no-store"
    return respuesta.json()


def test_se_hace_se_rota_y_se_revoca() -> None:
    cliente = api(ALCANCES)
    hecha = hacer(cliente)
    suya = ClienteAPI(hecha["clave"])
    assert suya.get("/api/v1/afiliados").status_code == 200
    # It may not make others, and shares what a minute allows.
    problema(suya.enviar(RUTA, {}), 403, "sin_permiso")
    assert len(set(ClaveAPI.objects.values_list("cadena", flat=True))) == 1
    lista = cliente.get(RUTA).json()["resultados"]
    assert [c["nombre"] for c in lista] == ["otra", "Pruebas"]
    assert "clave" not in lista[0]
    ruta = f"{RUTA}/{hecha['clave_id']}"
    rotada = cliente.enviar(f"{ruta}/rotar", {"horas": 1}).json()
    nueva = ClienteAPI(rotada["clave"])
    # Both work for as long as was said.
    assert suya.get("/api/v1/afiliados").status_code == 200
    assert nueva.get("/api/v1/afiliados").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        problema(suya.get("/api/v1/afiliados"), 401, "clave_invalida")
        assert nueva.get("/api/v1/afiliados").status_code == 200
        problema(cliente.enviar(f"{ruta}/rotar"), 409, "ya_revocada")
    revocar = f"{RUTA}/{rotada['clave_id']}/revocar"
    assert cliente.enviar(revocar).json()["vigente"] is False
    problema(nueva.get("/api/v1/afiliados"), 401, "clave_invalida")
    problema(cliente.enviar(revocar), 409, "ya_revocada")


def test_nunca_mas_de_lo_que_tiene() -> None:
    limite = timezone.now() + timedelta(days=1)
    _clave, texto = crear_clave(
        nombre="n", titular="Pruebas", alcances=ALCANCES, expira_en=limite, actor=PRUEBAS
    )
    cliente = ClienteAPI(texto)
    antes = foto()
    for alcance in ("comisiones:aprobar", "afiliados:escribir", "nada"):
        cuerpo = {"nombre": "n", "alcances": [alcance]}
        problema(cliente.enviar(RUTA, cuerpo), 400)
    assert foto() == antes
    for pedido in ({}, {"expira_en": (limite + timedelta(days=9)).isoformat()}):
        hecha = ClaveAPI.objects.get(id_clave=hacer(cliente, **pedido)["clave_id"])
        assert hecha.expira_en == limite
    for _vez in range(POR_TITULAR - 3):
        hacer(cliente)
    cuerpo = {"nombre": "n", "alcances": ["afiliados:leer"]}
    problema(cliente.enviar(RUTA, cuerpo), 409, "demasiadas_claves")


def test_lo_de_otro_no_existe() -> None:
    una, otra = afiliado(), afiliado(email="b@example.com")
    programa, de_una, de_otra = api(ALCANCES), api(ALCANCES, de=una), api(ALCANCES, de=otra)
    hecha = hacer(de_una)
    assert ClaveAPI.objects.get(id_clave=hecha["clave_id"]).afiliado == una
    antes = foto()
    for ajeno in (programa, de_otra):
        assert hecha["clave_id"] not in str(ajeno.get(RUTA).json())
        for accion in ("rotar", "revocar"):
            respuesta = ajeno.enviar(f"{RUTA}/{hecha['clave_id']}/{accion}")
            problema(respuesta, 404, "clave_desconocida")
    assert foto() == antes


def test_repetirla_no_la_vuelve_a_decir() -> None:
    cliente = api(ALCANCES)
    cuerpo = {"nombre": "n", "alcances": ["afiliados:leer"]}
    una, otra = (cliente.enviar(RUTA, cuerpo, Idempotency_Key="k").json() for _vez in range(2))
    assert otra == {**una, "clave": None}
    assert una["clave"] not in str(PeticionIdempotente.objects.values_list("respuesta"))
