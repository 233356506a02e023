"""Refunds: before and after approval and payment, in any order; and adjustments by hand."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from alpespartner.comun.errores import Conflicto, DatoInvalido, NoPermitido, TransicionInvalida
from comisiones.ajustes.models import Ajuste, Reverso
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste, descartar_ajuste
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.libro.selectors import saldos
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.services import aprobar_comision, rechazar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion, DevolucionPendiente
from conversiones.ventas.services import rechazar_conversion
from outbox.consumo import CONSUMIDORES, Sobre
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def refund(venta: Conversion, monto: str | None = None, **datos: Any) -> None:
    """A refund and its consequences."""
    n = OutboxEvent.objects.count()
    devolver(
        conversion=venta,
        datos=Devolucion(id_externo=f"d{n}", monto=monto and D(monto), **datos),
        actor=PRUEBAS,
    )
    fabricas.entregar_todo()


def limpia() -> None:
    """Every invariant holds."""
    salida = io.StringIO()
    call_command("verificar", stdout=salida)


def vista(suya: Comision) -> tuple[str, Decimal, Decimal]:
    suya.refresh_from_db()
    return suya.estado, suya.monto, suya.revertido


@pytest.fixture
def venta() -> Conversion:
    """1000 USD at 7.9 %: 79."""
    return fabricas.conversion(de=fabricas.afiliado(comision_base=D("7.9")), valor="1000")


@pytest.mark.lento
def test_antes_de_aprobar(venta: Conversion) -> None:
    """400 and then 600 of 1000: 31.60 and the rest, at exactly 0 and voided."""
    fabricas.entregar_todo()
    suya = Comision.objects.get()
    refund(venta, "400")
    assert vista(suya) == ("pendiente", D("47.40"), D("31.60"))
    venta.refresh_from_db()
    assert venta.estado == "revertida_parcial"
    refund(venta)
    assert vista(suya) == ("anulada", D(0), D(79))
    assert not Apunte.objects.exists()
    assert fabricas.eventos_de(suya.id_publico)[-2:] == ["ComisionReducida", "ComisionAnulada"]
    limpia()


def test_aprobada(venta: Conversion) -> None:
    """Owed: mirror entries, to exactly 0."""
    suya = fabricas.calcular(venta)
    aprobar_comision(comision=suya, actor=ANA)
    # Not delivered: no payment is made of it.
    for monto, saldo in (("333.33", "52.67"), ("333.33", "26.33"), (None, "0")):
        n = OutboxEvent.objects.count()
        devolver(conversion=venta, datos=Devolucion(id_externo=f"d{n}", monto=monto and D(monto)),
                 actor=PRUEBAS)  # fmt: skip
        fila = OutboxEvent.objects.filter(type="ConversionRevertida").latest("posicion")
        sobre = Sobre(fila.evento_id, fila.type, fila.aggregateid, fila.payload)
        for _vez in range(2):
            CONSUMIDORES["comisiones"].manejar([sobre])
        assert saldos(suya.afiliado) == {"USD": D(saldo)}
    assert vista(suya) == ("anulada", D(0), D(79))
    assert sum(r.monto for r in Reverso.objects.all()) == D(79)


@pytest.mark.lento
def test_pagada(venta: Conversion) -> None:
    """Its row stays; negative adjustments net later and the ledger balances."""
    suya = fabricas.calcular(venta)
    aprobar_comision(comision=suya, actor=ANA)
    fabricas.entregar_todo()
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=PRUEBAS)
    fabricas.entregar_todo()
    refund(venta, "400")
    refund(venta)
    assert vista(suya) == ("pagada", D(79), D(0))
    ajustes = Ajuste.objects.order_by("id")
    assert [(a.tipo, a.estado, a.monto) for a in ajustes] == [
        ("reverso", "contabilizado", D("-31.60")), ("reverso", "contabilizado", D("-47.40")),
    ]  # fmt: skip
    assert saldos(suya.afiliado) == {"USD": D(-79)}
    assert OutboxEvent.objects.filter(type="AjusteContabilizado").count() == 2
    limpia()


def test_no_se_devuelve_mas_de_lo_que_queda(venta: Conversion) -> None:
    """A second full refund is a conflict, and so is one cent too many."""
    refund(venta, "999.99")
    with pytest.raises(Conflicto) as error:
        refund(venta, "0.02")
    assert error.value.codigo == "devolucion_excesiva"
    refund(venta)
    antes = fabricas.foto()
    with pytest.raises(Conflicto):
        refund(venta)
    assert fabricas.foto() == antes


def test_venta_rechazada(venta: Conversion) -> None:
    """A refused sale has nothing to take back."""
    rechazar_conversion(conversion=venta, actor=ANA, motivo="m")
    with pytest.raises(TransicionInvalida):
        refund(venta)


def test_comision_rechazada_no_cambia(venta: Conversion) -> None:
    suya = fabricas.calcular(venta)
    rechazar_comision(comision=suya, actor=ANA, motivo="m")
    refund(venta, "10")
    assert vista(suya) == ("rechazada", D(79), D(0))


@pytest.mark.lento
def test_sin_regla_espera_y_luego_se_reduce() -> None:
    """The rule comes after the refund: the amount is born reduced."""
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa(), valor="200")
    fabricas.entregar_todo()
    refund(venta, "50")
    fabricas.regla(porcentaje="10")
    fabricas.entregar_todo()
    assert vista(Comision.objects.get()) == ("pendiente", D(15), D(5))
    limpia()


@pytest.mark.lento
def test_antes_de_la_venta() -> None:
    """Kept by reference, applied with the sale, once; the API says 202 and then 409."""
    campana, afiliado = fabricas.campana(), fabricas.afiliado()
    cliente = fabricas.api()
    ruta = "/api/v1/conversiones/pedido-1/devoluciones"
    fabricas.problema(cliente.enviar(ruta, {"id_externo": "r1", "monto": "40"}), 404)
    cuerpo = {"id_externo": "r1", "monto": "40", "campana_id": campana.id_publico}
    respuesta = cliente.enviar(ruta, cuerpo)
    assert (respuesta.status_code, respuesta.json()["estado"]) == (202, "esperando_venta")
    fabricas.problema(cliente.enviar(ruta, cuerpo), 409, "movimiento_duplicado")
    venta = fabricas.conversion(de=afiliado, en=campana, referencia_externa="pedido-1")
    fabricas.entregar_todo()
    assert vista(Comision.objects.get(conversion=venta)) == ("pendiente", D(6), D(4))
    assert DevolucionPendiente.objects.get().problema == ""
    respuesta = cliente.enviar(ruta, {**cuerpo, "id_externo": "r2", "monto": "60.00"})
    assert respuesta.json()["estado"] == "revertida"
    fabricas.problema(
        cliente.enviar(f"/api/v1/conversiones/{venta.id_publico}/devoluciones",
                       {"id_externo": "r3"}), 409, "devolucion_excesiva",
    )  # fmt: skip
    limpia()


def test_la_que_no_cabe_no_detiene_la_venta() -> None:
    campana = fabricas.campana()
    fabricas.api().enviar(
        "/api/v1/conversiones/p/devoluciones",
        {"id_externo": "r1", "monto": "500", "campana_id": campana.id_publico},
    )
    venta = fabricas.conversion(en=campana, referencia_externa="p")
    assert venta.estado == "recibida"
    assert "quedan" in DevolucionPendiente.objects.get().problema


def test_ajuste_a_mano() -> None:
    """Four eyes, signs, and the ledger only when it is approved."""
    afiliado = fabricas.afiliado()
    datos: dict[str, Any] = {"afiliado": afiliado, "moneda": "USD", "motivo": "m", "actor": ANA}
    for malo in ({"tipo": "bono", "monto": D(-1)}, {"tipo": "clawback", "monto": D(1)},
                 {"tipo": "bono", "monto": D("0.001")}, {"tipo": "bono", "monto": D(0)},
                 {"tipo": "reverso", "monto": D(1)}):  # fmt: skip
        with pytest.raises(DatoInvalido):
            crear_ajuste(**{**datos, **malo})
    bono = crear_ajuste(**datos, tipo="bono", monto=D("25.50"))
    assert saldos(afiliado) == {}
    with pytest.raises(NoPermitido):
        aprobar_ajuste(ajuste=bono, actor=ANA)
    assert aprobar_ajuste(ajuste=bono, actor=LUIS).estado == "contabilizado"
    assert saldos(afiliado) == {"USD": D("25.50")}
    with pytest.raises(TransicionInvalida):
        aprobar_ajuste(ajuste=bono, actor=LUIS)
    otro = crear_ajuste(**datos, tipo="clawback", monto=D(-5))
    assert descartar_ajuste(ajuste=otro, actor=ANA, motivo="m").estado == "descartado"
    fabricas.entregar_todo()
    limpia()
