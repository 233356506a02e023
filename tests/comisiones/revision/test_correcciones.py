"""A file corrects what sales are worth: seen before, once, and followed by their commissions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from alpespartner.comun.actores import persona
from alpespartner.comun.errores import NoPermitido
from alpespartner.comun.models import Historial
from comisiones.calculo.explicacion import diferencias
from comisiones.comision.models import Comision
from comisiones.invariantes import COMPROBACIONES
from comisiones.libro.selectors import saldos
from comisiones.models import Ajuste, DecisionEnMasa, FicheroDecisiones, LineaEnMasa
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.avance import avanzar_decision
from comisiones.revision.fichero import confirmar_fichero
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.correccion import corregir_venta, quedan_de
from conversiones.ventas.devoluciones import Devolucion, devolver, queda_de
from conversiones.ventas.errores import ValorDistinto
from conversiones.ventas.models import MovimientoConversion
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.revision import test_fichero
from tests.comisiones.revision.mesa import jefa
from tests.fabricas import ANA, LUIS, PRUEBAS, a_la_vez, hace

pytestmark = pytest.mark.django_db
D = Decimal
CABECERA = "comision_id,referencia_externa,decision,motivo_codigo,nota,valor_nuevo"


def subir(*filas: str, **datos: Any) -> FicheroDecisiones:
    return test_fichero.subir(*filas, cabecera=CABECERA, **datos)


def fila(comision: Comision, nuevo: str, nota: str = "") -> str:
    return f"{comision.id_publico},,corregir,pedido_actualizado,{nota},{nuevo}"


def faltas() -> list[str]:
    return [dicha for c in COMPROBACIONES if not c.aviso for dicha in c.filas()]


def vista(suya: Comision) -> tuple[str, Decimal, Decimal]:
    suya.refresh_from_db()
    return suya.estado, suya.monto, suya.revertido


def test_lo_que_se_vio_es_lo_que_pasa(settings: Any) -> None:
    """Of one that waits, one approved and one paid."""
    settings.PAGOS_AUTOMATICOS = False
    en = fabricas.campana(dias_retencion=0)
    espera, debida, pagada, igual = (
        fabricas.comision(en=en, valor="100", referencia_externa=f"v-{n}") for n in range(4)
    )
    aprobar_comision(comision=debida, actor=ANA)
    aprobar_comision(comision=pagada, actor=ANA)
    [pago] = programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    diez = Devolucion(id_externo="d", monto=D(10))
    devolver(conversion=espera.conversion, datos=diez, actor=LUIS)
    fabricas.entregar_todo()
    fichero = subir(
        ",v-0,corregir,pedido_actualizado,Cambió,80", fila(debida, '"60,5"'), fila(pagada, "50")
    )
    assert fichero.n_saltadas == 0
    [decision] = fichero.decisiones.all()
    assert (decision.accion, decision.sumas) == ("corregir", {"USD": [3, "-9.95"]})
    lineas = decision.lineas.order_by("comision").values_list("valor", "valor_nuevo", "quita")
    assert list(lineas) == [
        (D(90), D(80), D(1)), (D(100), D("60.5"), D("3.95")), (D(100), D(50), D(5)),
    ]  # fmt: skip
    assert queda_de(espera.conversion) == 90
    test_fichero.aplicar(fichero)
    fabricas.entregar_todo()
    ventas = [c.conversion for c in (espera, debida, pagada)]
    assert list(quedan_de(ventas).values()) == [queda_de(v) for v in ventas] == [80, D("60.5"), 50]
    assert vista(espera) == ("pendiente", D(8), D(2))
    assert vista(debida) == ("aprobada", D("6.05"), D("3.95"))
    assert saldos(debida.afiliado) == {"USD": D("6.05")}
    assert vista(pagada) == ("pagada", D(10), D(0))
    assert vista(igual)[1] == 10
    assert Ajuste.objects.get(comision=pagada).monto == D(-5)
    assert saldos(pagada.afiliado) == {"USD": D(-5)}
    movimiento = espera.conversion.movimientos.get(tipo="ajuste")
    assert (movimiento.monto, movimiento.motivo) == (D(-10), "Pedido actualizado: Cambió")
    assert [diferencias(c) for c in (espera, debida, pagada)] == [()] * 3
    assert faltas() == []


def test_cada_fila_que_no_corrige_dice_por_que() -> None:
    en, otra = fabricas.campana(), fabricas.campana()
    sube, ya, mal, rechazada, doble, repetida, las_dos = (
        fabricas.comision(en=en, referencia_externa=f"r-{n}") for n in range(7)
    )
    rechazar_conversion(conversion=rechazada.conversion, actor=PRUEBAS, motivo="x")
    for campana in (en, otra):
        fabricas.comision(en=campana, referencia_externa="la-misma")
    fichero = subir(
        fila(sube, "100.01"),  # 2
        fila(ya, "100"),
        fila(mal, ""),
        fila(mal, "0"),
        fila(mal, "diez"),  # 6
        fila(mal, "5.0001"),
        fila(rechazada, "50"),
        fila(doble, "50"),
        fila(doble, "40"),  # 10
        fila(repetida, "50"),
        ",r-5,corregir,pedido_actualizado,,50",
        fila(las_dos, "50"),
        f"{las_dos.id_publico},,aprobar,,,",  # 14
        ",la-misma,corregir,pedido_actualizado,,5",
        f"{sube.id_publico},,corregir,,,5",
    )
    assert test_fichero.causas(fichero) == {
        2: "sube", 3: "ya", 4: "valor_invalido", 5: "valor_invalido", 6: "valor_invalido",
        7: "valor_invalido", 8: "transicion_invalida", 9: "contradice", 10: "contradice",
        12: "repetida", 13: "contradice", 14: "contradice", 15: "varias", 16: "sin_motivo",
    }  # fmt: skip
    assert "haz un ajuste" in fichero.saltadas.get(numero=2).detalle
    test_fichero.aplicar(fichero)
    assert list(MovimientoConversion.objects.filter(tipo="ajuste").values_list("conversion")) == [
        (repetida.conversion_id,)
    ]


def test_lo_que_cambia_antes_se_aparta() -> None:
    """Its value was seen: a sale that is worth something else by then is not corrected."""
    una, otra, hecha = (fabricas.comision() for _n in range(3))
    fichero = subir(fila(una, "50"), fila(otra, "50"), fila(hecha, "50"))
    for comision, monto in ((una, 1), (hecha, 50)):
        datos = Devolucion(id_externo=f"d-{comision.pk}", monto=D(monto))
        devolver(conversion=comision.conversion, datos=datos, actor=LUIS)
    test_fichero.aplicar(fichero)
    lineas = LineaEnMasa.objects.order_by("comision").values_list("resultado", "detalle")
    assert [resultado for resultado, _detalle in lineas] == ["cambio", "hecha", "ya"]
    assert "99" in lineas[0][1]
    assert [queda_de(c.conversion) for c in (una, otra, hecha)] == [99, 50, 50]


def test_otra_vez_no_hace_nada() -> None:
    """A portion begun again after a crash finds it done."""
    comision = fabricas.comision()
    fichero = subir(fila(comision, "50"))
    test_fichero.aplicar(fichero)
    decision = DecisionEnMasa.objects.get()
    DecisionEnMasa.objects.filter(pk=decision.pk).update(estado="en_curso", hasta=0)
    avanzar_decision(decision_pk=decision.pk)
    assert LineaEnMasa.objects.get().resultado == "ya"
    assert OutboxEvent.objects.filter(type="ConversionRevertida").count() == 1
    with pytest.raises(ValorDistinto):
        corregir_venta(
            conversion=comision.conversion, esperado=D(100), nuevo=D(50), id_externo="x",
            motivo="m", actor=ANA,
        )  # fmt: skip


def test_quien_no_devuelve_no_corrige() -> None:
    usuario = User.objects.create_user("tesorera", is_staff=True)
    usuario.groups.add(Group.objects.get(name="Tesorería"))
    quien = persona(usuario.pk)
    fichero = subir(fila(fabricas.comision(), "50"), actor=quien)
    with pytest.raises(NoPermitido, match="Corregir"):
        confirmar_fichero(fichero=fichero, actor=quien)
    assert not MovimientoConversion.objects.exists()


def test_una_fila_mas_no_pregunta_mas(django_assert_max_num_queries: Any) -> None:
    en, de = fabricas.campana(), fabricas.afiliado()
    filas = [fila(fabricas.comision(de=de, en=en), "50") for _n in range(20)]
    with django_assert_max_num_queries(60):
        subir(*filas)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("contra", ["aprobar", "congelar"])
def test_a_la_vez_que_otro(contra: str) -> None:
    """Whoever comes first, what is owed at the end is what the corrected sale earns."""
    suya = fabricas.comision(ocurrida_en=hace(days=60))
    if contra == "congelar":
        aprobar_comision(comision=suya, actor=ANA)
    fichero = subir(fila(suya, "80"))
    confirmar_fichero(fichero=fichero, actor=jefa())
    decision = fichero.decisiones.get()

    def corregir() -> None:
        avanzar_decision(decision_pk=decision.pk)
        fabricas.entregar_todo()

    def otro() -> Any:
        if contra == "aprobar":
            return aprobar_comision(comision=suya, actor=ANA)
        lote = proponer_lote(moneda="USD", actor=ANA, pasarela="archivo")
        return congelar_lote(lote=lote, actor=ANA)

    a_la_vez([corregir, otro])
    avanzar_decision(decision_pk=decision.pk)
    fabricas.entregar_todo()
    assert queda_de(suya.conversion) == 80
    assert saldos(suya.afiliado) == {"USD": D(8)}
    assert Historial.objects.filter(entidad="conversion", accion="revertir").count() == 1
    assert faltas() == []
