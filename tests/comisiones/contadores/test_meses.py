"""What moved in each month is what the ledger says, whatever happened and whenever."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models import F

from afiliados.afiliado.models import Afiliado
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.contadores import mayores
from comisiones.contadores.libro import Concepto
from comisiones.contadores.mayores import Cambios, los_que_mas_cambian, los_que_mas_ganan
from comisiones.contadores.meses import (
    en_revision_y_pago,
    por_meses,
    por_vencer,
    ultimos_meses,
)
from comisiones.contadores.models import Contador
from comisiones.libro.extracto import extractos
from comisiones.libro.selectors import saldos
from comisiones.models import Apunte, Asiento
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.comisiones.contadores.cuadre import cuadra, que_hizo
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
MARZO = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_mano(afiliado: Afiliado) -> dict[tuple[str, int, str], Decimal]:
    """What moved by currency, month and what it did, line by line."""
    sumas: dict[tuple[str, int, str], Decimal] = {}
    suyos = Apunte.objects.filter(afiliado=afiliado, cuenta="por_pagar").select_related("asiento")
    hizo = que_hizo()
    for apunte in suyos:
        mes = int(f"{apunte.asiento.creado_en.astimezone(UTC):%Y%m}")
        concepto, _campana = hizo(apunte)
        signo = -1 if concepto in ("ganado", "ajustado") else 1
        clave = (apunte.moneda, mes, concepto)
        sumas[clave] = sumas.get(clave, Decimal(0)) + signo * apunte.importe
    return {clave: suma for clave, suma in sumas.items() if suma}


def dicen(corte: str, quien: int, meses: list[int]) -> dict[tuple[str, int, str], Decimal]:
    return {
        (cuadro.moneda, mes, concepto): getattr(movido, concepto)
        for cuadro in por_meses(corte, quien, meses)
        for mes, movido in cuadro.meses.items()
        for concepto in Concepto.values
        if getattr(movido, concepto)
    }


def _mover(de: Afiliado, en: list[Any], azar: random.Random, numero: int) -> None:
    """A sale, and something of what may happen to it and to its affiliate."""
    suya = fabricas.comision(de=de, en=azar.choice(en), valor=str(azar.randint(1, 90_000) / 100))
    if azar.random() < 0.8:
        suya = aprobar_comision(comision=suya, actor=ANA)
    if azar.random() < 0.4:
        monto = Decimal(azar.randint(1, int(suya.conversion.valor * 100))) / 100
        devolver(
            conversion=suya.conversion, actor=PRUEBAS,
            datos=Devolucion(id_externo=f"d{numero}", monto=monto),
        )  # fmt: skip
    if azar.random() < 0.3:
        tipo, monto = azar.choice([("bono", 3), ("clawback", -250), ("correccion", -1)])
        nuevo = crear_ajuste(
            afiliado=de, tipo=tipo, monto=Decimal(monto), moneda=suya.moneda, motivo="m", actor=ANA
        )
        aprobar_ajuste(ajuste=nuevo, actor=LUIS)
    if azar.random() < 0.5:
        ids = list(Comision.objects.filter(estado="aprobada").values_list("id_publico", flat=True))
        for pago in programar_pagos(comisiones_ids=ids, actor=PRUEBAS):
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
            if azar.random() < 0.3:
                pago.refresh_from_db()
                if pago.estado == "pagado":
                    resolver_pago(
                        pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS
                    )  # fmt: skip


@pytest.mark.lento
@pytest.mark.parametrize("semilla", range(4))
def test_cualquier_programa(semilla: int) -> None:
    """Several months of two currencies, refunds, clawbacks and payments that come back."""
    azar = random.Random(semilla)
    en = [fabricas.campana(inicia_en=MARZO), fabricas.campana(inicia_en=MARZO, moneda="EUR")]
    quienes = [fabricas.afiliado(), fabricas.afiliado()]
    for numero in range(12):
        with time_machine.travel(MARZO + timedelta(days=17 * numero), tick=False):
            _mover(azar.choice(quienes), en, azar, numero)
    fin = MARZO + timedelta(days=17 * 12)
    # The last refund takes back what it does when it is told.
    with time_machine.travel(fin, tick=False):
        fabricas.entregar_todo()
    assert cuadra()
    meses = ultimos_meses(12, fin)
    for quien in quienes:
        hay = a_mano(quien)
        assert dicen("afiliado", quien.pk, meses) == hay
        cuadros = {c.moneda: c for c in por_meses("afiliado", quien.pk, meses)}
        assert {m: c.siempre.saldo for m, c in cuadros.items()} == saldos(quien)
        # Each month is what its statement moves.
        for mes in meses:
            movido = {
                hoja.moneda: hoja.cierre - hoja.apertura
                for hoja in extractos(quien, f"{mes // 100}-{mes % 100:02}")
            }
            for moneda, cuadro in cuadros.items():
                assert cuadro.meses[mes].saldo == movido.get(moneda, Decimal(0))
        for moneda, estados in en_revision_y_pago("afiliado", quien.pk).items():
            for estado, (n, suma) in estados.items():
                suyas = Comision.objects.filter(afiliado=quien, moneda=moneda, estado=estado)
                assert n == suyas.count()
                assert suma == sum(suyas.values_list("monto", flat=True), Decimal(0))
    for campana in en:
        pagadas = Comision.objects.filter(campana=campana, estado="pagada")
        [cuadro] = por_meses("campana", campana.pk, meses) or [None]
        if cuadro is not None:
            assert cuadro.siempre.pagado == sum((c.monto for c in pagadas), Decimal(0))
            assert cuadro.siempre.pagado == sum(
                (m.pagado for m in cuadro.meses.values()), Decimal(0)
            )


def test_los_ultimos_meses() -> None:
    assert ultimos_meses(3, datetime(2026, 1, 31, 23, 59, tzinfo=UTC)) == [202511, 202512, 202601]
    assert ultimos_meses(12, datetime(2026, 12, 1, tzinfo=UTC))[0] == 202601


def test_en_el_filo_del_mes() -> None:
    """The last microsecond of a month, and the first one of the next."""
    en, de = fabricas.campana(inicia_en=MARZO), fabricas.afiliado()
    fin = datetime(2026, 4, 1, tzinfo=UTC)
    for cuando in (fin - timedelta(microseconds=1), fin):
        with time_machine.travel(cuando, tick=False):
            aprobar_comision(comision=fabricas.comision(en=en, de=de), actor=ANA)
    fabricas.entregar_todo()
    assert sorted(Asiento.objects.values_list("creado_en__month", flat=True)) == [3, 4]
    assert dicen("afiliado", de.pk, [202603, 202604]) == {
        ("USD", 202603, "ganado"): Decimal(10), ("USD", 202604, "ganado"): Decimal(10),
    }  # fmt: skip


def test_lo_que_vence() -> None:
    """By the month from which they can be paid, until they are."""
    with time_machine.travel(MARZO, tick=False):
        en = fabricas.campana(inicia_en=MARZO, dias_retencion=30)
        una, otra = fabricas.aprobada(en=en), fabricas.comision(en=en, valor="50")
        fabricas.entregar_todo()
        assert por_vencer(["aprobada", "pendiente"]) == {
            "USD": {"aprobada": {202604: Decimal(10)}, "pendiente": {202604: Decimal(5)}}
        }
    with time_machine.travel(MARZO + timedelta(days=90), tick=False):
        [pago] = programar_pagos(comisiones_ids=[una.id_publico], actor=PRUEBAS)
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        fabricas.entregar_todo()
    assert por_vencer(["aprobada", "pendiente"]) == {
        "USD": {"pendiente": {202604: Decimal(5)}}
    }  # fmt: skip
    [cuadro] = por_meses("campana", en.pk, [202603, 202606])
    assert (cuadro.meses[202603].ganado, cuadro.meses[202603].pagado) == (15 - 5, 0)
    assert (cuadro.meses[202606].ganado, cuadro.meses[202606].pagado) == (0, 10)
    assert otra.afiliado_id != una.afiliado_id


def _poner(quien: int, mes: int, importe: int, moneda: str = "USD") -> None:
    for corte, suyo in (("afiliado", quien), ("", 0)):
        fila, _nueva = Contador.objects.get_or_create(
            de="libro", corte=corte, quien=suyo, mes=mes, estado="ganado", moneda=moneda,
            defaults={"cuantas": 0, "importe": 0},
        )  # fmt: skip
        Contador.objects.filter(pk=fila.pk).update(
            cuantas=F("cuantas") + 1, importe=F("importe") + importe * 10_000
        )


@pytest.mark.parametrize("semilla", range(6))
def test_los_que_mas_cambian(monkeypatch: pytest.MonkeyPatch, semilla: int) -> None:
    """The same as looking at everybody, though few are looked at."""
    monkeypatch.setattr(mayores, "_POR_VEZ", 4)
    azar = random.Random(semilla)
    hay: dict[str, dict[int, tuple[int, int]]] = {"EUR": {}, "USD": {}}
    for moneda, suyos in hay.items():
        for quien in range(1, 40):
            antes, ahora = azar.choice([0, 1, 5, 300]), azar.choice([0, 2, 7, 299, 500])
            antes, ahora = antes * azar.randint(1, 3), ahora * azar.randint(1, 3)
            suyos[quien] = (antes, ahora)
            for mes, importe in ((202602, antes), (202603, ahora)):
                if importe:
                    _poner(quien, mes, importe, moneda)
    for uno in los_que_mas_cambian(202602, 202603, 5):
        de_cada = sorted(hay[uno.moneda].items(), key=lambda q: (q[1][0] - q[1][1], q[0]))
        suben = [(q, a, b) for q, (a, b) in de_cada if b > a][:5]
        al_reves = sorted(hay[uno.moneda].items(), key=lambda q: (q[1][1] - q[1][0], q[0]))
        bajan = [(q, a, b) for q, (a, b) in al_reves if b < a][:5]
        assert [c.diferencia for c in uno.suben] == [b - a for _q, a, b in suben]
        assert [c.diferencia for c in uno.bajan] == [b - a for _q, a, b in bajan]
        for cambio in (*uno.suben, *uno.bajan):
            assert (cambio.antes, cambio.ahora) == hay[uno.moneda][cambio.afiliado]
        assert uno.seguro


def test_no_mira_mas_de_la_cuenta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past so many it says that there may be others; nobody new is hidden by it."""
    monkeypatch.setattr(mayores, "_POR_VEZ", 2)
    monkeypatch.setattr(mayores, "TOPE", 4)
    for quien in range(1, 9):
        # The largest do not grow; the ninth, which is not looked at, does.
        _poner(quien, 202602, 1_000 - quien)
        _poner(quien, 202603, 1_000 - quien)
    _poner(9, 202603, 50)
    assert los_que_mas_cambian(202602, 202603, 3) == [Cambios("USD", [], [], False)]
    monkeypatch.setattr(mayores, "TOPE", 100)
    [uno] = los_que_mas_cambian(202602, 202603, 3)
    assert ([c.afiliado for c in uno.suben], uno.bajan, uno.seguro) == ([9], [], True)


