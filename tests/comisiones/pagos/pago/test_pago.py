"""Payments on their straight way: schedule, send, paid; refused, retried; who waits."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.services import bloquear_afiliado, desbloquear_afiliado
from alpespartner.comun.errores import Conflicto, DatoInvalido, TransicionInvalida
from alpespartner.comun.invariantes import comprobaciones
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.libro.selectors import saldos
from comisiones.models import IntentoPago, Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import decidir_pago, resolver_pago
from comisiones.pagos.pago.services import anular_pago, programar_pagos, reintentar_pago
from comisiones.pagos.pasarelas.archivo import CABECERA, PasarelaArchivo
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.revision.services import anular_comision
from tests import fabricas
from tests.comisiones.pagos.fabrica import ficheros
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


def test_de_aprobada_a_pagada(settings: Any) -> None:
    """The whole way with the real file gateway: states, ledger, file, events."""
    suya = fabricas.aprobada(de=fabricas.afiliado(nombre="=2+3 Ñandú, S.A."))
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.estado == "programada"
    pago = Pago.objects.get()
    assert (pago.estado, pago.importe, pago.moneda, pago.pasarela) == (
        "listo", D(10), "USD", "archivo",
    )  # fmt: skip
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    suya.refresh_from_db()
    assert (pago.estado, suya.estado) == ("pagado", "pagada")
    assert suya.pagada_en == pago.pagado_en is not None
    [fichero] = ficheros(settings.PAGOS_DIR)
    assert fichero.relative_to(settings.PAGOS_DIR) == Path(
        f"{pago.creado_en:%Y-%m-%d}/{pago.id_publico}.csv"
    )
    with fichero.open(newline="") as entrada:
        cabecera, fila = csv.reader(entrada)
    assert tuple(cabecera) == CABECERA
    assert fila == [
        pago.id_publico, pago.id_publico, suya.afiliado.id_publico, "'=2+3 Ñandú, S.A.", "10.00",
        "USD", f"Comisiones {pago.id_publico}",
    ]  # fmt: skip
    assert [
        (a.asiento.tipo, a.cuenta, a.importe)
        for a in Apunte.objects.filter(asiento__origen=pago.id_publico).order_by("id")
    ] == [
        ("pago", "por_pagar", D(10)), ("pago", "compensacion", D(-10)),
        ("liquidacion", "compensacion", D(10)), ("liquidacion", "banco", D(-10)),
    ]  # fmt: skip
    assert saldos(suya.afiliado) == {"USD": D(0)}
    assert fabricas.eventos_de(pago.id_publico) == ["PagoEnviado", "PagoConfirmado"]
    assert fabricas.eventos_de(suya.id_publico) == [
        "ComisionCalculada", "ComisionAprobada", "ComisionProgramada", "ComisionPagada",
    ]  # fmt: skip


def test_ejecutar_dos_veces_paga_una(settings: Any) -> None:
    """A task that the broker repeats."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    antes = fabricas.foto()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    resolver_pago(
        pago_pk=pago.pk, respuesta=PasarelaArchivo().consultar(orden(pago)), actor=PRUEBAS
    )  # type: ignore[arg-type]
    assert fabricas.foto() == antes
    assert len(ficheros(settings.PAGOS_DIR)) == 1


def orden(pago: Pago) -> Any:
    """The order of a payment."""
    from comisiones.pagos.pago.bloqueo import orden_de

    return orden_de(Pago.objects.select_related("afiliado").get(pk=pago.pk))


def test_programar_dos_veces_programa_una() -> None:
    """Invariant 4: at most one live payout per commission."""
    suya = fabricas.aprobada()
    ids = [suya.id_publico] * 2
    assert len(programar_pagos(comisiones_ids=ids, actor=PRUEBAS)) == 1
    assert programar_pagos(comisiones_ids=ids, actor=PRUEBAS) == []
    assert Pago.objects.get().items.get().comision_viva == suya


@pytest.mark.parametrize("estado", ["pendiente", "retenida", "rechazada", "anulada", "pagada"])
def test_solo_se_programa_lo_aprobado(estado: str) -> None:
    """Money for what nobody approved."""
    suya = fabricas.comision()
    Comision.objects.filter(pk=suya.pk).update(estado=estado)
    assert programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS) == []


def test_lo_que_no_ha_madurado_espera() -> None:
    """Neither its event nor the sweep pay it before its day; the sweep does on it."""
    suya = fabricas.aprobada(en=fabricas.campana(dias_retencion=10))
    fabricas.entregar_todo()
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=9, hours=23), tick=False):
        assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=10, seconds=1), tick=False):
        assert barrer_pagos(actor=PRUEBAS)["programados"] == 1
    suya.refresh_from_db()
    assert suya.estado == "programada"


def test_una_comision_de_cero_no_se_paga() -> None:
    """There is no payment of nothing, and the sweep does not look at it for ever."""
    fabricas.aprobada(de=fabricas.afiliado(comision_base=D(0)))
    fabricas.entregar_todo()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert barrer_pagos(actor=PRUEBAS) == {"programados": 0, "encolados": 0, "reanudados": 0}
    assert not Pago.objects.exists()


