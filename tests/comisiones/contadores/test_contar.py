"""Counting: what happens to a commission or a sale, and events twice, out of order and cut."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from alpespartner.comun.errores import ErrorDominio
from comisiones.comision.models import Comision
from comisiones.contadores import services
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contada, Contador
from comisiones.contadores.selectors import celdas
from comisiones.contadores.tablas import COMISIONES, VENTAS
from comisiones.eventos import ComisionAprobada
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import (
    aprobar_comision,
    liberar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.services import rechazar_conversion, validar_conversion
from outbox.consumo import Sobre
from outbox.entrega import entregar
from outbox.models import EntregaPendiente, EventoAparcado, EventoProcesado, OutboxEvent
from outbox.registro import TIPOS
from tests import fabricas
from tests.comisiones.contadores.cuadre import cuadra, de_los_contadores
from tests.conftest import casos
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db


def dicen(estado: str, moneda: str = "USD", de: str = "comision") -> tuple[int, Decimal]:
    """What the counter of all the rows in a state has."""
    return de_los_contadores().get((de, "", 0, 0, estado, moneda), (0, Decimal(0)))


def sobres(**cuales: Any) -> list[Sobre]:
    filas = OutboxEvent.objects.filter(type__in=CONTADORES.tipos, **cuales).order_by("posicion")
    return [Sobre(f"otra-{f.evento_id}"[:36], f.type, f.aggregateid, f.payload) for f in filas]


def test_la_vida_de_una_comision(pasarela: Any) -> None:
    """Each step moves it from one counter to another, with the amount that it has by then."""
    en = fabricas.campana()
    una, otra = (fabricas.comision(en=en, valor=v) for v in ("100", "40.05"))
    fabricas.entregar_todo()
    assert dicen("pendiente") == (2, Decimal("14.01"))
    assert dicen("recibida", de="conversion") == (2, Decimal("140.05"))
    retener_comision(comision=una, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert (dicen("pendiente"), dicen("retenida")) == ((1, Decimal("4.01")), (1, Decimal(10)))
    liberar_comision(comision=una, actor=ANA)
    devolver(
        conversion=una.conversion, datos=Devolucion(id_externo="d", monto=Decimal(25)),
        actor=PRUEBAS,
    )  # fmt: skip
    fabricas.entregar_todo()
    assert dicen("pendiente") == (2, Decimal("11.51"))
    assert dicen("revertida_parcial", de="conversion") == (1, Decimal(100))
    rechazar_comision(comision=otra, actor=ANA, motivo="m")
    aprobar_comision(comision=una, actor=ANA)
    # Approved events also schedule its payment.
    fabricas.entregar_todo()
    assert dicen("rechazada") == (1, Decimal("4.01"))
    assert dicen("pendiente") == (0, Decimal(0))
    [pago] = programar_pagos(comisiones_ids=[una.id_publico], actor=PRUEBAS) or [
        Comision.objects.get(pk=una.pk).item_vivo.pago
    ]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    fabricas.entregar_todo()
    assert dicen("pagada") == (1, Decimal("7.5"))
    assert cuadra()


def test_una_venta_que_se_rechaza() -> None:
    suya = fabricas.comision()
    fabricas.entregar_todo()
    rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert dicen("rechazada", de="conversion") == (1, Decimal(100))
    assert dicen("anulada") == (1, Decimal(10))
    assert cuadra()


def test_en_cada_moneda_y_campana() -> None:
    yenes, dolares = fabricas.campana(moneda="JPY"), fabricas.campana()
    quien = fabricas.afiliado()
    for en in (yenes, dolares, dolares):
        fabricas.comision(en=en, de=quien, valor="200")
    fabricas.entregar_todo()
    assert dicen("pendiente", "JPY") == (1, Decimal(20))
    assert dicen("pendiente") == (2, Decimal(40))
    assert cuadra()
    suyas = celdas(COMISIONES, [{"campana_id": dolares.pk, "estado": "pendiente"}])
    assert [(c.moneda, c.cuantas, c.suma) for c in suyas or []] == [("USD", 2, Decimal(40))]
    del_afiliado = celdas(COMISIONES, [{"afiliado_id": quien.pk}]) or []
    assert sorted((c.moneda, c.cuantas) for c in del_afiliado) == [("JPY", 1), ("USD", 2)]


def test_lo_que_no_se_cuenta_no_se_dice() -> None:
    fabricas.comision()
    fabricas.entregar_todo()
    por_pares: list[dict[str, Any]] = [{"campana_id": 1, "afiliado_id": 1}]
    assert celdas(COMISIONES, por_pares) is None
    assert celdas(COMISIONES, [{"id": 1}]) is None
    assert celdas(COMISIONES, [{"estado": "pendiente"}, {"moneda": "USD"}]) is None
    assert celdas(COMISIONES, [{"afiliado_id": n} for n in range(51)]) is None
    assert celdas(COMISIONES, [{"afiliado_id": -n} for n in range(50)]) == []


SUJETOS = ("comision_id", "conversion_id", "ajuste_id", "pago_id")


def test_cada_evento_suyo_se_oye() -> None:
    """What tells of what is counted is wanted, whatever it says of it."""
    assert ComisionAprobada.__name__ in CONTADORES.tipos
    suyos = {t.nombre for t in TIPOS.values() if t.sujeto in SUJETOS}
    assert suyos == CONTADORES.tipos
    assert len(COMISIONES.tipos() & VENTAS.tipos()) == 0


def test_dos_veces_y_en_cualquier_orden() -> None:
    """It looks at the row: an event of before counts nothing twice."""
    en = fabricas.campana()
    for n in range(6):
        suya = fabricas.comision(en=en, valor=f"{10 * n + 7}")
        if n % 2:
            aprobar_comision(comision=suya, actor=ANA)
    todos = sobres()
    random.Random(3).shuffle(todos)
    for sobre in todos:
        CONTADORES.manejar([sobre])
    assert cuadra()
    antes = de_los_contadores()
    CONTADORES.manejar(todos)
    assert de_los_contadores() == antes
    fabricas.entregar_todo()
    assert cuadra()


def test_un_evento_viejo_cuenta_la_fila_de_ahora() -> None:
    suya = fabricas.comision()
    primero = sobres(aggregateid=suya.id_publico)
    aprobar_comision(comision=suya, actor=ANA)
    CONTADORES.manejar(primero)
    assert (dicen("pendiente"), dicen("aprobada")) == ((0, Decimal(0)), (1, Decimal(10)))


def test_cortado_no_deja_nada_a_medias(monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies after it noted the rows and before it added them up."""
    fabricas.comision()
    fabricas.entregar_todo()
    suya = Comision.objects.get()
    aprobar_comision(comision=suya, actor=ANA)
    antes = de_los_contadores()

    def morir(*_args: Any) -> None:
        raise RuntimeError("se fue la luz")

    with monkeypatch.context() as roto:
        roto.setattr(services, "_sumar", morir)
        entregar(CONTADORES)
    assert de_los_contadores() == antes
    assert Contada.objects.get(de="comision").estado == "pendiente"
    inbox = EventoProcesado.objects.filter(suscripcion="contadores")
    assert not inbox.filter(
        evento_id__in=OutboxEvent.objects.filter(type="ComisionAprobada").values("evento_id")
    ).exists()
    EntregaPendiente.objects.update(no_antes_de=None)
    fabricas.entregar_todo()
    assert cuadra()


