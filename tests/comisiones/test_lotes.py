"""Batches: proposed and frozen by one person, released by another, executed as they were frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado, bloquear_afiliado
from alpespartner.comun.actores import persona
from alpespartner.comun.errores import Conflicto, DatoInvalido, NoPermitido, TransicionInvalida
from alpespartner.comun.invariantes import comprobaciones
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.models import ItemPago, LotePago, Pago
from comisiones.pagos import barrido
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.reintento import reintentar_fallidos
from comisiones.pagos.pago import fin_de_lote
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import anular_pago, reintentar_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.comisiones.pasarelas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS, a_la_vez

D = Decimal
EVA = persona(3)


@pytest.fixture(autouse=True)
def _sin_automaticos(settings: Any) -> None:
    """Only batches pay."""
    settings.PAGOS_AUTOMATICOS = False


def ajuste(de: Afiliado, monto: str) -> Ajuste:
    """A posted adjustment, approved by Ana."""
    borrador = crear_ajuste(
        afiliado=de, tipo="correccion", monto=D(monto), moneda="USD", motivo="m", actor=LUIS
    )
    return aprobar_ajuste(ajuste=borrador, actor=ANA)


def proponer(**datos: Any) -> LotePago:
    """A batch in USD that Luis proposes."""
    return propuesta.proponer_lote(
        **{"moneda": "USD", "pasarela": "archivo", "actor": LUIS, **datos}
    )


def congelado(**datos: Any) -> LotePago:
    """One that Luis froze."""
    return ciclo.congelar_lote(lote=proponer(**datos), actor=LUIS)


def en_ejecucion(**datos: Any) -> LotePago:
    """One that Eva released and that began."""
    lote = ciclo.liberar_lote(lote=congelado(**datos), actor=EVA)
    assert lote.estado == "aprobado"
    return ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)


def ejecutar(lote: LotePago) -> None:
    """Its tasks run, and what its last one would do on commit."""
    for pk in lote.pagos.filter(estado="listo").values_list("pk", flat=True):
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    fin_de_lote.terminar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    lote.refresh_from_db()


def todo_cuadra() -> None:
    """Every check of ``verificar`` that is not about being late."""
    for comprobacion in comprobaciones():
        if not comprobacion.aviso and "events.jsonl" not in comprobacion.nombre:
            assert list(comprobacion.filas()) == [], comprobacion.nombre


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
def test_quien_queda_fuera_y_por_que() -> None:
    """Their money waits for the next batch, and the page says why."""
    pagada, bloqueada, poca, deudora = (fabricas.afiliado(nombre=n) for n in "ABCD")
    for de in (pagada, bloqueada, poca, deudora):
        fabricas.aprobada(de=de)
    bloquear_afiliado(afiliado=bloqueada, actor=ANA, motivo="fraude")
    actualizar_afiliado(
        afiliado=poca,
        cambios={"minimo_pago": D("10.01"), "moneda_comision": "USD"},
        actor=ANA,
        motivo="x",
    )
    ajuste(deudora, "-10")
    lote = proponer()
    assert [p.afiliado for p in lote.pagos.all()] == [pagada]
    assert {e.afiliado_id: (e.motivo, e.importe) for e in lote.exclusiones.all()} == {
        bloqueada.pk: ("bloqueado", D(10)),
        poca.pk: ("bajo_minimo", D(10)),
        deudora.pk: ("saldo_negativo", D(0)),
    }
    # One cent more of balance, or a smaller debt, and they are in the next one.
    ajuste(poca, "0.01")
    ajuste(deudora, "4")
    assert {p.afiliado_id: p.importe for p in proponer().pagos.all()} == {
        poca.pk: D("10.01"), deudora.pk: D(4),
    }  # fmt: skip
    todo_cuadra()


@pytest.mark.django_db
def test_condiciones_de_la_propuesta() -> None:
    """By date, campaign and currency; whatever an affiliate owes is deducted in any campaign."""
    suya, verano, otra = fabricas.afiliado(), fabricas.campana(), fabricas.campana()
    tarde = fabricas.campana(dias_retencion=5)
    yenes = fabricas.campana(moneda="JPY")
    for en in (verano, otra, tarde, yenes):
        fabricas.aprobada(de=suya, en=en)
    ajuste(suya, "2")
    ajuste(suya, "-1")
    lote = proponer(campana=verano)
    assert [(p.importe, p.moneda) for p in lote.pagos.all()] == [(D(9), "USD")]
    assert [p.importe for p in proponer(hasta=timezone.now()).pagos.all()] == [D(12)]
    assert [p.importe for p in proponer(moneda="JPY").pagos.all()] == [D(10)]
    with pytest.raises(Conflicto):
        # A date to come does not mature anything.
        proponer(hasta=timezone.now() + timedelta(days=30))
    for mala in ({"moneda": "XXX"}, {"pasarela": "ninguna"}):
        with pytest.raises(DatoInvalido):
            proponer(**mala)


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


def _devolucion(lote: LotePago) -> None:
    venta = Comision.objects.get().conversion
    devolver(conversion=venta, datos=Devolucion(id_externo="d", monto=D(50)), actor=ANA)
    fabricas.entregar_todo()


@pytest.mark.django_db
@pytest.mark.parametrize("momento", ["al liberar", "al ejecutar"])
@pytest.mark.parametrize(
    "cambio", [_otro_nombre, _bloqueo, _importe, _linea, _comision, _otra_linea, _devolucion]
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
    if cambio is _devolucion:
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


@pytest.mark.django_db
def test_fallidos_y_reintento(pasarela: type[PasarelaDePruebas]) -> None:
    """Failed ones are free again; a retry pays exactly what was released, in the same batch."""
    una, otra = fabricas.afiliado(), fabricas.afiliado()
    fabricas.aprobada(de=una)
    fabricas.aprobada(de=otra)
    ajuste(una, "-4")
    pasarela.accidentes.append("rechaza")
    lote = en_ejecucion(pasarela="pruebas")
    ejecutar(lote)
    assert lote.estado == "parcialmente_fallido"
    fallido = lote.pagos.get(estado="fallido")
    assert saldos(una) == {"USD": D(6)}
    assert (
        not ItemPago.objects.filter(pago=fallido)
        .exclude(comision_viva=None, ajuste_vivo=None)
        .exists()
    )
    [nuevo] = reintentar_fallidos(lote=lote, actor=LUIS)
    assert (nuevo.importe, nuevo.lote, nuevo.reintento_de) == (D(6), lote, fallido)
    with pytest.raises(Conflicto):
        reintentar_pago(pago=fallido, actor=LUIS)
    ejecutar(lote)
    assert lote.estado == "liquidado"
    assert saldos(una) == saldos(otra) == {"USD": D(0)}
    assert PasarelaDePruebas.total() == lote.total == D(16)
    todo_cuadra()


@pytest.mark.django_db
def test_un_reintento_distinto_no_pasa(pasarela: type[PasarelaDePruebas]) -> None:
    """What changed since its release goes through a new batch, with four eyes."""
    fabricas.aprobada()
    pasarela.accidentes.append("rechaza")
    lote = en_ejecucion(pasarela="pruebas")
    ejecutar(lote)
    _devolucion(lote)
    with pytest.raises(Conflicto) as error:
        reintentar_pago(pago=lote.pagos.get(), actor=LUIS)
    assert error.value.codigo == "pago_cambiado"
    assert proponer(pasarela="pruebas").total == D(5)
    with pytest.raises(Conflicto):
        reintentar_fallidos(lote=lote, actor=LUIS)
    ciclo.cerrar_lote(lote=lote, actor=LUIS)
    todo_cuadra()


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


@pytest.mark.django_db
def test_sin_lote_tambien_se_compensa(settings: Any) -> None:
    """Paid as they mature, adjustments and minimums count as well."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    suya = fabricas.afiliado(minimo_pago=D(15), moneda_comision="USD")
    fabricas.aprobada(de=suya)
    fabricas.entregar_todo()
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    fabricas.aprobada(de=suya)
    ajuste(suya, "-2")
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 1
    assert Pago.objects.get().importe == D(18)
    todo_cuadra()


