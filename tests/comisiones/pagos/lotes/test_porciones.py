"""Large batches are proposed and dropped a slice at a time, with the outcome of one go."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado
from alpespartner.comun import cola
from alpespartner.comun.errores import Conflicto, TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import ItemPago, LotePago, Pago
from comisiones.pagos.barrido import barrer_trabajos
from comisiones.pagos.lotes import avance, ciclo, porciones, reintento
from comisiones.pagos.lotes.avance import avanzar_lote
from comisiones.pagos.lotes.propuesta import descartar_lote, rehacer_lote
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste, ejecutar, en_ejecucion, proponer, todo_cuadra
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS, a_la_vez

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _solo_lotes(settings: Any) -> None:
    """Only batches pay, and the sweep waits for nothing."""
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_SEGUNDOS_TRABAJOS = 0


@pytest.fixture
def encolados(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Batches that were queued to go on."""
    cuales: list[int] = []
    monkeypatch.setattr(
        cola,
        "encolar",
        lambda tarea, pk: cuales.append(pk) if tarea == "pagos.avanzar_lote" else None,
    )
    return cuales


def de_pocas(monkeypatch: pytest.MonkeyPatch, comisiones: int) -> None:
    """Slices of a few commissions."""
    monkeypatch.setattr(porciones, "PORCION", comisiones)


def debidas() -> list[Afiliado]:
    """One with three sales, one under its minimum, a debtor, one with a bonus only, two more."""
    muchas, poca, deudora, con_bono, una, otra = (
        fabricas.afiliado(minimo_pago=D(15) if n == 1 else None, moneda_comision="USD")
        for n in range(6)
    )
    for de in (muchas, muchas, muchas, poca, deudora, una, otra):
        fabricas.aprobada(de=de)
    ajuste(deudora, "-30")
    ajuste(con_bono, "5")
    return [muchas, poca, deudora, con_bono, una, otra]


def retrato(lote: LotePago) -> Any:
    """What a batch pays and leaves out."""
    return (
        sorted(lote.pagos.filter(estado="listo").values_list("afiliado", "importe")),
        sorted(lote.exclusiones.values_list("afiliado", "motivo", "importe")),
        lote.total,
        lote.numero_pagos,
    )


@pytest.mark.lento
@pytest.mark.parametrize("porcion", [1, 2, 3, 4])
def test_por_porciones_sale_lo_mismo(
    monkeypatch: pytest.MonkeyPatch, encolados: list[int], porcion: int
) -> None:
    """Payments, exclusions and totals are those of one go, whoever each slice ends with."""
    debidas()
    entero = proponer()
    assert (entero.estado, entero.version, encolados) == ("borrador", 1, [])
    antes = retrato(entero)
    descartar_lote(lote=entero, actor=LUIS, motivo="m")
    de_pocas(monkeypatch, porcion)
    lote = proponer()
    assert lote.estado == "proponiendo"
    with pytest.raises(TransicionInvalida):
        ciclo.congelar_lote(lote=lote, actor=LUIS)
    with pytest.raises(TransicionInvalida):
        ciclo.devolver_lote(lote=lote, actor=LUIS, motivo="m")
    vueltas = 0
    while encolados:
        assert encolados == [lote.pk]
        encolados.clear()
        avanzar_lote(lote_pk=lote.pk, segundos=-1)
        vueltas += 1
    assert vueltas >= 2 if porcion < 4 else vueltas >= 1
    lote.refresh_from_db()
    assert (lote.estado, lote.a_medias) == ("borrador", False)
    assert retrato(lote) == antes
    pasos = Historial.objects.filter(entidad="lote", entidad_id=lote.id_publico).order_by("pk")
    assert list(pasos.values_list("accion", "actor")) == [
        ("proponer", str(LUIS)), ("armar", str(LUIS)),
    ]  # fmt: skip
    assert ciclo.congelar_lote(lote=lote, actor=LUIS).estado == "congelado"
    todo_cuadra()


def test_la_que_avanza_no_se_da_por_parada(
    monkeypatch: pytest.MonkeyPatch, encolados: list[int], settings: Any
) -> None:
    """The sweep leaves alone what a task went on with a moment ago."""
    settings.PAGOS_SEGUNDOS_TRABAJOS = 60
    de_pocas(monkeypatch, 1)
    with time_machine.travel(timezone.now() - timedelta(minutes=10)):
        debidas()
        lote = proponer()
    encolados.clear()
    barrer_trabajos(actor=PRUEBAS)
    assert encolados == [lote.pk]
    avanzar_lote(lote_pk=lote.pk, segundos=-1)
    encolados.clear()
    barrer_trabajos(actor=PRUEBAS)
    assert encolados == []
    lote.refresh_from_db()
    assert lote.a_medias


