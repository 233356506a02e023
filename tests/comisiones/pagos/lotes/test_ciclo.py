"""Batches: frozen by one person, released by another, executed as they were frozen."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from afiliados.afiliado.services import actualizar_afiliado, bloquear_afiliado
from alpespartner.comun.actores import persona
from alpespartner.comun.errores import Conflicto, NoPermitido, TransicionInvalida
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.models import ItemPago, LotePago, Pago
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import anular_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas
from tests.comisiones.pagos.fabrica import (
    EVA,
    ajuste,
    congelado,
    devolucion,
    ejecutar,
    en_ejecucion,
    proponer,
    todo_cuadra,
)
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS, a_la_vez

pytestmark = pytest.mark.usefixtures("solo_lotes")
D = Decimal


@pytest.mark.lento
@pytest.mark.django_db
def test_un_lote_de_principio_a_fin(pasarela: type[PasarelaDePruebas]) -> None:
    """One payment per affiliate, net of adjustments; ledger, states and events agree."""
    en = fabricas.campana()
    una, otra = fabricas.afiliado(), fabricas.afiliado(nombre="Beto")
    for de, valor in ((una, "100"), (una, "50"), (otra, "70")):
        fabricas.aprobada(de=de, en=en, valor=valor)
    ajuste(una, "-3.25")
    ajuste(otra, "1.50")
    lote = en_ejecucion(pasarela="pruebas")
    assert (lote.estado, lote.total, lote.numero_pagos) == ("en_ejecucion", D("20.25"), 2)
    assert {p.afiliado_id: p.importe for p in lote.pagos.all()} == {
        una.pk: D("11.75"), otra.pk: D("8.50"),
    }  # fmt: skip
    ejecutar(lote)
    assert lote.estado == "liquidado"
    assert PasarelaDePruebas.total() == D("20.25")
    assert saldos(una) == saldos(otra) == {"USD": D(0)}
    assert set(Comision.objects.values_list("estado", flat=True)) == {"pagada"}
    assert fabricas.eventos_de(lote.id_publico) == ["LoteAprobado", "LoteTerminado"]
    ciclo.cerrar_lote(lote=lote, actor=LUIS)
    with pytest.raises(Conflicto) as error:
        proponer(pasarela="pruebas")
    assert error.value.codigo == "nada_que_pagar"
    todo_cuadra()


@pytest.mark.django_db
@pytest.mark.parametrize("quien", ["prepara", "congela", "aprueba comision", "aprueba ajuste"])
def test_cuatro_ojos(quien: str, settings: Any) -> None:
    """Neither who prepared it, nor who froze it, nor who approved part of it releases it."""
    suya = fabricas.afiliado()
    fabricas.aprobada(de=suya)  # By Ana.
    if quien == "aprueba ajuste":
        borrador = crear_ajuste(
            afiliado=suya, tipo="bono", monto=D(1), moneda="USD", motivo="m", actor=LUIS
        )
        aprobar_ajuste(ajuste=borrador, actor=EVA)
    lote = proponer(actor=persona(7))
    lote = ciclo.congelar_lote(lote=lote, actor=persona(8))
    actor = {"prepara": persona(7), "congela": persona(8), "aprueba comision": ANA,
             "aprueba ajuste": EVA}[quien]  # fmt: skip
    with pytest.raises(NoPermitido) as error:
        ciclo.liberar_lote(lote=lote, actor=actor)
    assert error.value.codigo == "cuatro_ojos"
    lote.refresh_from_db()
    assert lote.estado == "congelado"
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    if quien.startswith("aprueba"):
        assert ciclo.liberar_lote(lote=lote, actor=actor).estado == "aprobado"
    else:
        with pytest.raises(NoPermitido):
            ciclo.liberar_lote(lote=lote, actor=actor)


def _otro_nombre(lote: LotePago) -> None:
    actualizar_afiliado(afiliado=lote.pagos.get().afiliado, cambios={"nombre": "Otra"}, actor=ANA)


def _bloqueo(lote: LotePago) -> None:
    bloquear_afiliado(afiliado=lote.pagos.get().afiliado, actor=ANA, motivo="fraude")


def _importe(lote: LotePago) -> None:
    lote.pagos.update(importe=D("10.01"))


def _linea(lote: LotePago) -> None:
    ItemPago.objects.update(importe=D("9.99"))


def _comision(lote: LotePago) -> None:
    Comision.objects.update(monto=D(11))


def _otra_linea(lote: LotePago) -> None:
    ItemPago.objects.create(
        pago=lote.pagos.get(), comision=fabricas.aprobada(), importe=D(1), moneda="USD"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("momento", ["al liberar", "al ejecutar"])
@pytest.mark.parametrize(
    "cambio", [_otro_nombre, _bloqueo, _importe, _linea, _comision, _otra_linea, devolucion]
)
def test_lo_que_cambia_vuelve_a_borrador(cambio: Callable[[LotePago], None], momento: str) -> None:
    """Checked when it is released and again when it is executed; nothing is paid."""
    fabricas.aprobada()
    lote = congelado()
    if momento == "al liberar":
        cambio(lote)
        lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    else:
        lote = ciclo.liberar_lote(lote=lote, actor=EVA)
        assert lote.estado == "aprobado"
        cambio(lote)
        lote = ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    assert (lote.estado, lote.huella, lote.liberado_por) == ("borrador", "", "")
    ejecutar(lote)
    assert not Pago.objects.exclude(estado="listo").exists()
    if cambio is devolucion:
        # Proposed again, what the refund took back is deducted.
        assert propuesta.rehacer_lote(lote=lote, actor=LUIS).total == D(5)


@pytest.mark.django_db
def test_lo_que_no_lo_cambia() -> None:
    """A sale approved later, or somebody else's refund, does not send anybody's batch back."""
    suya = fabricas.afiliado()
    fabricas.aprobada(de=suya)
    lote = congelado()
    fabricas.aprobada(de=suya)
    ajuste(fabricas.afiliado(), "-5")
    ajuste(suya, "5")
    assert ciclo.liberar_lote(lote=lote, actor=EVA).estado == "aprobado"


@pytest.mark.django_db
@pytest.mark.parametrize("hasta", ["borrador", "congelado", "aprobado"])
def test_nada_sale_antes_de_tiempo(hasta: str) -> None:
    """Neither a stray task nor the sweep send a payment whose batch is not running."""
    fabricas.aprobada()
    lote = proponer()
    if hasta != "borrador":
        lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    if hasta == "aprobado":
        ciclo.liberar_lote(lote=lote, actor=EVA)
    pago = lote.pagos.get()
    assert barrer_pagos(actor=PRUEBAS)["encolados"] == 0
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("pagado"), actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "listo"


@pytest.mark.django_db
def test_el_barrido_empuja_lo_perdido(settings: Any) -> None:
    """The task that starts a batch, those of its payments, and the last step of all."""
    settings.PAGOS_SEGUNDOS_BARRIDO = settings.PAGOS_SEGUNDOS_TRABAJOS = 0
    fabricas.aprobada()
    lote = ciclo.liberar_lote(lote=congelado(), actor=EVA)
    barrer_trabajos(actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "en_ejecucion"
    assert barrer_pagos(actor=PRUEBAS)["encolados"] == 1
    ejecutar_pago(pago_pk=lote.pagos.get().pk, actor=PRUEBAS)
    barrer_trabajos(actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "liquidado"


@pytest.mark.lento
@pytest.mark.django_db
def test_anular_y_descartar() -> None:
    """A payment leaves a draft, and a draft is dropped; their money is free for another."""
    una, otra = fabricas.afiliado(), fabricas.afiliado()
    fabricas.aprobada(de=una)
    fabricas.aprobada(de=otra)
    ajuste(una, "-1")
    lote = congelado()
    suyo = lote.pagos.get(afiliado=una)
    with pytest.raises(Conflicto) as error:
        anular_pago(pago=suyo, actor=LUIS, motivo="m")
    assert error.value.codigo == "lote_congelado"
    lote = ciclo.devolver_lote(lote=lote, actor=EVA, motivo="sobra uno")
    anular_pago(pago=suyo, actor=LUIS, motivo="m")
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    assert (lote.total, lote.numero_pagos) == (D(10), 1)
    segundo = proponer()
    assert segundo.total == D(9)
    propuesta.descartar_lote(lote=segundo, actor=LUIS, motivo="m")
    assert proponer().total == D(9)
    with pytest.raises(TransicionInvalida):
        propuesta.descartar_lote(lote=lote, actor=LUIS, motivo="m")
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.django_db
def test_anular_el_ultimo_termina_el_lote() -> None:
    """A blocked affiliate's payment must not keep a batch running for ever."""
    fabricas.aprobada()
    lote = en_ejecucion()
    pago = lote.pagos.get()
    bloquear_afiliado(afiliado=pago.afiliado, actor=ANA, motivo="fraude")
    ejecutar(lote)
    assert lote.estado == "en_ejecucion"
    anular_pago(pago=pago, actor=LUIS, motivo="bloqueada")
    ejecutar(lote)
    assert lote.estado == "liquidado"
    todo_cuadra()