@pytest.mark.django_db
def test_los_que_no_cobran_no_estorban(settings: Any) -> None:
    """The sweep takes the first few: debtors and those under their minimum are not among them, and
    a bonus may be what reaches it."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    deudora = fabricas.afiliado()
    poca, con_bono = (
        fabricas.afiliado(minimo_pago=D(15), moneda_comision="USD") for _n in range(2)
    )
    ultima = fabricas.afiliado()
    for de in (deudora, poca, con_bono, ultima):
        fabricas.aprobada(de=de)
    ajuste(deudora, "-50")
    ajuste(con_bono, "5")
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 1
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 1
    assert barrer_pagos(actor=PRUEBAS, limite=1)["programados"] == 0
    assert {p.afiliado_id: p.importe for p in Pago.objects.all()} == {
        con_bono.pk: D(15), ultima.pk: D(10),
    }  # fmt: skip


@pytest.mark.django_db
def test_un_barrido_no_lo_programa_todo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few commissions at a time, but one affiliate's go together."""
    settings.PAGOS_AUTOMATICOS = True
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    monkeypatch.setattr(barrido, "A_PROGRAMAR", 2)
    muchas, *otras = (fabricas.afiliado() for _n in range(4))
    for de in [muchas] * 5 + otras:
        fabricas.aprobada(de=de)
    assert [barrer_pagos(actor=PRUEBAS)["programados"] for _vez in range(4)] == [1, 2, 1, 0]
    assert [p.importe for p in Pago.objects.order_by("pk")] == [D(50), D(10), D(10), D(10)]


@pytest.mark.django_db(transaction=True)
def test_dos_personas_proponen_a_la_vez() -> None:
    """Each commission and adjustment goes in one of the two batches."""
    for _n in range(4):
        suya = fabricas.afiliado()
        fabricas.aprobada(de=suya)
        ajuste(suya, "1")
    hechos = a_la_vez([lambda: proponer()] * 4)
    assert not [h for h in hechos if not isinstance(h, (LotePago, Conflicto))], hechos
    assert ItemPago.objects.exclude(comision_viva=None).count() == 4
    assert ItemPago.objects.exclude(ajuste_vivo=None).count() == 4
    assert sum(p.importe for p in Pago.objects.all()) == D(44)


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


@pytest.mark.django_db(transaction=True)
def test_anular_contra_enviar() -> None:
    """Dropped or sent, never both."""
    for _vez in range(5):
        pago = fabricas.pago()
        a_la_vez(
            [
                lambda p=pago: anular_pago(pago=p, actor=LUIS, motivo="m"),  # type: ignore[misc]
                lambda p=pago: ejecutar_pago(pago_pk=p.pk, actor=PRUEBAS),  # type: ignore[misc]
            ]
        )
        pago.refresh_from_db()
        suya = Comision.objects.get(items_pago__pago=pago)
        assert (pago.estado, suya.estado) in (("pagado", "pagada"), ("anulado", "aprobada"))
