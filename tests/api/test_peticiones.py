"""The requests of the earlier systems as they stand, and the shape of what they get."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado, suspender_afiliado
from afiliados.claves.services import crear_clave
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana
from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ClienteAPI, problema

pytestmark = pytest.mark.django_db

AFILIADO = (
    b'{"nombre":"Ada","email":"ada@example.com","tipo_afiliado":"premium",'
    b'"configuracion_comisiones":{"comision_base":15.0,"comision_premium":20.0}}'
)


@pytest.fixture
def campana() -> Campana:
    return fabricas.campana(predeterminada=True, moneda="COP")


@pytest.fixture
def api(campana: Campana) -> ClienteAPI:
    return fabricas.api()


def test_el_flujo_entero(api: ClienteAPI) -> None:
    """Register, convert, calculate by event, ask, approve: each with the old bodies."""
    respuesta = api.enviar("/api/v1/afiliados", AFILIADO)
    assert respuesta.status_code == 201
    afiliado = respuesta.json()
    assert afiliado["afiliado_id"].startswith("af_")
    assert afiliado["estado"] == "activo"
    assert afiliado["configuracion_comisiones"] == {
        "comision_base": "15", "comision_premium": "20", "comision_fija": None,
        "minimo_pago": None, "moneda": None,
    }  # fmt: skip
    respuesta = api.enviar(
        "/api/v1/conversiones",
        json.dumps({"afiliado_id": afiliado["afiliado_id"], "valor_conversion": 100000.0,
                    "tipo_conversion": "venta"}).encode(),
    )  # fmt: skip
    assert respuesta.status_code == 201
    venta = respuesta.json()
    assert venta["conversion_id"].startswith("conv_")
    assert (venta["valor_conversion"], venta["moneda"]) == ("100000.00", "COP")
    ruta = f"/commissions/by-conversion/{venta['conversion_id']}"
    problema(api.get(ruta), 404, "no_encontrado")
    fabricas.entregar_todo()
    # What the event made is named by the 409.
    repetida = api.enviar(
        "/api/v1/comisiones",
        {"afiliado_id": afiliado["afiliado_id"], "conversion_id": venta["conversion_id"],
         "tipo_comision": "porcentual", "porcentaje": 15.0},
    )  # fmt: skip
    hecha = Comision.objects.get()
    assert problema(repetida, 409, "comision_existente")["comision_id"] == hecha.id_publico
    respuesta = api.get(ruta)
    assert respuesta.status_code == 200
    assert respuesta.json() == {
        "commissionId": hecha.id_publico, "conversionId": venta["conversion_id"],
        "affiliateId": afiliado["afiliado_id"], "campaignId": venta["campana_id"],
        "status": "pendiente", "netAmount": "20000.00", "currency": "COP",
    }  # fmt: skip
    for _vez in range(2):
        respuesta = api.enviar("/commissions/approve", {"commissionId": hecha.id_publico})
        assert (respuesta.status_code, respuesta.json()["status"]) == (200, "aprobada")
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 1


def test_comision_a_mano(api: ClienteAPI) -> None:
    """201 with terms of one's own when the event has not come yet."""
    venta = fabricas.conversion(valor="200")
    cuerpo = {
        "afiliado_id": venta.afiliado.id_publico, "conversion_id": venta.id_publico,
        "tipo_comision": "porcentual", "porcentaje": 15.0,
    }  # fmt: skip
    respuesta = api.enviar("/api/v1/comisiones", cuerpo)
    assert respuesta.status_code == 201
    comision = respuesta.json()
    assert (comision["monto"], comision["porcentaje"], comision["tipo_comision"]) == (
        "30.00", "15", "porcentual",
    )  # fmt: skip
    assert comision["calculo"]["formula"]
    # The same key may not approve what it set by hand.
    ruta = f"/api/v1/comisiones/{comision['comision_id']}"
    problema(api.enviar(f"{ruta}/aprobar", {}), 403, "cuatro_ojos")
    problema(fabricas.api().enviar(f"{ruta}/aprobar", {}), 403, "cuatro_ojos")
    de_otro = crear_clave(
        nombre="n", titular="Otro", alcances=fabricas.TODOS_LOS_ALCANCES, actor=fabricas.ANA
    )[1]
    otra = ClienteAPI(de_otro)
    assert otra.enviar(f"{ruta}/aprobar", {}).json()["estado"] == "aprobada"
    conflicto = problema(otra.enviar(f"{ruta}/rechazar", {"motivo": "m"}), 409)
    assert (conflicto["codigo"], conflicto["estado"]) == ("transicion_invalida", "aprobada")


