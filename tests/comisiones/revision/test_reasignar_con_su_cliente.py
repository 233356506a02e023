"""A customer that is of another affiliate, and the sales that it made with it, to the cent."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from alpespartner.comun.historial import historial_de
from alpespartner.comun.propuestas.services import confirmar_propuesta
from alpespartner.comun.propuestas.tipos import lineas_de
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.errores import PagoEnCurso
from comisiones.revision.services import aprobar_comision
from conversiones.clientes.models import Cliente
from conversiones.clientes.selectors import apartadas_de
from conversiones.ventas import mudanza
from conversiones.ventas.errores import MudanzaEnCurso
from conversiones.ventas.models import Conversion
from conversiones.ventas.mudanza import barrer_mudanzas, mover_ventas, reasignar_cliente
from conversiones.ventas.propuestas import proponer_reasignacion_de_cliente
from conversiones.ventas.reasignacion import reasignar_conversion
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.fabricas import LUIS, OTRA, PRUEBAS, a_la_vez

D = Decimal


class Mundo:
    """Three affiliates, of 10, 7.3 and 5 %, and a customer of the first one."""

    def __init__(self) -> None:
        self.ada, self.beda, self.cora = (
            fabricas.afiliado(nombre=n, email=f"{n}@example.com", comision_base=D(p))
            for n, p in (("Ada", "10"), ("Beda", "7.3"), ("Cora", "5"))
        )
        self.en = fabricas.campana(predeterminada=True)

    def vender(self, valor: str, **datos: Any) -> Comision:
        return fabricas.comision(de=self.ada, en=self.en, cliente_ref="c-1", valor=valor, **datos)

    @property
    def cliente(self) -> Cliente:
        return Cliente.objects.get()

    def de_quien(self) -> dict[int, str]:
        ventas = Conversion.objects.order_by("pk").values_list("valor", "afiliado__nombre")
        return {int(valor): nombre for valor, nombre in ventas}

    def debe(self) -> list[Decimal]:
        return [saldos(quien).get("USD", D(0)) for quien in (self.ada, self.beda, self.cora)]


@pytest.fixture
def m(settings: Any) -> Mundo:
    settings.PAGOS_AUTOMATICOS = False
    return Mundo()


@pytest.mark.lento
@pytest.mark.django_db
def test_its_sales_since_a_day_go_with_it(m: Mundo) -> None:
    m.vender("50", ocurrida_en=fabricas.hace(days=40))
    m.vender("100")
    por_pagar, pagada, en_pago, de_cora, rechazada = (
        m.vender(valor) for valor in ("200", "300", "400", "500", "600")
    )
    for comision in (por_pagar, pagada, en_pago):
        aprobar_comision(comision=comision, actor=OTRA)
    [pago] = programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    [otro] = programar_pagos(comisiones_ids=[en_pago.id_publico], actor=PRUEBAS)
    reasignar_conversion(
        conversion=de_cora.conversion, afiliado=m.cora, motivo="la trajo Cora", actor=LUIS
    )
    rechazar_conversion(conversion=rechazada.conversion, actor=OTRA, motivo="fraude")
    antes = m.de_quien()

    propuesta = proponer_reasignacion_de_cliente(
        cliente=m.cliente, afiliado=m.beda, motivo="lo dijo la tienda", actor=LUIS,
        ventas_desde=fabricas.hace(days=30),
    )  # fmt: skip
    dicho = {str(que): str(cuanto) for que, cuanto in lineas_de(propuesta)}
    assert dicho["Ventas"] == "4 · 1\xa0000,00 USD"
    assert dicho["Comisiones"] == "4 · 100,00 USD"
    confirmar_propuesta(propuesta=propuesta, actor=OTRA)
    assert (m.cliente.afiliado, m.de_quien()) == (m.beda, antes)
    # Until they are all over, it goes to nobody else.
    with pytest.raises(MudanzaEnCurso):
        reasignar_cliente(cliente=m.cliente, afiliado=m.cora, motivo="m", actor=LUIS)
    # The task goes a little way and is lost: the sweep finds it.
    mover_ventas(cliente_pk=m.cliente.pk, segundos=-1)
    assert m.de_quien() == antes | {100: "Beda"}
    assert barrer_mudanzas() == 0
    Cliente.objects.update(actualizado_en=fabricas.hace(seconds=31))
    assert barrer_mudanzas() == 1
    mover_ventas(cliente_pk=m.cliente.pk)
    assert m.de_quien() == antes | {100: "Beda", 200: "Beda", 300: "Beda"}
    assert apartadas_de(m.cliente) == [
        (en_pago.conversion.id_publico, str(PagoEnCurso.texto)),
    ]  # fmt: skip
    # What was owed went by a mirror entry, what was paid by a pair of adjustments.
    assert m.debe() == [D("40") - D("30"), D("30"), 0]
    nuevas = Comision.objects.filter(afiliado=m.beda, viva=True).order_by("pk")
    assert list(nuevas.values_list("estado", "monto")) == [
        ("pendiente", D("7.3000")), ("pendiente", D("14.6000")),
    ]  # fmt: skip
    # Another run of the task, or a later sweep, finds nothing to do.
    mover_ventas(cliente_pk=m.cliente.pk)
    assert barrer_mudanzas() == 0
    acciones = historial_de("cliente", m.cliente.id_publico).values_list("accion", flat=True)
    assert list(acciones)[-3:] == ["reasignar", "apartar_venta", "terminar_mudanza"]
    # What was set aside goes by itself once the bank has said.
    ejecutar_pago(pago_pk=otro.pk, actor=PRUEBAS)
    reasignar_conversion(
        conversion=en_pago.conversion, afiliado=m.beda, motivo="ahora sí", actor=LUIS
    )
    assert m.debe() == [D("-70"), D("70"), 0]
    fabricas.entregar_todo()
    call_command("verificar", stdout=io.StringIO())


@pytest.mark.django_db
def test_one_that_fails_does_not_stop_the_others(m: Mundo, monkeypatch: Any) -> None:
    primera, segunda = m.vender("100"), m.vender("200")
    de_verdad = mudanza.reasignar_conversion

    def a_veces(**datos: Any) -> Any:
        hecho = de_verdad(**datos)
        if datos["conversion"] == primera.conversion:
            raise KeyError("roto")
        return hecho

    monkeypatch.setattr(mudanza, "reasignar_conversion", a_veces)
    reasignar_cliente(
        cliente=m.cliente, afiliado=m.beda, motivo="m", actor=LUIS,
        ventas_desde=fabricas.hace(days=1),
    )  # fmt: skip
    mover_ventas(cliente_pk=m.cliente.pk)
    assert m.de_quien() == {100: "Ada", 200: "Beda"}
    assert apartadas_de(m.cliente) == [(primera.conversion.id_publico, "KeyError")]
    assert segunda.conversion.id_publico not in dict(apartadas_de(m.cliente))
    # Nothing of the one that failed stayed.
    assert Comision.objects.get(viva=True, afiliado=m.ada).pk == primera.pk


@pytest.mark.django_db
def test_without_a_day_or_without_sales_there_is_nothing_to_move(m: Mundo) -> None:
    m.vender("100", ocurrida_en=fabricas.hace(days=5))
    for quien, desde in ((m.beda, None), (m.ada, fabricas.hace(days=1))):
        reasignar_cliente(
            cliente=m.cliente, afiliado=quien, motivo="m", actor=LUIS, ventas_desde=desde
        )
        assert m.cliente.muda_hasta is None
        mover_ventas(cliente_pk=m.cliente.pk)
    assert m.de_quien() == {100: "Ada"}


@pytest.mark.django_db(transaction=True)
def test_two_tasks_at_once_move_each_sale_once(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False
    m = Mundo()
    ventas = [m.vender(valor).conversion for valor in ("100", "200")]
    reasignar_cliente(
        cliente=m.cliente, afiliado=m.beda, motivo="m", actor=LUIS,
        ventas_desde=fabricas.hace(days=1),
    )  # fmt: skip
    pk = m.cliente.pk
    assert a_la_vez([lambda: mover_ventas(cliente_pk=pk)] * 2) == [None, None]
    # Whoever came while the other was at it left it to that one.
    mover_ventas(cliente_pk=pk)
    assert m.de_quien() == {100: "Beda", 200: "Beda"}
    for venta in ventas:
        assert historial_de("conversion", venta.id_publico).filter(accion="reasignar").count() == 1
    assert m.cliente.muda_hasta is None
