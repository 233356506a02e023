"""Refunds that say what they are of, from the API to the commission."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.ventas.models import Conversion, DevolucionPendiente, MovimientoConversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
ENVIO = {"concepto": "envio", "monto": "20.00"}


def producto(monto: str, nombre: str = "") -> dict[str, str]:
    parte = {"concepto": "producto", "monto": monto}
    return parte | ({"producto_id": nombre} if nombre else {})


def publicar(nombre: str, **datos: Any) -> None:
    publicar_version(
        regla=crear_regla(nombre=nombre, campana=None, actor=ANA), vigente_desde=hace(days=365),
        tipo="porcentual", actor=ANA, **datos,
    )  # fmt: skip


@pytest.fixture
def venta() -> Conversion:
    """120.00 with 20.00 of shipping, 10 % of the net: 10.00."""
    publicar("Neta", porcentaje=D(10), condiciones={"base": "neto"})
    nueva = fabricas.conversion(
        de=fabricas.afiliado_sin_tarifa(), valor="120", metadatos={"envio": "20.00"},
        referencia_externa="p-1",
    )  # fmt: skip
    fabricas.entregar_todo()
    return nueva


def devolver(venta: Conversion, *de: dict[str, str], **otros: Any) -> Any:
    n = MovimientoConversion.objects.count()
    cuerpo = {"id_externo": f"d{n}", **otros} | ({"de": list(de)} if de else {})
    respuesta = fabricas.api().enviar(
        f"/api/v1/conversiones/{venta.id_publico}/devoluciones", cuerpo
    )
    fabricas.entregar_todo()
    return respuesta


def queda(venta: Conversion) -> Decimal:
    return Comision.objects.get(conversion=venta).monto


def limpia() -> None:
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())


@pytest.mark.lento
@pytest.mark.parametrize(
    ("pasos", "quedan"),
    [
        ([[ENVIO]], ["10.00"]),
        ([[producto("50")]], ["5.00"]),
        ([[]], ["5.00"]),
        ([[ENVIO], [producto("50")], [producto("50")]], ["10.00", "5.00", "0.00"]),
        ([[producto("100")], [ENVIO]], ["0.00", "0.00"]),
        ([[producto("100"), ENVIO]], ["0.00"]),
        # 60 of anything beside the shipping: they were of the products.
        ([[], [ENVIO]], ["5.00", "4.00"]),
        ([[ENVIO], []], ["10.00", "4.00"]),
    ],
)
def test_of_120_with_20_of_shipping(venta: Conversion, pasos: Any, quedan: list[str]) -> None:
    for de, esperado in zip(pasos, quedan, strict=True):
        respuesta = devolver(venta, *de, **({} if de else {"monto": "60"}))
        assert respuesta.status_code == 201, respuesta.content
        assert queda(venta) == D(esperado)
        assert [p["concepto"] for p in respuesta.json()["de"]] == [p["concepto"] for p in de]
    limpia()


def test_it_is_kept_and_told(venta: Conversion) -> None:
    devolver(venta, ENVIO, monto="20")
    assert MovimientoConversion.objects.get(id_externo="d0").de == [ENVIO]
    evento = OutboxEvent.objects.get(type="ConversionRevertida")
    assert json.loads(evento.payload)["data"]["de"] == [ENVIO]


@pytest.mark.parametrize(
    ("de", "otros", "estado"),
    [
        ([{**ENVIO, "monto": "20.01"}], {}, 409),
        ([ENVIO, {**ENVIO, "monto": "0.01"}], {}, 409),
        ([{"concepto": "impuesto", "monto": "1"}], {}, 409),
        ([producto("120.01")], {}, 409),
        ([ENVIO], {"monto": "19.99"}, 400),
        ([{**ENVIO, "monto": "0.001"}], {}, 400),
        ([{**ENVIO, "monto": "-1"}], {}, 400),
        ([{"concepto": "propina", "monto": "1"}], {}, 400),
        ([{"concepto": "envio"}], {}, 400),
        ([{**ENVIO, "producto_id": "A"}], {}, 400),
        ([producto("1", "A")], {}, 400),
        ([{**ENVIO, "otro": 1}], {}, 400),
    ],
)
def test_refusals(venta: Conversion, de: Any, otros: Any, estado: int) -> None:
    fabricas.problema(devolver(venta, *de, **otros), estado)
    assert not MovimientoConversion.objects.exists()
    assert queda(venta) == 10


def test_no_more_than_there_was_of_each(venta: Conversion) -> None:
    devolver(venta, {**ENVIO, "monto": "15.00"})
    fabricas.problema(devolver(venta, {**ENVIO, "monto": "5.01"}), 409, "devolucion_excesiva")
    assert devolver(venta, {**ENVIO, "monto": "5.00"}).status_code == 201
    assert queda(venta) == 10


@pytest.mark.lento
def test_by_line() -> None:
    """A 20.00 at 10 % and B 30.00 at 50 %: giving B back leaves what A earned."""
    publicar("General", porcentaje=D(10))
    publicar("De B", porcentaje=D(50), producto="B")
    lineas = [{"producto_id": "A", "precio": "20"}, {"producto_id": "B", "precio": "30"}]
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa(), valor="50", productos=lineas)
    fabricas.entregar_todo()
    fabricas.problema(devolver(venta, producto("30.01", "B")), 409)
    for de, esperado in (
        (producto("10.00", "B"), "12.00"), (producto("20.00", "B"), "2.00"),
        (producto("20.00", "A"), "0.00"),
    ):  # fmt: skip
        assert devolver(venta, de).status_code == 201
        assert queda(venta) == D(esperado)
    assert Comision.objects.get().estado == "anulada"
    limpia()


@pytest.mark.lento
def test_one_that_comes_before_its_sale_keeps_what_it_is_of() -> None:
    publicar("Neta", porcentaje=D(10), condiciones={"base": "neto"})
    campana = fabricas.campana()
    cuerpo = {"id_externo": "r", "de": [ENVIO], "campana_id": campana.id_publico}
    respuesta = fabricas.api().enviar("/api/v1/conversiones/p-2/devoluciones", cuerpo)
    assert (respuesta.status_code, respuesta.json()["de"]) == (202, [ENVIO])
    venta = fabricas.conversion(
        de=fabricas.afiliado_sin_tarifa(), en=campana, valor="120", referencia_externa="p-2",
        metadatos={"envio": "20"},
    )  # fmt: skip
    fabricas.entregar_todo()
    assert DevolucionPendiente.objects.get().problema == ""
    assert queda(venta) == 10
    limpia()