def test_rechazar(api: ClienteAPI) -> None:
    """A reason is required and kept."""
    ruta = f"/api/v1/comisiones/{fabricas.comision().id_publico}/rechazar"
    for cuerpo in ({}, {"motivo": ""}, {"motivo": "  "}, {"motivo": "x" * 501}):
        assert problema(api.enviar(ruta, cuerpo), 400)["errores"][0]["campo"] == "motivo"
    respuesta = api.enviar(ruta, {"motivo": "duplicada"}).json()
    assert (respuesta["estado"], respuesta["motivo"]) == ("rechazada", "duplicada")


def test_sin_el_alcance_de_activar(campana: Campana) -> None:
    """Registered by a key that may not activate: pending, and its commissions wait."""
    sin = fabricas.api([a for a in fabricas.TODOS_LOS_ALCANCES if a != "afiliados:activar"])
    afiliado = sin.enviar("/api/v1/afiliados", AFILIADO).json()
    assert afiliado["estado"] == "pendiente"
    venta = sin.enviar(
        "/api/v1/conversiones", {"afiliado_id": afiliado["afiliado_id"], "valor_conversion": 10}
    )
    assert venta.status_code == 201
    fabricas.entregar_todo()
    [comision] = sin.get("/api/v1/comisiones").json()["resultados"]
    assert (comision["estado"], comision["motivo_retencion"]) == ("retenida", "afiliado_pendiente")


def test_conversion_con_todo(api: ClienteAPI) -> None:
    """Every optional field comes back as it was sent; decimals inside stay exact."""
    otra = fabricas.campana(moneda="USD", referencia_externa="verano")
    afiliado = fabricas.afiliado(referencia_externa="socio-1")
    cuerpo = (
        '{"afiliado_id":"socio-1","valor_conversion":"10.50","tipo_conversion":"suscripcion",'
        '"campana_id":"verano","moneda":"EUR","referencia_externa":"r-1",'
        '"ocurrida_en":"2026-11-20T10:00:00-05:00","canal_origen":"email","cupon":"invierno10","enlace":"b7",'
        '"productos":[{"sku":"ñ","precio":0.1}],"metadatos":{"a":{"b":[1,2.50,null,true]}}}'
    ).encode()
    with_time = api.enviar("/api/v1/conversiones", cuerpo)
    assert with_time.status_code == 201, with_time.content
    dicho = with_time.json()
    assert dicho["afiliado_id"] == afiliado.id_publico
    assert dicho["campana_id"] == otra.id_publico
    assert (dicho["valor_conversion"], dicho["moneda"]) == ("10.50", "EUR")
    assert dicho["ocurrida_en"] == "2026-11-20T15:00:00Z"
    assert (dicho["cupon"], dicho["enlace"]) == ("INVIERNO10", "b7")
    assert dicho["productos"] == [{"sku": "ñ", "precio": "0.1"}]
    assert dicho["metadatos"] == {"a": {"b": [1, "2.50", None, True]}}
    assert dicho.pop("atribucion")["motivo"] == "explicito"
    entera = api.get(f"/api/v1/conversiones/{dicho['conversion_id']}").json()
    assert (entera.pop("devuelto"), entera.pop("queda")) == ("0.00", "10.50")
    assert entera == dicho