@pytest.mark.parametrize("momento", ["antes de programar", "antes de enviar"])
def test_bloqueado_no_cobra(momento: str, settings: Any) -> None:
    """Until a second person unblocks it; then the sweep pays what was owed."""
    afiliado = fabricas.afiliado()
    suya = fabricas.aprobada(de=afiliado)
    if momento == "antes de enviar":
        programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)
    bloquear_afiliado(afiliado=afiliado, actor=ANA, motivo="fraude")
    fabricas.entregar_todo()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        barrido = barrer_pagos(actor=PRUEBAS)
        assert barrido == {"programados": 0, "encolados": 0, "reanudados": 0}
        for pago in Pago.objects.all():
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert not ficheros(settings.PAGOS_DIR)
    assert saldos(afiliado) == {"USD": D(10)}
    desbloquear_afiliado(afiliado=afiliado, actor=LUIS, motivo="aclarado")
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        barrer_pagos(actor=PRUEBAS)
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=PRUEBAS)
    assert len(ficheros(settings.PAGOS_DIR)) == 1
    assert saldos(afiliado) == {"USD": D(0)}


def test_fallido_y_reintento(pasarela: type[PasarelaDePruebas]) -> None:
    """A refusal for certain gives the commission back; a person retries, with a new payment and a
    new key; what was posted when it left is undone."""
    pasarela.accidentes.append("rechaza")
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    suya = Comision.objects.get()
    assert (pago.estado, pago.detalle, suya.estado) == ("fallido", "cuenta cerrada", "aprobada")
    assert [
        (a.asiento.tipo, a.cuenta, a.importe)
        for a in Apunte.objects.filter(asiento__origen=pago.id_publico).order_by("id")
    ] == [
        ("pago", "por_pagar", D(10)), ("pago", "compensacion", D(-10)),
        ("impago", "compensacion", D(10)), ("impago", "por_pagar", D(-10)),
    ]  # fmt: skip
    assert saldos(suya.afiliado) == {"USD": D(10)}
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert barrer_pagos(actor=PRUEBAS)["programados"] == 0, "a person decides"
    nuevo = reintentar_pago(pago=pago, actor=ANA)
    with pytest.raises(Conflicto):
        reintentar_pago(pago=pago, actor=ANA)
    assert nuevo.pk != pago.pk
    ejecutar_pago(pago_pk=nuevo.pk, actor=PRUEBAS)
    suya.refresh_from_db()
    assert suya.estado == "pagada"
    assert list(pasarela.pagadas) == [nuevo.id_publico]
    assert saldos(suya.afiliado) == {"USD": D(0)}
    assert IntentoPago.objects.count() == 2


def test_un_fallido_se_reintenta_una_vez(pasarela: type[PasarelaDePruebas]) -> None:
    """When the retry failed too, or was dropped, it is no error of ours to ask for it again."""
    pasarela.accidentes += ["rechaza", "rechaza"]
    primero = fabricas.pago()
    ejecutar_pago(pago_pk=primero.pk, actor=PRUEBAS)
    segundo = reintentar_pago(pago=primero, actor=ANA)
    ejecutar_pago(pago_pk=segundo.pk, actor=PRUEBAS)
    tercero = reintentar_pago(pago=segundo, actor=ANA)
    anular_pago(pago=tercero, actor=ANA, motivo="Se pagará en un lote.")
    for pago in (primero, segundo):
        with pytest.raises(Conflicto) as error:
            reintentar_pago(pago=pago, actor=ANA)
        assert error.value.codigo == "ya_reintentado"


@pytest.mark.parametrize("accidente", [None, "no_sabe"])
def test_solo_se_reintenta_lo_fallido(
    pasarela: type[PasarelaDePruebas], accidente: str | None
) -> None:
    """Paying again what is paid, or what nobody knows, is paying twice."""
    pago = fabricas.pago()
    with pytest.raises(Conflicto):
        reintentar_pago(pago=pago, actor=ANA)
    if accidente:
        pasarela.accidentes.append(accidente)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    with pytest.raises(Conflicto):
        reintentar_pago(pago=pago, actor=ANA)


def test_lo_que_esta_en_un_pago_no_se_anula() -> None:
    """Its money may be on the way; invariant 6."""
    pago = fabricas.pago()
    suya = Comision.objects.get()
    for _vez in range(2):
        with pytest.raises(TransicionInvalida):
            anular_comision(comision=suya, actor=ANA, motivo="m")
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)


def con_pasarela(pasarela: type[PasarelaDePruebas], accidente: str) -> Pago:
    """A payment after something happened to it."""
    pasarela.accidentes.append(accidente)
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    return pago