def test_muere_a_mitad(monkeypatch: pytest.MonkeyPatch, encolados: list[int]) -> None:
    """A slice is whole or not there; the sweep goes on with the next."""
    debidas()
    de_pocas(monkeypatch, 2)
    lote = proponer()
    hechos = lote.numero_pagos
    monkeypatch.setattr(porciones, "crear_pagos", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        avanzar_lote(lote_pk=lote.pk)
    monkeypatch.undo()
    assert Pago.objects.count() == hechos
    barrer_trabajos(actor=PRUEBAS)
    avanzar_lote(lote_pk=lote.pk)
    lote.refresh_from_db()
    assert lote.estado == "borrador"
    assert lote.numero_pagos == lote.pagos.count() == 4
    assert lote.total == D(55)


def test_lo_que_al_final_no_era_nada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody of a large proposal can be paid: it is dropped, and says who and why."""
    de_pocas(monkeypatch, 1)
    for _n in range(2):
        fabricas.aprobada(de=fabricas.afiliado(minimo_pago=D(99), moneda_comision="USD"))
    lote = proponer()
    avanzar_lote(lote_pk=lote.pk)
    lote.refresh_from_db()
    assert (lote.estado, lote.a_medias) == ("descartado", False)
    assert lote.exclusiones.count() == 2
    de_pocas(monkeypatch, 9)
    with pytest.raises(Conflicto):
        proponer()
    assert LotePago.objects.count() == 1


@pytest.mark.lento
def test_se_descarta_por_porciones(monkeypatch: pytest.MonkeyPatch, encolados: list[int]) -> None:
    """What it holds is freed little by little, and what is proposed meanwhile waits for it."""
    debidas()
    lote = proponer()
    de_pocas(monkeypatch, 2)
    nuevo = rehacer_lote(lote=lote, actor=LUIS)
    lote.refresh_from_db()
    assert lote.estado == "descartado"
    assert 0 < lote.pagos.filter(estado="listo").count() < 4
    assert (nuevo.estado, nuevo.numero_pagos) == ("proponiendo", 0)
    avanzar_lote(lote_pk=nuevo.pk)
    assert not nuevo.pagos.exists()
    avanzar_lote(lote_pk=lote.pk)
    assert set(lote.pagos.values_list("estado", flat=True)) == {"anulado"}
    assert set(Comision.objects.values_list("estado", flat=True)) == {"aprobada"}
    anulados = Historial.objects.filter(entidad="pago", accion="anular")
    assert set(anulados.values_list("actor", "motivo")) == {(str(LUIS), "Se propuso de nuevo.")}
    encolados.clear()
    barrer_trabajos(actor=PRUEBAS)
    assert encolados == [nuevo.pk]
    avanzar_lote(lote_pk=nuevo.pk)
    nuevo.refresh_from_db()
    assert (nuevo.estado, nuevo.total) == ("borrador", D(55))
    todo_cuadra()


def test_cada_lote_se_descarta_por_quien_lo_descarto(
    monkeypatch: pytest.MonkeyPatch, encolados: list[int]
) -> None:
    """Two large ones at once: what the task goes on with has the author and reason of its own."""
    for en in (fabricas.campana(), fabricas.campana(moneda="EUR")):
        for _n in range(4):
            fabricas.aprobada(de=fabricas.afiliado(), en=en)
    lotes = {"uno": (proponer(), LUIS), "dos": (proponer(moneda="EUR"), ANA)}
    de_pocas(monkeypatch, 2)
    for motivo, (lote, quien) in lotes.items():
        descartar_lote(lote=lote, actor=quien, motivo=motivo)
    assert sorted(encolados) == sorted(lote.pk for lote, _quien in lotes.values())
    for motivo, (lote, quien) in lotes.items():
        avanzar_lote(lote_pk=lote.pk)
        pagos = list(lote.pagos.values_list("id_publico", flat=True))
        pasos = Historial.objects.filter(accion="anular", entidad_id__in=pagos)
        assert list(pasos.values_list("actor", "motivo")) == [(str(quien), motivo)] * 4


def test_se_descarta_a_medio_proponer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its task finds it dropped, and frees what it had."""
    debidas()
    de_pocas(monkeypatch, 2)
    lote = proponer()
    de_pocas(monkeypatch, 9)
    descartar_lote(lote=lote, actor=LUIS, motivo="m")
    antes = fabricas.foto()
    avanzar_lote(lote_pk=lote.pk)
    assert fabricas.foto() == antes
    assert not ItemPago.objects.exclude(comision_viva=None, ajuste_vivo=None).exists()
    assert set(Comision.objects.values_list("estado", flat=True)) == {"aprobada"}


def con_fallidos(pasarela: type[PasarelaDePruebas], cuantos: int) -> LotePago:
    """A batch whose payments were all refused."""
    for _n in range(cuantos):
        fabricas.aprobada(de=fabricas.afiliado())
    pasarela.accidentes += ["rechaza"] * cuantos
    lote = en_ejecucion(pasarela="pruebas")
    ejecutar(lote)
    assert lote.estado == "parcialmente_fallido"
    return lote


@pytest.mark.lento
def test_se_reintentan_por_porciones(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch, encolados: list[int]
) -> None:
    """The first ones at once, the rest by the task; each once, by who asked."""
    lote = con_fallidos(pasarela, 5)
    monkeypatch.setattr(reintento, "REINTENTOS", 2)
    assert len(reintento.reintentar_fallidos(lote=lote, actor=LUIS)) == 2
    assert encolados == [lote.pk]
    ejecutar(lote)
    # What was retried so far is paid, and the rest is still failed.
    assert lote.estado == "parcialmente_fallido"
    avanzar_lote(lote_pk=lote.pk, segundos=-1)
    avanzar_lote(lote_pk=lote.pk)
    ejecutar(lote)
    assert (lote.estado, lote.a_medias) == ("liquidado", False)
    assert Counter(lote.pagos.values_list("estado", flat=True)) == {"fallido": 5, "pagado": 5}
    programados = Historial.objects.filter(entidad="pago", accion="programar")
    nuevos = lote.pagos.exclude(reintento_de=None).values_list("id_publico", flat=True)
    assert set(programados.filter(entidad_id__in=list(nuevos)).values_list("actor", flat=True)) == {
        str(LUIS)
    }
    assert PasarelaDePruebas.total() == lote.total
    todo_cuadra()


def test_los_primeros_ya_no_se_pueden(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch, encolados: list[int]
) -> None:
    """The first failed ones changed since their release: those behind them are retried."""
    lote = con_fallidos(pasarela, 4)
    for pago in lote.pagos.order_by("pk")[:2]:
        bloquear_afiliado(afiliado=pago.afiliado, actor=LUIS, motivo="fraude")
    monkeypatch.setattr(reintento, "REINTENTOS", 2)
    assert reintento.reintentar_fallidos(lote=lote, actor=LUIS) == []
    avanzar_lote(lote_pk=lote.pk)
    assert lote.pagos.exclude(reintento_de=None).count() == 2


def test_se_cierra_a_medio_reintentar(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch, encolados: list[int]
) -> None:
    """Nothing of a closed batch is retried."""
    lote = con_fallidos(pasarela, 3)
    monkeypatch.setattr(reintento, "REINTENTOS", 2)
    reintento.reintentar_fallidos(lote=lote, actor=LUIS)
    ejecutar(lote)
    ciclo.cerrar_lote(lote=lote, actor=LUIS)
    avanzar_lote(lote_pk=lote.pk)
    lote.refresh_from_db()
    assert (lote.estado, lote.a_medias) == ("cerrado", False)
    assert lote.pagos.exclude(reintento_de=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_varias_tareas_a_la_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same batch, and another one of the same currency: each commission is in one of them."""
    for _n in range(8):
        fabricas.aprobada(de=fabricas.afiliado())
    de_pocas(monkeypatch, 2)
    uno, otro = proponer(), proponer()
    hechos = a_la_vez(
        [
            lambda lote=lote: avanzar_lote(lote_pk=lote.pk)  # type: ignore[misc]
            for lote in (uno, otro, uno, otro)
        ]
    )
    assert hechos == [None] * 4
    for lote in (uno, otro):
        lote.refresh_from_db()
        assert lote.estado == "borrador"
        assert lote.total == sum(lote.pagos.values_list("importe", flat=True))
        assert lote.numero_pagos == lote.pagos.count()
    assert ItemPago.objects.exclude(comision_viva=None).count() == 8
    assert uno.total + otro.total == D(80)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite locks the whole database, not rows"
)
def test_no_se_espera_a_quien_ya_esta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a second task of a batch nor the sweep keep a worker waiting for the first."""
    debidas()
    de_pocas(monkeypatch, 2)
    lote = proponer()
    fabricas.aprobada(en=fabricas.campana(moneda="EUR"))
    de_pocas(monkeypatch, 99)
    liberado = ciclo.congelar_lote(lote=proponer(moneda="EUR"), actor=LUIS)
    liberado = ciclo.liberar_lote(lote=liberado, actor=PRUEBAS)
    with transaction.atomic():
        list(LotePago.objects.select_for_update())
        inicio = time.monotonic()
        tareas = [
            lambda: avanzar_lote(lote_pk=lote.pk), lambda: barrer_trabajos(actor=PRUEBAS),
        ]  # fmt: skip
        assert a_la_vez(tareas) == [None, None]
        assert time.monotonic() - inicio < 10
    lote.refresh_from_db()
    liberado.refresh_from_db()
    assert (lote.estado, liberado.estado) == ("proponiendo", "aprobado")
    barrer_trabajos(actor=PRUEBAS)
    liberado.refresh_from_db()
    assert liberado.estado == "en_ejecucion"


def test_uno_en_el_que_no_habia_nada_se_descarta_y_dice_por_que() -> None:
    lote = LotePago.objects.create(
        id_publico="lote_x", moneda="USD", pasarela="archivo", estado="proponiendo",
        propuesto_hasta=0, preparado_por=str(LUIS),
    )  # fmt: skip
    with transaction.atomic():
        avance._proponer(lote)
    paso = Historial.objects.get(entidad="lote", entidad_id="lote_x")
    assert (lote.estado, paso.accion, paso.motivo) == (
        "descartado", "armar", "No había nada que pagar.",
    )  # fmt: skip