def test_conversion_duplicada(api: ClienteAPI) -> None:
    """409 with the id of the first; another affiliate is not told whose it is."""
    uno, otro = fabricas.afiliado(), fabricas.afiliado()
    cuerpo = {"afiliado_id": uno.id_publico, "valor_conversion": 1, "referencia_externa": "r"}
    primera = api.enviar("/api/v1/conversiones", cuerpo).json()
    segunda = problema(api.enviar("/api/v1/conversiones", cuerpo), 409, "conversion_duplicada")
    assert segunda["conversion_id"] == primera["conversion_id"]
    ajena = api.enviar("/api/v1/conversiones", {**cuerpo, "afiliado_id": otro.id_publico})
    assert problema(ajena, 409, "conversion_duplicada")["conversion_id"] is None


def test_afiliado_duplicado(api: ClienteAPI) -> None:
    """Document and external reference are unique."""
    cuerpo = {
        "nombre": "A", "email": "a@b.co", "documento_tipo": "CC", "documento_numero": "100",
    }  # fmt: skip
    assert api.enviar("/api/v1/afiliados", cuerpo).status_code == 201
    problema(api.enviar("/api/v1/afiliados", cuerpo), 409, "afiliado_duplicado")
    otro_tipo = {
        **cuerpo, "email": "b@b.co", "documento_tipo": "PASAPORTE", "documento_pais": "ES",
        "documento_numero": "AA100", "referencia_externa": "r",
    }  # fmt: skip
    assert api.enviar("/api/v1/afiliados", otro_tipo).status_code == 201


def _calcular(api: ClienteAPI, **cambios: Any) -> Any:
    cuerpo = {
        "conversionId": "venta-1", "affiliateId": "socio-1", "campaignId": "verano",
        "grossAmount": 200, "currency": "USD", **cambios,
    }  # fmt: skip
    return api.enviar("/commissions/calculate", {k: v for k, v in cuerpo.items() if v is not None})


@pytest.fixture
def viejo(api: ClienteAPI) -> ClienteAPI:
    """The old system's affiliate and campaign exist."""
    fabricas.campana(referencia_externa="verano")
    fabricas.afiliado(referencia_externa="socio-1")
    return api


def test_calculate(viejo: ClienteAPI) -> None:
    """201, then 200 with the same commission, then 409 for another body of the same id."""
    primera = _calcular(viejo)
    assert primera.status_code == 201
    assert primera.json().keys() == {
        "commissionId", "conversionId", "affiliateId", "campaignId", "status", "netAmount",
        "currency",
    }  # fmt: skip
    assert (primera.json()["netAmount"], primera.json()["status"]) == ("20.00", "pendiente")
    antes = fabricas.foto()
    for cambios in ({}, {"grossAmount": "200.00"}, {"currency": None},
                    {"affiliateId": Afiliado.objects.get().id_publico}):  # fmt: skip
        otra = _calcular(viejo, **cambios)
        assert (otra.status_code, otra.json()) == (200, primera.json()), cambios
    eva = fabricas.afiliado(referencia_externa="socio-2")
    fabricas.campana(referencia_externa="invierno")
    antes = fabricas.foto()
    for cambios in (
        {"grossAmount": 201}, {"currency": "EUR"}, {"affiliateId": eva.id_publico},
        {"campaignId": "invierno"}, {"campaignId": None},
    ):  # fmt: skip
        distinta = problema(_calcular(viejo, **cambios), 409, "conversion_distinta")
        assert distinta["errores"][0]["campo"] == "conversionId"
    assert fabricas.foto() == antes
    assert Comision.objects.count() == Conversion.objects.count() == 1


def test_calculate_repetida_tras_suspender(viejo: ClienteAPI) -> None:
    """What was calculated stays an answer when its affiliate brings no more sales; a new id is
    refused."""
    primera = _calcular(viejo)
    suspender_afiliado(afiliado=Afiliado.objects.get(), actor=fabricas.ANA, motivo="m")
    assert (_calcular(viejo).status_code, _calcular(viejo).json()) == (200, primera.json())
    antes = fabricas.foto()
    problema(_calcular(viejo, conversionId="venta-2"), 422, "afiliado_no_admitido")
    assert fabricas.foto() == antes