def test_una_fila_que_no_escribio_nadie() -> None:
    """An amount beyond every limit adds nothing, stops nobody, and goes away with its row."""
    mala, buena = fabricas.comision(), fabricas.comision()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comisiones_comision SET monto = %s WHERE id = %s",
            [Decimal("999999999999999.9999"), mala.pk],
        )
    fabricas.entregar_todo()
    assert dicen("pendiente") == (2, Decimal(10))
    aprobar_comision(comision=buena, actor=ANA)
    fabricas.entregar_todo()
    assert dicen("pendiente") == (1, Decimal(0))
    assert not EventoAparcado.objects.exists()


def test_un_contador_desmedido_no_para_a_nadie() -> None:
    fabricas.comision()
    fabricas.entregar_todo()
    Contador.objects.update(cuantas=2**63 - 1, importe=-(2**63) + 1)
    fabricas.comision()
    aprobar_comision(comision=Comision.objects.order_by("pk")[0], actor=ANA)
    fabricas.entregar_todo()
    assert not EventoAparcado.objects.exists()
    assert not EntregaPendiente.objects.exists()


OPERACIONES = ("vender", "aprobar", "retener", "liberar", "rechazar", "devolver", "validar",
               "rehusar", "entregar", "otra_vez")  # fmt: skip