def test_los_que_mas_ganan() -> None:
    en, otra = fabricas.campana(), fabricas.campana()
    quienes = [fabricas.afiliado() for _n in range(3)]
    for n, (quien, donde) in enumerate([(0, en), (1, en), (1, en), (2, otra), (0, otra)]):
        fabricas.aprobada(de=quienes[quien], en=donde, valor=f"{100 + n}")
    fabricas.comision(de=quienes[2], en=en)
    fabricas.entregar_todo()
    ganan = los_que_mas_ganan(en.pk, "USD", 10)
    assert [(g.afiliado, g.ganado) for g in ganan] == [
        (quienes[1].pk, Decimal("20.30")), (quienes[0].pk, Decimal(10)),
    ]  # fmt: skip
    assert len(los_que_mas_ganan(en.pk, "USD", 1)) == 1
    assert los_que_mas_ganan(en.pk, "EUR", 10) == []


def test_por_estado_no_se_suma_por_meses() -> None:
    """The counters of a campaign have each month besides."""
    en = fabricas.campana(inicia_en=MARZO)
    for dias in (0, 40):
        with time_machine.travel(MARZO + timedelta(days=dias), tick=False):
            fabricas.comision(en=en)
            fabricas.entregar_todo()
    assert Contador.objects.filter(de="comision", corte="campana").count() == 3
    assert en_revision_y_pago("campana", en.pk) == {"USD": {"pendiente": (2, Decimal(20))}}