def test_calculate_con_el_afiliado_de_ahora(viejo: ClienteAPI) -> None:
    """An affiliate that changes after the request read it earns by its new terms."""
    leido = Afiliado.objects.get()
    actualizar_afiliado(
        afiliado=Afiliado.objects.get(),
        cambios={"comision_base": Decimal(50)},
        actor=fabricas.ANA,
        motivo="x",
    )
    peticion = PeticionCalculo(
        referencia="venta-9",
        afiliado=leido,
        campana=Campana.objects.get(predeterminada=True),
        importe=Decimal(200),
        moneda="COP",
    )
    comision, nueva = registrar_y_calcular(peticion=peticion, actor=fabricas.ANA)
    assert (nueva, comision.monto, comision.tasa) == (True, Decimal(100), Decimal(50))


def test_calculate_desconocidos(viejo: ClienteAPI) -> None:
    """422 that says which; a corrected request then works under the same id."""
    antes = fabricas.foto()
    nadie = problema(_calcular(viejo, affiliateId="nadie"), 422, "afiliado_desconocido")
    assert nadie["errores"][0]["campo"] == "affiliateId"
    assert "nadie" in nadie["detail"]
    ninguna = problema(_calcular(viejo, campaignId="ninguna"), 422, "campana_desconocida")
    assert ninguna["errores"][0]["campo"] == "campaignId"
    assert fabricas.foto() == antes
    assert _calcular(viejo).status_code == 201


def test_calculate_de_una_conversion_registrada(viejo: ClienteAPI) -> None:
    """By our id, when it came through the other door; with other data it is a conflict."""
    venta = fabricas.conversion(
        de=Afiliado.objects.get(), en=Campana.objects.get(referencia_externa="verano"), valor="200"
    )
    problema(_calcular(viejo, conversionId=venta.id_publico, grossAmount=1), 409)
    respuesta = _calcular(viejo, conversionId=venta.id_publico)
    assert respuesta.status_code == 201
    assert respuesta.json()["conversionId"] == venta.id_publico
    assert _calcular(viejo, conversionId=venta.id_publico).status_code == 200


def test_approve_desconocida(api: ClienteAPI) -> None:
    """404, not 500 nor 200."""
    problema(api.enviar("/commissions/approve", {"commissionId": "com_no"}), 404)


def test_by_conversion(viejo: ClienteAPI) -> None:
    """By reference; when two campaigns use it, 409 and not the first that is found."""
    hecha = _calcular(viejo).json()
    assert viejo.get("/commissions/by-conversion/venta-1").json() == hecha
    fabricas.comision(en=fabricas.campana(), referencia_externa="venta-1")
    problema(viejo.get("/commissions/by-conversion/venta-1"), 409, "referencia_ambigua")
    ruta = f"/commissions/by-conversion/{hecha['conversionId']}"
    assert viejo.get(ruta).json() == hecha
    problema(viejo.get("/commissions/by-conversion/otra"), 404)


def test_debug_outbox(api: ClienteAPI) -> None:
    """Ten latest first, all counted, and `published` once every consumer has it."""
    for _ in range(6):
        fabricas.comision(de=fabricas.afiliado(comision_base=Decimal(1)))
    cuerpo = api.get("/debug/outbox").json()
    assert cuerpo.keys() == {"total_events", "events"}
    assert cuerpo["total_events"] == OutboxEvent.objects.count() > 10
    assert len(cuerpo["events"]) == 10
    assert {e["published"] for e in cuerpo["events"]} == {0}
    ultimo = OutboxEvent.objects.order_by("-posicion").first()
    assert ultimo is not None
    assert cuerpo["events"][0] == {
        "id": ultimo.evento_id, "aggregatetype": "comisiones", "aggregateid": ultimo.aggregateid,
        "type": "ComisionCalculada", "aggregate_version": 1,
        "payload": json.loads(ultimo.payload), "published": 0,
        "created_at": cuerpo["events"][0]["created_at"],
    }  # fmt: skip
    fabricas.entregar_todo()
    assert {e["published"] for e in api.get("/debug/outbox").json()["events"]} == {1}