@pytest.mark.parametrize(
    ("accidente", "dicho", "hace", "queda"),
    [
        ("", "pagado", "repetido", "pagado"),
        ("", "fallido", "contradice", "pagado"),
        ("", "incierto", "repetido", "pagado"),
        ("rechaza", "fallido", "repetido", "fallido"),
        ("rechaza", "pagado", "contradice", "fallido"),
        ("rechaza", "devuelto", "contradice", "fallido"),
        ("no_sabe", "pagado", "aplicado", "pagado"),
        ("no_sabe", "fallido", "aplicado", "fallido"),
        ("no_sabe", "devuelto", "aplicado", "fallido"),
        ("no_sabe", "incierto", "repetido", "incierto"),
    ],
)
def test_lo_que_se_sabe_de_un_pago(
    pasarela: type[PasarelaDePruebas], accidente: str, dicho: Any, hace: str, queda: str
) -> None:
    """Late, repeated and contradicting reports: each applied once, or not at all."""
    pago = con_pasarela(pasarela, accidente)
    antes = fabricas.foto()
    assert resolver_pago(pago_pk=pago.pk, respuesta=Respuesta(dicho), actor=PRUEBAS) == hace
    if hace != "aplicado":
        assert fabricas.foto() == antes
    pago.refresh_from_db()
    assert pago.estado == queda
    suya = Comision.objects.get()
    assert suya.estado == {"pagado": "pagada", "incierto": "programada"}.get(queda, "aprobada")


@pytest.mark.lento
def test_el_banco_lo_devuelve(pasarela: type[PasarelaDePruebas]) -> None:
    """The commission stays paid, once; what came back is owed by a row of its own and nets with
    the next payment. Told twice, or before the news of the payment, it is the same."""
    pago = con_pasarela(pasarela, "")
    devuelto = Respuesta("devuelto", detalle="cuenta cerrada")
    assert resolver_pago(pago_pk=pago.pk, respuesta=devuelto, actor=PRUEBAS) == "aplicado"
    antes = fabricas.foto()
    assert resolver_pago(pago_pk=pago.pk, respuesta=devuelto, actor=PRUEBAS) == "repetido"
    pagado = Respuesta("pagado")
    assert resolver_pago(pago_pk=pago.pk, respuesta=pagado, actor=PRUEBAS) == "repetido"
    assert fabricas.foto() == antes
    assert Comision.objects.get().estado == "pagada"
    assert saldos(pago.afiliado) == {"USD": D(10)}
    banco = Apunte.objects.filter(cuenta="banco").values_list("importe", flat=True)
    assert sorted(banco) == [D(-10), D(10)]
    assert fabricas.eventos_de(pago.id_publico)[-1] == "PagoDevuelto"
    fabricas.aprobada(de=pago.afiliado)
    [nuevo] = programar_pagos(
        comisiones_ids=[Comision.objects.latest("pk").id_publico], actor=PRUEBAS
    )
    assert nuevo.importe == D(20)
    ejecutar_pago(pago_pk=nuevo.pk, actor=PRUEBAS)
    assert saldos(pago.afiliado) == {"USD": D(0)}
    for comprobacion in comprobaciones():
        if not comprobacion.aviso and "events.jsonl" not in comprobacion.nombre:
            assert list(comprobacion.filas()) == [], comprobacion.nombre


def test_pasada_la_ventana_decide_una_persona(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that forgets its keys says «never arrived» of what it paid."""
    monkeypatch.setattr(pasarela, "ventana", timedelta(hours=24))
    pago = con_pasarela(pasarela, "falla_despues")
    pasarela.pagadas.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        barrer_pagos(actor=PRUEBAS)
    pago.refresh_from_db()
    assert (pago.estado, len(pasarela.envios)) == ("incierto", 1)
    with pytest.raises(DatoInvalido):
        decidir_pago(pago=pago, pagado=True, actor=ANA, motivo=" ")
    decidido = decidir_pago(pago=pago, pagado=True, actor=ANA, motivo="extracto del día 3")
    assert (decidido.estado, decidido.detalle) == ("pagado", "extracto del día 3")
    with pytest.raises(Conflicto):
        decidir_pago(pago=pago, pagado=False, actor=ANA, motivo="m")


def test_antes_de_decidir_se_pregunta(pasarela: type[PasarelaDePruebas]) -> None:
    """A person who says «not paid» of what the bank paid would pay it twice."""
    pago = con_pasarela(pasarela, "no_sabe")
    with pytest.raises(Conflicto) as error:
        decidir_pago(pago=pago, pagado=False, actor=ANA, motivo="no lo veo")
    assert error.value.codigo == "pasarela_responde"
    pago.refresh_from_db()
    assert pago.estado == "pagado"


def test_decidir_mientras_se_reenvia(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the decision the sweep sends it again: the decision is refused."""
    pago = con_pasarela(pasarela, "falla_antes")
    preguntar = pasarela.consultar

    def consultar(self: PasarelaDePruebas, orden: Any) -> Respuesta | None:
        monkeypatch.setattr(pasarela, "consultar", preguntar)
        # It pays, and the answer is lost again: uncertain as before, and not the same.
        pasarela.accidentes.append("falla_despues")
        reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        return None

    monkeypatch.setattr(pasarela, "consultar", consultar)
    with pytest.raises(Conflicto):
        decidir_pago(pago=pago, pagado=False, actor=ANA, motivo="no lo veo")
    pago.refresh_from_db()
    assert (pago.estado, len(pasarela.pagadas)) == ("incierto", 1)