REVISAR: dict[str, Any] = {
    "aprobar": aprobar_comision, "retener": retener_comision, "liberar": liberar_comision,
    "rechazar": rechazar_comision,
}  # fmt: skip


@pytest.mark.lento
@settings(max_examples=casos(25))
@given(st.lists(st.tuples(st.sampled_from(OPERACIONES), st.integers(0, 99)), max_size=25))
def test_cualquier_vida_cuadra(pasos: list[tuple[str, int]]) -> None:
    """Whatever is done and in whatever order it is told, at rest the counters are full counts."""
    en = fabricas.campana()
    quienes = [fabricas.afiliado(), fabricas.afiliado()]
    for numero, (que, n) in enumerate(pasos):
        comisiones = list(Comision.objects.filter(campana=en).order_by("pk"))
        suya = comisiones[n % len(comisiones)] if comisiones else None
        try:
            if que == "vender" or suya is None:
                fabricas.comision(en=en, de=quienes[n % 2], valor=f"{n + 1}.{n:02}")
            elif que == "entregar":
                entregar(CONTADORES, limite=n % 5 + 1)
            elif que == "otra_vez":
                CONTADORES.manejar(random.Random(n).sample(sobres(aggregateid=suya.id_publico), 1))
            elif que == "devolver":
                devolver(
                    conversion=suya.conversion, actor=PRUEBAS,
                    datos=Devolucion(id_externo=f"d{numero}", monto=Decimal(n + 1) / 4),
                )  # fmt: skip
            elif que == "validar":
                validar_conversion(conversion=suya.conversion, actor=ANA)
            elif que == "rehusar":
                rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="m")
            else:
                REVISAR[que](comision=suya, actor=ANA, motivo="m")
        except ErrorDominio:
            pass
    fabricas.comision(en=en)
    fabricas.entregar_todo()
    assert cuadra()
    assert Contada.objects.count() == sum(t.filas().count() for t in TABLAS)


def test_lo_rechazado_de_cada_tabla_se_cuenta_aparte() -> None:
    """A sale and a commission have a state of the same name."""
    socia, en = fabricas.afiliado(), fabricas.campana()
    ventas = [fabricas.conversion(de=socia, en=en) for _n in range(2)]
    rechazar_comision(comision=fabricas.calcular(ventas[0]), actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert dicen("rechazada") == (1, Decimal(10))
    rechazar_conversion(conversion=ventas[1], actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert dicen("rechazada") == (1, Decimal(10))
    assert dicen("rechazada", de="conversion") == (1, Decimal(100))
    assert cuadra()


def test_lo_que_ya_no_esta_deja_de_contarse() -> None:
    """And nothing else does."""
    en = fabricas.campana()
    suyas = [fabricas.comision(en=en) for _n in range(2)]
    fabricas.entregar_todo()
    antes = Contada.objects.count()
    Comision.objects.filter(pk=suyas[0].pk)._raw_delete(using="default")
    services.tomar_turno()
    services.contar(COMISIONES, [suyas[0].pk])
    assert Contada.objects.count() == antes - 1
    assert dicen("pendiente") == (1, Decimal(10))
    assert cuadra()
