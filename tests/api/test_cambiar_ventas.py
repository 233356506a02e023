"""Changing a sale as it was read, and having it be as it is said by its shop's own reference."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest

from alpespartner.comun.models import Historial
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from tests.fabricas import (
    PRUEBAS,
    ClienteAPI,
    a_la_vez,
    afiliado,
    api,
    campana,
    conversion,
    foto,
    problema,
    regla,
)

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/conversiones"
ALCANCES = ("conversiones:leer", "conversiones:cambiar", "conversiones:escribir")
TODO = (*ALCANCES, "conversiones:devolver")


def cambiar(cliente: ClienteAPI, venta: Conversion, cuerpo: Any, visto: str = "*") -> Any:
    return cliente.cambiar(f"{RUTA}/{venta.id_publico}", cuerpo, If_Match=visto)


def test_se_cambia_lo_que_se_leyo() -> None:
    cliente = api(ALCANCES)
    venta = conversion(metadatos={"tienda": "norte", "envio": "5"})
    ruta = f"{RUTA}/{venta.id_publico}"
    etiqueta = cliente.get(ruta)["ETag"]
    hecho = cambiar(cliente, venta, {"metadatos": {"tienda": None, "caja": 1.5}}, etiqueta)
    assert hecho.status_code == 200
    # Key by key: the others stay.
    assert hecho.json()["metadatos"] == {"envio": "5", "caja": "1.5"}
    assert hecho["ETag"] == cliente.get(ruta)["ETag"] != etiqueta
    assert Conversion.objects.get().metadatos == {"envio": "5", "caja": "1.5"}
    antes = foto()
    problema(cliente.cambiar(ruta, {"metadatos": {}}), 428, "falta_if_match")
    problema(cambiar(cliente, venta, {"metadatos": {"a": 1}}, etiqueta), 412, "version_distinta")
    assert cambiar(cliente, venta, {"metadatos": {"caja": "1.5"}}).status_code == 200
    assert foto() == antes
    paso = Historial.objects.get(entidad="conversion", accion="actualizar")
    assert paso.actor.startswith("clave:")
    # Which keys changed, and nothing of what they said.
    assert paso.datos == {"campos": ["metadatos"], "metadatos": ["caja", "tienda"]}
    evento = OutboxEvent.objects.get(type="ConversionActualizada")
    assert (evento.aggregateid, evento.aggregate_version) == (venta.id_publico, 2)


def test_lo_que_decide_lo_que_gana_no_cambia() -> None:
    cliente, venta = api(TODO), conversion(metadatos={"envio": "5.00"}, referencia_externa="p-1")
    assert cambiar(cliente, venta, {"metadatos": {"envio": 5}}).status_code == 200
    antes = foto()
    for metadatos in ({"envio": "6"}, {"envio": None}, {"impuesto": "1"}):
        dicho = problema(cambiar(cliente, venta, {"metadatos": metadatos}), 409, "conversion_fija")
        assert dicho["errores"][0]["campo"].startswith("metadatos.")
    problema(cambiar(cliente, venta, {"referencia_externa": "p-2"}), 409, "conversion_fija")
    problema(cambiar(cliente, venta, {"moneda": "EUR"}), 400)
    problema(cambiar(cliente, venta, {"metadatos": {"descuento": "-1"}}), 400, "dato_invalido")
    assert foto() == antes


def test_los_metadatos_no_crecen_sin_fin() -> None:
    cliente, venta = api(ALCANCES), conversion()
    assert cambiar(cliente, venta, {"metadatos": {"a": "x" * 9000}}).status_code == 200
    problema(cambiar(cliente, venta, {"metadatos": {"b": "x" * 9000}}), 400, "dato_invalido")
    assert cambiar(cliente, venta, {"metadatos": {"a": None, "b": "x" * 9000}}).status_code == 200


def test_gana_una_referencia_y_lo_que_la_esperaba() -> None:
    cliente, en, de = api(ALCANCES), campana(), afiliado()
    venta, otra = conversion(de=de, en=en), conversion(de=de, en=en, referencia_externa="p-2")
    guardar_pendiente(
        campana=en, referencia="p-1", actor=PRUEBAS,
        datos=Devolucion(id_externo="d-1", monto=Decimal(40)),
    )  # fmt: skip
    problema(cambiar(cliente, venta, {"referencia_externa": "p-2"}), 409, "conversion_duplicada")
    problema(
        cambiar(cliente, venta, {"referencia_externa": otra.id_publico}), 400,
        "referencia_reservada",
    )  # fmt: skip
    hecho = cambiar(cliente, venta, {"referencia_externa": "p-1"}).json()
    assert (hecho["referencia_externa"], hecho["queda"]) == ("p-1", "60.00")
    assert cliente.get(f"{RUTA}/p-1").json()["conversion_id"] == venta.id_publico


def test_vale_menos_con_motivo_y_permiso() -> None:
    regla(porcentaje="10")
    venta = conversion()
    cliente = api(TODO)
    problema(cambiar(api(ALCANCES), venta, {"valor_conversion": "80"}), 403, "sin_permiso")
    problema(cambiar(cliente, venta, {"valor_conversion": "80"}), 400, "falta_motivo")
    hecho = cambiar(cliente, venta, {"valor_conversion": "80", "motivo": "m"})
    assert hecho.status_code == 200
    assert [hecho.json()[c] for c in ("valor_conversion", "devuelto", "queda", "estado")] == [
        "100.00", "20.00", "80.00", "revertida_parcial",
    ]  # fmt: skip
    movimiento = MovimientoConversion.objects.get(tipo="ajuste")
    assert (movimiento.monto, movimiento.motivo) == (Decimal(-20), "m")
    devolver(conversion=venta, datos=Devolucion(id_externo="d", monto=Decimal(50)), actor=PRUEBAS)
    antes = foto()
    # What customers gave back is not what was sold.
    assert cambiar(cliente, venta, {"valor_conversion": "80"}).json()["queda"] == "30.00"
    mas = {"valor_conversion": "80.01", "motivo": "m"}
    assert problema(cambiar(cliente, venta, mas), 409, "valor_que_sube")["errores"] == [
        {"campo": "valor_conversion", "codigo": "valor_que_sube", "mensaje": ANY}
    ]
    menos = {"valor_conversion": "49", "motivo": "m"}
    problema(cambiar(cliente, venta, menos), 409, "devolucion_excesiva")
    problema(cambiar(cliente, venta, {"valor_conversion": "0", "motivo": "m"}), 400)
    assert foto() == antes
    junto = {"valor_conversion": "75", "metadatos": {"a": 1}, "motivo": "n"}
    assert cambiar(cliente, venta, junto).json()["queda"] == "25.00"


def test_una_que_ya_no_cuenta_no_cambia() -> None:
    cliente, venta = api(TODO), conversion(referencia_externa="p-1")
    rechazar_conversion(conversion=venta, actor=PRUEBAS, motivo="m")
    antes = foto()
    problema(cambiar(cliente, venta, {"metadatos": {"a": 1}}), 409, "conversion_cerrada")
    problema(
        cambiar(cliente, venta, {"valor_conversion": 1, "motivo": "m"}), 409, "conversion_cerrada"
    )
    assert cambiar(cliente, venta, {"metadatos": {}}).status_code == 200
    assert foto() == antes


def poner(cliente: ClienteAPI, cuerpo: Any, ruta: str = "p-1", **cabeceras: str) -> Any:
    return cliente.cambiar(f"{RUTA}/{ruta}", cuerpo, metodo="PUT", **cabeceras)


def test_ponerla_dos_veces_es_ponerla_una() -> None:
    en, cliente = campana(predeterminada=True), api(ALCANCES)
    cuerpo = {
        "afiliado_id": afiliado().id_publico, "valor_conversion": 100.0, "canal_origen": "web",
        "cupon": "diez", "productos": [{"sku": "café", "precio": 10.5}],
        "metadatos": {"envio": 5, "n": 12345678901234567890, "x": [1.5, None]},
    }  # fmt: skip
    problema(poner(cliente, cuerpo, If_Match='"1"'), 412, "version_distinta")
    problema(poner(api(("conversiones:cambiar",)), cuerpo), 403, "sin_permiso")
    assert not Conversion.objects.exists()
    hecho = poner(cliente, cuerpo)
    assert (hecho.status_code, hecho.json()["referencia_externa"]) == (201, "p-1")
    antes = foto()
    otra = poner(cliente, cuerpo)
    assert foto() == antes
    assert (otra.status_code, otra.json(), otra["ETag"]) == (200, hecho.json(), hecho["ETag"])
    # By our id, and with its campaign said, it is the same one.
    nuestra = hecho.json()["conversion_id"]
    assert poner(cliente, {**cuerpo, "campana_id": en.id_publico}, nuestra).status_code == 200
    for campo, valor in {
        "canal_origen": "blog", "cupon": "OTRO", "tipo_conversion": "suscripcion",
        "productos": [], "moneda": "EUR", "ocurrida_en": "2026-01-01T00:00:00Z", "enlace": "x",
        "campana_id": campana().id_publico,
    }.items():  # fmt: skip
        dicho = problema(poner(cliente, {**cuerpo, campo: valor}, nuestra), 409, "conversion_fija")
        assert dicho["errores"][0]["campo"] == campo
    problema(poner(cliente, {**cuerpo, "valor_conversion": "80", "motivo": "m"}), 403)
    problema(poner(cliente, cuerpo, nuestra[:-1] + ("0" if nuestra[-1] != "0" else "1")), 404)
    problema(poner(cliente, cuerpo, "x" * 129), 400)
    problema(poner(cliente, {"canal_origen": "web"}), 400)
    assert (Conversion.objects.count(), MovimientoConversion.objects.count()) == (1, 0)


def test_lo_que_falta_en_los_metadatos_se_va() -> None:
    venta = conversion(en=campana(predeterminada=True), referencia_externa="p-1",
                       metadatos={"a": 1, "envio": "5"})  # fmt: skip
    cliente = api(TODO)
    etiqueta = cliente.get(f"{RUTA}/p-1")["ETag"]
    cuerpo = {"valor_conversion": "90", "motivo": "m", "metadatos": {"envio": "5"}}
    hecho = poner(cliente, cuerpo, If_Match=etiqueta)
    assert (hecho.json()["metadatos"], hecho.json()["queda"]) == ({"envio": "5"}, "90.00")
    problema(poner(cliente, cuerpo, If_Match=etiqueta), 412, "version_distinta")
    problema(poner(cliente, {"valor_conversion": "90"}), 409, "conversion_fija")
    venta.refresh_from_db()
    assert venta.afiliado is not None


@pytest.mark.django_db(transaction=True)
def test_a_la_vez_se_registra_una_y_se_cambia_una_vez() -> None:
    campana(predeterminada=True)
    cliente = api(TODO)
    cuerpo = {"afiliado_id": afiliado().id_publico, "valor_conversion": "100"}
    assert sorted(a_la_vez([lambda: poner(cliente, cuerpo).status_code] * 3)) == [200, 200, 201]
    etiqueta = cliente.get(f"{RUTA}/p-1")["ETag"]
    venta = Conversion.objects.get()

    def bajar(a: str) -> int:
        cuerpo = {"valor_conversion": a, "motivo": "m"}
        return int(cambiar(cliente, venta, cuerpo, etiqueta).status_code)

    estados = a_la_vez([lambda: bajar("90"), lambda: bajar("80"), lambda: bajar("70")])
    assert sorted(estados) == [200, 412, 412]
    assert MovimientoConversion.objects.filter(tipo="ajuste").count() == 1
