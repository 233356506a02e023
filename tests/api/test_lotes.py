"""Many in one request: one that is bad stops none of its neighbours, and repeating does nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from comisiones.comision.models import Comision
from conversiones.ventas.models import MovimientoConversion, TipoMovimiento
from tests.fabricas import ClienteAPI, afiliado, api, campana, comision, foto, problema

pytestmark = pytest.mark.django_db


def en_masa(cliente: ClienteAPI, ruta: str, campo: str, *items: Any, **cabeceras: str) -> Any:
    respuesta = cliente.enviar(ruta, {campo: list(items)}, **cabeceras)
    assert respuesta.status_code == 200, respuesta.content
    salida = respuesta.json()
    assert [r["indice"] for r in salida["resultados"]] == list(range(len(items)))
    assert salida["hechos"] + salida["rechazados"] == len(items)
    return salida


def codigos(salida: Any) -> list[str]:
    return [r.get("problema", {}).get("codigo", "") for r in salida["resultados"]]


def test_afiliados() -> None:
    cliente = api(("afiliados:escribir",))
    uno = {"nombre": "Ada", "email": "a@b.co", "referencia_externa": "a"}
    items = [uno, uno, {**uno, "email": "no"}, "x", None,
             {**uno, "email": "b@b.co", "referencia_externa": "b"}]  # fmt: skip
    salida = en_masa(cliente, "/api/v1/afiliados/lote", "afiliados", *items, Idempotency_Key="k")
    malos = ["afiliado_duplicado", "datos_invalidos", "datos_invalidos", "datos_invalidos"]
    assert codigos(salida) == ["", *malos, ""]
    assert [r.get("referencia_externa") for r in salida["resultados"]][::5] == ["a", "b"]
    antes = foto()
    otra = en_masa(cliente, "/api/v1/afiliados/lote", "afiliados", *items, Idempotency_Key="k")
    assert (otra, foto()) == (salida, antes)
    assert set(Afiliado.objects.values_list("estado", flat=True)) == {"pendiente"}
    problema(cliente.enviar("/api/v1/afiliados/lote", {"afiliados": []}), 400)
    problema(cliente.enviar("/api/v1/afiliados/lote", {"afiliados": [{}] * 501}), 400)


def test_devoluciones() -> None:
    donde = campana(referencia_externa="c")
    venta = comision(en=donde, referencia_externa="r").conversion
    una = {"conversion_id": venta.id_publico, "id_externo": "1", "monto": "30"}
    salida = en_masa(
        api(("conversiones:devolver",)), "/api/v1/devoluciones/lote", "devoluciones",
        una, una, {**una, "id_externo": "2", "monto": "80"}, {**una, "conversion_id": "nada"},
        {**una, "id_externo": "3", "conversion_id": "r", "campana_id": "c", "monto": "70"},
        {**una, "id_externo": "4", "conversion_id": "luego", "campana_id": "c"},
        {**una, "monto": "-1"},
    )  # fmt: skip
    assert codigos(salida) == [
        "", "movimiento_duplicado", "devolucion_excesiva", "no_encontrado", "", "",
        "datos_invalidos",
    ]  # fmt: skip
    estados = [r["devolucion"]["estado"] for r in salida["resultados"] if "devolucion" in r]
    assert estados == ["revertida_parcial", "revertida", "esperando_venta"]
    quitado = MovimientoConversion.objects.filter(tipo=TipoMovimiento.DEVOLUCION)
    assert sorted(str(m.monto.normalize()) for m in quitado) == ["-3E+1", "-7E+1"]


def test_aprobar_y_rechazar_con_los_limites_de_cada_una(settings: Any) -> None:
    settings.APROBACION_CLAVE_POR_VENTA = {"USD": Decimal(50)}
    settings.APROBACION_CLAVE_POR_DIA = {"USD": Decimal(25)}
    quien, donde = afiliado(), campana()
    suyas = [comision(de=quien, en=donde, valor=v) for v in ("100", "100", "100", "900")]
    pedidas = [{"comision_id": c.id_publico} for c in suyas]
    cliente = api(("comisiones:aprobar", "comisiones:aprobar_propias"))
    ruta = "/api/v1/comisiones/lote/aprobar"
    malas = [{"comision_id": "com_x"}, {"comision_id": 1, "otra": 2}]
    salida = en_masa(cliente, ruta, "comisiones", *pedidas[::-1], *malas, pedidas[0])
    # In the order of their ids: the first two fit in the day, the third does not.
    assert codigos(salida) == [
        "limite_de_clave", "limite_de_clave", "", "", "no_encontrado", "datos_invalidos", "",
    ]  # fmt: skip
    estados = Comision.objects.order_by("pk").values_list("estado", flat=True)
    assert list(estados) == ["aprobada", "aprobada", "pendiente", "pendiente"]
    razones = [{**p, "motivo": "m", "motivo_codigo": "fraude"} for p in pedidas]
    salida = en_masa(
        cliente, "/api/v1/comisiones/lote/rechazar", "comisiones", *razones, pedidas[2]
    )
    mal = "transicion_invalida"
    assert codigos(salida) == [mal, mal, "", "", "datos_invalidos"]
    assert list(estados.all()) == ["aprobada", "aprobada", "rechazada", "rechazada"]
