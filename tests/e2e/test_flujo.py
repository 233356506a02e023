"""The flow from outside: register, convert, calculate, approve, pay; stop and start again."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Producto, esperar

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
DESDE_NADA = True


def _comision(producto: Producto, conversion_id: str) -> dict[str, Any]:
    cuerpo = producto.pedir(
        "GET", f"/api/v1/comisiones?conversion_id={conversion_id}", clave="integracion"
    )[1]
    [comision] = cuerpo["resultados"]
    return comision


def test_de_la_venta_al_pago(producto: Producto) -> None:
    estado, afiliado = producto.pedir(
        "POST",
        "/api/v1/afiliados",
        {
            "nombre": "Ana Tévez",
            "email": "ana@ejemplo.test",
            "tipo_afiliado": "premium",
            "configuracion_comisiones": {"comision_base": 15.0, "comision_premium": 20.0},
        },
        clave="integracion",
    )
    assert (estado, afiliado["estado"]) == (201, "activo")
    estado, conversion = producto.pedir(
        "POST",
        "/api/v1/conversiones",
        {
            "afiliado_id": afiliado["afiliado_id"],
            "valor_conversion": 100000.0,
            "tipo_conversion": "venta",
        },
        clave="integracion",
    )
    assert estado == 201
    inicio = time.monotonic()
    comision = esperar(lambda: _comision_o_nada(producto, conversion), "la comisión")
    # The relay wakes within 200 ms; the rest is the machine's own slowness.
    assert time.monotonic() - inicio < 5
    assert (comision["monto"], comision["estado"]) == ("20000.00", "pendiente")
    manual = {
        "afiliado_id": afiliado["afiliado_id"],
        "conversion_id": conversion["conversion_id"],
        "tipo_comision": "porcentual",
        "porcentaje": 15.0,
    }
    estado, problema = producto.pedir("POST", "/api/v1/comisiones", manual, clave="integracion")
    assert (estado, problema["codigo"]) == (409, "comision_existente")
    assert problema["comision_id"] == comision["comision_id"]
    ruta = f"/api/v1/comisiones/{comision['comision_id']}"
    assert producto.pedir("POST", f"{ruta}/aprobar", {}, clave="integracion")[0] == 200
    esperar(
        lambda: _comision(producto, conversion["conversion_id"])["estado"] == "pagada", "el pago"
    )
    archivos = [
        ruta
        for ruta in (producto.carpeta / "pagos").rglob("*.csv")
        if afiliado["afiliado_id"] in ruta.read_text()
    ]
    assert len(archivos) == 1
    assert "20000.00,USD" in archivos[0].read_text()
    # Somebody else's: as if it did not exist.
    assert producto.pedir("GET", ruta, clave="afiliado")[0] == 404


def _comision_o_nada(producto: Producto, conversion: dict[str, Any]) -> dict[str, Any] | None:
    cuerpo = producto.pedir(
        "GET",
        f"/api/v1/comisiones?conversion_id={conversion['conversion_id']}",
        clave="integracion",
    )[1]
    return cuerpo["resultados"][0] if cuerpo["resultados"] else None


def test_los_caminos_de_antes(producto: Producto) -> None:
    ids = producto.ids
    peticion = {
        "conversionId": "tienda-1",
        "affiliateId": "demo-mateo",
        "campaignId": ids["campanas"][0],
        "grossAmount": 200,
        "currency": "USD",
    }
    estado, primera = producto.pedir(
        "POST", "/commissions/calculate", peticion, clave="integracion"
    )
    assert (estado, primera["netAmount"], primera["status"]) == (201, "25.00", "pendiente")
    assert producto.pedir("POST", "/commissions/calculate", peticion, clave="integracion") == (
        200,
        primera,
    )
    otra = {**peticion, "grossAmount": 201}
    assert producto.pedir("POST", "/commissions/calculate", otra, clave="integracion")[0] == 409
    aprobar = {"commissionId": primera["commissionId"]}
    for _vez in range(2):
        assert (
            producto.pedir("POST", "/commissions/approve", aprobar, clave="integracion")[0] == 200
        )
    estado, porconversion = producto.pedir(
        "GET", "/commissions/by-conversion/tienda-1", clave="integracion"
    )
    assert (estado, porconversion["commissionId"]) == (200, primera["commissionId"])
    estado, outbox = producto.pedir("GET", "/debug/outbox", clave="integracion")
    assert estado == 200
    assert len(outbox["events"]) == 10
    assert {e["published"] for e in outbox["events"]} <= {0, 1}


def test_documentos_y_salud(producto: Producto) -> None:
    assert producto.pedir("GET", "/openapi.json")[0] == 200
    assert producto.pedir("GET", "/health/live")[0] == 200
    assert producto.pedir("GET", "/health")[1]["eventos"] == "ok"


def test_ctrl_c_para_todo_y_otra_vez_no_cambia_nada(producto: Producto) -> None:
    esperar(
        lambda: _sin_pendientes(producto), "que no quede nada por entregar ni pagar", segundos=40
    )
    procesos = producto.procesos()
    assert len(procesos) >= 4
    antes = (producto.carpeta / "events.jsonl").read_text()
    ids = producto.ids
    assert producto.ctrl_c() == 0
    assert not [pid for pid in procesos if Path(f"/proc/{pid}").exists()]
    inicio = time.monotonic()
    producto.arrancar()
    assert time.monotonic() - inicio < 30
    assert producto.ids == ids
    time.sleep(1.5)
    despues = (producto.carpeta / "events.jsonl").read_text()
    assert despues.startswith(antes)
    # Every minute there is one that only says that events arrive.
    nuevos = [json.loads(linea)["type"] for linea in despues.removeprefix(antes).splitlines()]
    assert set(nuevos) <= {"CanarioEmitido"}


def _sin_pendientes(producto: Producto) -> bool:
    # What the demo's batch holds waits for its second person: it is not on its way.
    # In the order in which things happen: what moves on between two questions shows in the next.
    en_espera = set(producto.ids["lotes"])
    por_pagar = [
        comision
        for comision in _resultados(producto, "comisiones", "aprobada")
        if datetime.fromisoformat(comision["madura_en"]) <= datetime.now(UTC)
    ]
    en_camino = [
        pago
        for estado in ("listo", "enviando", "incierto")
        for pago in _resultados(producto, "pagos", estado)
        if not (estado == "listo" and pago["lote_id"] in en_espera)
    ]
    eventos = producto.pedir("GET", "/debug/outbox", clave="integracion")[1]["events"]
    return not por_pagar and not en_camino and all(e["published"] for e in eventos)


def _resultados(producto: Producto, lista: str, estado: str) -> list[dict[str, Any]]:
    cuerpo = producto.pedir("GET", f"/api/v1/{lista}?estado={estado}", clave="integracion")[1]
    resultados: list[dict[str, Any]] = cuerpo["resultados"]
    return resultados


def test_verificar_queda_limpio(producto: Producto) -> None:
    verificado = producto.comando("verificar")
    assert verificado.returncode == 0, verificado.stdout
    lineas = (producto.carpeta / "events.jsonl").read_text().splitlines()
    ids = [json.loads(linea)["id"] for linea in lineas]
    assert len(ids) == len(set(ids))
