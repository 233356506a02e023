"""What the live site orders the sandbox, and who else tries to."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client, override_settings
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import buscar_clave, crear_clave, huella_de
from alpespartner.comun.models import Historial
from alpespartner.operacion.pruebas.recepcion import recibir
from alpespartner.pruebas import mensajes
from alpespartner.pruebas.errores import SoloEnPruebas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db
RUTA = "/interno/pruebas"
PUBLICA, SECRETO = "0123456789ab", "s" * 43
TEXTO = f"ap_test_{PUBLICA}_{SECRETO}"


def nueva(**datos: Any) -> dict[str, Any]:
    """What is said of a key."""
    return {
        "id_clave": PUBLICA, "huella": huella_de(SECRETO), "nombre": "Tienda", "titular": "Tienda",
        "alcances": ["afiliados:leer", "pruebas:vaciar"], "afiliado": "", "expira_en": None,
        "restricciones": {}, "pide": "persona:7", **datos,
    }  # fmt: skip


def enviar(texto: str) -> Any:
    return Client().post(RUTA, texto, content_type="text/plain", headers={"Accept-Language": "es"})


def ordenar(orden: str, **datos: Any) -> Any:
    return enviar(mensajes.firmar(orden, datos))


@pytest.mark.usefixtures("preparado")
def test_una_clave() -> None:
    """Its digest is enough: the secret that the live site showed opens the sandbox."""
    respuesta = ordenar("clave", **nueva())
    assert respuesta.status_code == 200
    dicha = respuesta.json()
    assert (dicha["clave_id"], dicha["vigente"], dicha["nombre"]) == (PUBLICA, True, "Tienda")
    assert "s" * 43 not in respuesta.content.decode()
    afiliados = ClienteAPI(TEXTO).get("/api/v1/afiliados").json()["resultados"]
    assert {a["referencia_externa"] for a in afiliados} == {"prueba-lucia", "prueba-mateo"}
    # The member of the staff with that number is nobody here.
    hecho = Historial.objects.get(entidad="clave", entidad_id=PUBLICA)
    assert (hecho.actor, hecho.datos["pide"]) == ("sistema:entorno_de_pruebas", "persona:7")


@pytest.mark.usefixtures("preparado")
def test_la_de_un_afiliado() -> None:
    """Of one that stands for the live one, of whom nothing is known here; twice, the same one."""
    for n in ("0", "1"):
        hecha = nueva(
            id_clave=PUBLICA[:-1] + n, afiliado="af_01M8F8CPET1A2NQ6H8JWSC6C50",
            alcances=["afiliados:leer"],
        )  # fmt: skip
        assert ordenar("clave", **hecha).status_code == 200
    suyo = Afiliado.objects.get(referencia_externa="real-01m8f8cpet1a2nq6h8jwsc6c50")
    assert set(ClaveAPI.objects.values_list("afiliado", flat=True)) == {suyo.pk}
    [visto] = (
        ClienteAPI(f"ap_test_{PUBLICA[:-1]}1_{SECRETO}")
        .get("/api/v1/afiliados")
        .json()["resultados"]
    )
    assert (visto["afiliado_id"], visto["nombre"]) == (suyo.id_publico, "Afiliado de prueba")
    mala = nueva(id_clave="9" * 12, afiliado="af_x", alcances=["pruebas:vaciar"])
    problema(ordenar("clave", **mala), 400, "dato_invalido")


@pytest.mark.usefixtures("preparado")
def test_una_de_prueba_hace_otras_de_prueba() -> None:
    """As live ones make live ones; never a live one."""
    ordenar("clave", **nueva(alcances=["claves:escribir", "afiliados:leer"]))
    cliente = ClienteAPI(TEXTO)
    pedido = {"nombre": "otra", "alcances": ["afiliados:leer"]}
    for modo in ({}, {"modo": "prueba"}):
        hecha = cliente.enviar("/api/v1/claves", {**pedido, **modo}).json()
        assert hecha["clave"].startswith("ap_test_")
        assert ClienteAPI(hecha["clave"]).get("/api/v1/afiliados").status_code == 200
    problema(cliente.enviar("/api/v1/claves", {**pedido, "modo": "real"}), 400, "dato_invalido")
    assert ClaveAPI.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("preparado")
def test_cada_mensaje_una_vez() -> None:
    """Also the one that empties, which comes again after what it deleted."""
    for texto in (
        mensajes.firmar("clave", nueva()),
        mensajes.firmar("revocar", {"id_clave": PUBLICA, "pide": "x"}),
        mensajes.firmar("vaciar", {"pide": "x"}),
    ):
        assert enviar(texto).status_code == 200
        problema(enviar(texto), 403, "mensaje_invalido")
    assert Historial.objects.filter(accion="recibir").count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("preparado")
def test_lo_que_caduca() -> None:
    texto = mensajes.firmar("vaciar", {"pide": "x"})
    with time_machine.travel(timezone.now() + timedelta(seconds=mensajes.VALE + 2)):
        problema(enviar(texto), 403, "mensaje_invalido")
    assert enviar(texto).status_code == 200


def _falsos() -> list[str]:
    bueno = mensajes.firmar("vaciar", {"pide": "x"})
    cuerpo, _dos, resto = bueno.partition(":")
    sal = "alpespartner.pruebas"
    entero = {"id": "a", "orden": "vaciar", "datos": {"pide": "x"}}
    return [
        "", "x", bueno[:-1], bueno[1:], f"{cuerpo[:-2]}AA:{resto}",
        # Of the site's other secrets, or for something else.
        signing.dumps(entero, salt=sal),
        signing.dumps(entero, key="otra", salt=sal),
        signing.dumps(entero, key=mensajes.settings.PRUEBAS_LLAVE),
        signing.dumps(entero, key=mensajes.settings.PRUEBAS_LLAVE, salt="otra"),
        # Well signed, and no message.
        signing.dumps([], key=mensajes.settings.PRUEBAS_LLAVE, salt=sal),
        signing.dumps({"id": "a"}, key=mensajes.settings.PRUEBAS_LLAVE, salt=sal),
        mensajes.firmar("borrar_lo_real", {}),
    ]  # fmt: skip


@pytest.mark.usefixtures("preparado")
def test_lo_falso() -> None:
    for texto in _falsos():
        problema(enviar(texto), 403, "mensaje_invalido")
    assert not Historial.objects.filter(accion="recibir").exists()


@pytest.mark.usefixtures("preparado")
def test_de_otra_version() -> None:
    """What is missing or too much is said, and nothing is done."""
    problema(ordenar("vaciar", pide="x", otra=1), 409, "pruebas_no_admiten")
    problema(ordenar("clave", pide="x"), 409, "pruebas_no_admiten")
    assert not ClaveAPI.objects.exists()


@pytest.mark.usefixtures("preparado")
def test_el_estado() -> None:
    ordenar("clave", **nueva())
    dicho = ordenar("estado").json()
    assert (dicho["afiliados"], dicho["conversiones"], dicho["comisiones"]) == (2, 0, 0)
    assert [c["clave_id"] for c in dicho["claves"]] == [PUBLICA]
    assert "huella" not in json.dumps(dicho)
    ordenar("revocar", id_clave=PUBLICA, pide="x")
    assert not ordenar("estado").json()["claves"][0]["vigente"]
    problema(ClienteAPI(TEXTO).get("/api/v1/afiliados"), 401, "clave_invalida")
    problema(ordenar("revocar", id_clave=PUBLICA, pide="x"), 409)
    problema(ordenar("revocar", id_clave="9" * 12, pide="x"), 404, "clave_desconocida")


def test_fuera_de_pruebas_no_hay_nada() -> None:
    """The live site has no such address, and its services refuse."""
    texto = mensajes.firmar("clave", nueva())
    assert enviar(texto).status_code == 404
    with pytest.raises(SoloEnPruebas):
        recibir(texto)
    assert not ClaveAPI.objects.exists()


@pytest.mark.usefixtures("en_pruebas")
def test_por_get_no() -> None:
    assert Client().get(RUTA).status_code == 405


def test_una_clave_no_es_de_la_otra_parte(django_assert_num_queries: Any) -> None:
    """Each form is looked up where it is of, and asks nothing of the other database."""
    _clave, viva = crear_clave(nombre="n", titular="t", alcances=["afiliados:leer"], actor=ANA)
    with override_settings(PRUEBAS=True):
        _clave, de_prueba = crear_clave(
            nombre="n", titular="t", alcances=["afiliados:leer"], actor=ANA
        )
        assert de_prueba.startswith("ap_test_")
        assert buscar_clave(de_prueba) is not None
        with django_assert_num_queries(0):
            assert buscar_clave(viva) is None
        problema(ClienteAPI(viva).get("/api/v1/afiliados"), 401, "clave_invalida")
    assert buscar_clave(viva) is not None
    # The same row, by the other name.
    with django_assert_num_queries(0):
        assert buscar_clave(de_prueba) is None
        assert buscar_clave("ap_" + de_prueba.removeprefix("ap_test_")[:0] + "test_x") is None
    problema(ClienteAPI(de_prueba).get("/api/v1/afiliados"), 401, "clave_invalida")
