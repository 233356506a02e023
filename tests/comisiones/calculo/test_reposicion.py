"""A refused sale that comes again: reinstated once, with its commission, and a person decides."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comisiones.calculo.reposicion import MOTIVO_VUELTA
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.models import Pago
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver, queda_de
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import rechazar_conversion
from outbox.consumo import CONSUMIDORES, Sobre
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, ClienteAPI, a_la_vez, problema

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
VENTAS = "/api/v1/conversiones"


@pytest.fixture(autouse=True)
def _solo_por_lotes(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False


@pytest.fixture
def cuerpo() -> dict[str, Any]:
    """A sale of 100 with a reference, at 10 %."""
    fabricas.campana(predeterminada=True)
    return {
        "afiliado_id": fabricas.afiliado(referencia_externa="socia").id_publico,
        "valor_conversion": "100", "referencia_externa": "p-1",
    }  # fmt: skip


def rechazada(
    cuerpo: dict[str, Any], *, aprobar: bool = False, calcular: bool = True
) -> Conversion:
    """The sale, calculated, maybe approved, and refused."""
    fabricas.api().enviar(VENTAS, cuerpo)
    if calcular:
        fabricas.entregar_todo()
    if aprobar:
        aprobar_comision(comision=Comision.objects.get(), actor=ANA)
    venta = rechazar_conversion(
        conversion=Conversion.objects.get(), actor=ANA, motivo="El pedido falló"
    )
    fabricas.entregar_todo()
    return venta


def por_venta(cuerpo: dict[str, Any]) -> Any:
    return fabricas.api().enviar(VENTAS, cuerpo)


def por_lote(cuerpo: dict[str, Any]) -> Any:
    otra = {**cuerpo, "referencia_externa": "nueva"}
    return fabricas.api().enviar(f"{VENTAS}/lote", {"conversiones": [cuerpo, otra]})


def por_calculate(cuerpo: dict[str, Any]) -> Any:
    return fabricas.api().enviar(
        "/commissions/calculate",
        {"conversionId": "p-1", "affiliateId": cuerpo["afiliado_id"], "grossAmount": "100"},
    )


PUERTAS = [por_venta, por_lote, por_calculate]


def limpia() -> None:
    """Every invariant holds."""
    salida = io.StringIO()
    try:
        call_command("verificar", stdout=salida)
    except CommandError:
        pytest.fail(salida.getvalue())


@pytest.mark.lento
@pytest.mark.parametrize("puerta", PUERTAS)
@pytest.mark.parametrize("calculada", [True, False])
def test_vuelve(cuerpo: dict[str, Any], puerta: Any, calculada: bool) -> None:
    """By any door, calculated before its refusal or not: one commission, of its amount."""
    venta = rechazada(cuerpo, calcular=calculada)
    assert [c.estado for c in Comision.objects.all()] == (["anulada"] if calculada else [])
    respuesta = puerta(cuerpo)
    assert respuesta.status_code in (200, 201), respuesta.content
    fabricas.entregar_todo()
    venta.refresh_from_db()
    assert (venta.estado, queda_de(venta)) == ("recibida", D(100))
    suya = Comision.objects.get(conversion=venta)
    assert (suya.estado, suya.monto) == ("pendiente", D(10))
    assert suya.motivo == (MOTIVO_VUELTA if calculada else "")
    ultimo = venta.movimientos.order_by("pk").last()
    assert ultimo is not None
    assert (ultimo.tipo, ultimo.monto) == ("reposicion", D(100))
    assert "El pedido falló" in ultimo.motivo
    limpia()


@pytest.mark.lento
@pytest.mark.parametrize("puerta", PUERTAS)
def test_una_sola_vez(cuerpo: dict[str, Any], puerta: Any) -> None:
    """While it counts the next one is a duplicate; refused again, it stays so."""
    venta = rechazada(cuerpo)
    puerta(cuerpo)
    fabricas.entregar_todo()
    puerta(cuerpo)
    assert venta.movimientos.count() == 3
    venta.refresh_from_db()
    rechazar_conversion(conversion=venta, actor=ANA, motivo="Fraude")
    fabricas.entregar_todo()
    respuesta = puerta(cuerpo)
    if puerta is por_venta:
        problema(respuesta, 409, "conversion_duplicada")
    fabricas.entregar_todo()
    venta.refresh_from_db()
    assert (venta.estado, Comision.objects.get(conversion=venta).estado) == ("rechazada", "anulada")
    limpia()


@pytest.mark.parametrize(
    "cambio", [{"valor_conversion": "100.01"}, {"moneda": "EUR"}, {"afiliado_id": "otra"}]
)
def test_otra_cosa_con_su_referencia(cuerpo: dict[str, Any], cambio: dict[str, Any]) -> None:
    """It is no return of the same sale."""
    venta = rechazada(cuerpo)
    fabricas.afiliado(email="otra@example.com", referencia_externa="otra")
    problema(por_venta({**cuerpo, **cambio}), 409, "conversion_duplicada")
    venta.refresh_from_db()
    assert (venta.estado, venta.movimientos.count()) == ("rechazada", 0)


def test_dos_del_mismo_lote(cuerpo: dict[str, Any]) -> None:
    """The first brings it back, the second is its duplicate."""
    rechazada(cuerpo)
    lote = fabricas.api().enviar(f"{VENTAS}/lote", {"conversiones": [cuerpo, cuerpo]}).json()
    assert [r["estado"] for r in lote["resultados"]] == ["registrada", "rechazada"]


@pytest.mark.lento
def test_aprobada_antes_de_su_rechazo(cuerpo: dict[str, Any]) -> None:
    """The ledger takes it a second time, to the cent: 10, 0, 10, and 6 after a refund of 40."""
    venta = rechazada(cuerpo, aprobar=True)
    assert saldos(venta.afiliado) == {"USD": D(0)}
    por_venta(cuerpo)
    fabricas.entregar_todo()
    suya = Comision.objects.get()
    assert (suya.estado, suya.aprobada_por, suya.aprobada_en) == ("pendiente", "", None)
    aprobar_comision(comision=suya, actor=LUIS)
    assert saldos(venta.afiliado) == {"USD": D(10)}
    limpia()
    devolver(conversion=venta, datos=Devolucion(id_externo="d", monto=D(40)), actor=PRUEBAS)
    fabricas.entregar_todo()
    assert saldos(venta.afiliado) == {"USD": D(6)}
    limpia()


@pytest.mark.lento
def test_devuelta_en_parte_antes_de_aprobarse_otra_vez(cuerpo: dict[str, Any]) -> None:
    """What is posted the second time is what was left."""
    venta = rechazada(cuerpo, aprobar=True)
    por_venta(cuerpo)
    fabricas.entregar_todo()
    devolver(conversion=venta, datos=Devolucion(id_externo="d", monto=D(40)), actor=PRUEBAS)
    fabricas.entregar_todo()
    aprobar_comision(comision=Comision.objects.get(), actor=LUIS)
    assert saldos(venta.afiliado) == {"USD": D(6)}
    limpia()


@pytest.mark.lento
def test_aprobada_y_rechazada_dos_veces(cuerpo: dict[str, Any]) -> None:
    """Each is posted, and nothing is left."""
    venta = rechazada(cuerpo, aprobar=True)
    por_venta(cuerpo)
    fabricas.entregar_todo()
    aprobar_comision(comision=Comision.objects.get(), actor=LUIS)
    venta.refresh_from_db()
    rechazar_conversion(conversion=venta, actor=ANA, motivo="Fraude")
    fabricas.entregar_todo()
    assert saldos(venta.afiliado) == {"USD": D(0)}
    assert Comision.objects.get().estado == "anulada"
    limpia()


def test_ninguna_politica_la_aprueba(cuerpo: dict[str, Any]) -> None:
    """A person said no: a person says yes. Its neighbour is approved."""
    venta = rechazada(cuerpo)
    publicar_politica(campana=venta.campana, hasta=D(50), motivo="m", actor=ANA)
    por_lote(cuerpo)
    fabricas.entregar_todo()
    assert aprobar_por_politicas(actor=PRUEBAS) == 1
    assert Comision.objects.get(conversion=venta).estado == "pendiente"


def test_el_rechazo_que_se_entrega_tarde(cuerpo: dict[str, Any]) -> None:
    """Its event comes after the sale counts again, and again: nothing is voided or paid twice."""
    venta = rechazada(cuerpo)
    por_calculate(cuerpo)
    for tipo in ("ConversionRechazada", "ConversionRepuesta", "ConversionRechazada"):
        fila = OutboxEvent.objects.filter(type=tipo).latest("posicion")
        sobre = Sobre(fila.evento_id, fila.type, fila.aggregateid, fila.payload)
        CONSUMIDORES["comisiones"].manejar([sobre])
    suya = Comision.objects.get(conversion=venta)
    assert (suya.estado, suya.monto) == ("pendiente", D(10))


@pytest.mark.lento
def test_ocho_a_la_vez(cuerpo: dict[str, Any]) -> None:
    """One brings it back, by whatever door."""
    venta, clave = rechazada(cuerpo), fabricas.clave()
    calculo = {"conversionId": "p-1", "affiliateId": "socia", "grossAmount": "100"}

    def vender() -> int:
        return int(ClienteAPI(clave).enviar(VENTAS, cuerpo).status_code)

    def calcular() -> int:
        return int(ClienteAPI(clave).enviar("/commissions/calculate", calculo).status_code)

    estados = a_la_vez([vender, calcular] * 4)
    assert set(estados) <= {200, 201, 409}, estados
    fabricas.entregar_todo()
    assert venta.movimientos.filter(tipo="reposicion").count() == 1
    assert [(c.estado, c.monto) for c in Comision.objects.all()] == [("pendiente", D(10))]
    assert not Pago.objects.exists()
    limpia()