@pytest.mark.django_db
@pytest.mark.parametrize("cosa", ["comision", "ajuste"])
def test_la_base_de_datos_impide_el_segundo_pago(cosa: str) -> None:
    """Invariant 4 holds even against code that forgets it."""
    suya = fabricas.afiliado()
    fabricas.aprobada(de=suya)
    ajuste(suya, "2")
    lote = proponer()
    item = ItemPago.objects.exclude(**{cosa: None}).get()
    vivo = "comision_viva" if cosa == "comision" else "ajuste_vivo"
    datos = {cosa: getattr(item, cosa), vivo: getattr(item, cosa)}
    otro = Pago.objects.create(
        id_publico="pago_x", afiliado=suya, importe=D(1), moneda="USD", pasarela="archivo"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemPago.objects.create(pago=otro, importe=D(1), moneda="USD", **datos)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemPago.objects.create(
            pago=otro, importe=D(1), moneda="USD", comision=Comision.objects.get(),
            ajuste=Ajuste.objects.get(),
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemPago.objects.create(pago=otro, importe=D(1), moneda="USD")
    assert lote.pagos.count() == 1


@pytest.mark.django_db(transaction=True)
def test_liberar_y_ejecutar_a_la_vez() -> None:
    """Released once, begun once."""
    fabricas.aprobada()
    lote = congelado()
    hechos = a_la_vez([lambda: ciclo.liberar_lote(lote=lote, actor=EVA)] * 5)
    assert sum(isinstance(h, LotePago) for h in hechos) == 1, hechos
    a_la_vez([lambda: ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)] * 5)
    assert fabricas.eventos_de(lote.id_publico) == ["LoteAprobado"]
    lote.refresh_from_db()
    assert lote.version == 4


@pytest.mark.django_db(transaction=True)
def test_los_ultimos_a_la_vez() -> None:
    """However the last payments end, the batch is settled, once, by one of them."""
    for _n in range(6):
        fabricas.aprobada()
    lote = en_ejecucion()
    claves = list(lote.pagos.values_list("pk", flat=True))
    hechos = a_la_vez(
        [lambda pk=pk: ejecutar_pago(pago_pk=pk, actor=PRUEBAS) for pk in claves]  # type: ignore[misc]
    )
    assert hechos == [None] * 6
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    assert fabricas.eventos_de(lote.id_publico).count("LoteTerminado") == 1
    connection.close()
