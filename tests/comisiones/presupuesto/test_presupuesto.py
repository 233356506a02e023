"""The budget of a campaign: what counts, what waits, and what is released when there is room.

Every commission here is of 10 USD unless its sale says otherwise.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.errores import Conflicto
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.presupuesto.invariantes import COMPROBACIONES
from comisiones.presupuesto.services import recontar
from comisiones.revision.espera_sitio import barrer_presupuestos, liberar_las_que_caben
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    liberar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.campanas.models import Campana, PresupuestoCampana
from conversiones.campanas.services import actualizar_campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.presupuesto.cuadre import cuadran, gastado
from tests.comisiones.revision.mesa import decidir, elegir
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def socia() -> Afiliado:
    return fabricas.afiliado()


@pytest.fixture
def campana() -> Campana:
    """With room for two commissions of 10 and half of another."""
    return fabricas.campana(presupuesto=D(25))


def como(comision: Comision) -> tuple[str, str]:
    """How it is now."""
    comision.refresh_from_db()
    return comision.estado, comision.motivo_retencion


def presupuestar(campana: Campana, monto: Any) -> None:
    """Change the budget, and let what follows happen."""
    actualizar_campana(campana=campana, cambios={"presupuesto": monto}, actor=ANA)
    fabricas.entregar_todo()
    while barrer_presupuestos(actor=PRUEBAS):
        pass


def devuelta(comision: Comision, monto: int) -> None:
    """Give back part of its sale."""
    datos = Devolucion(id_externo="d", monto=D(monto))
    devolver(conversion=comision.conversion, datos=datos, actor=PRUEBAS)


AGOTADA = ("retenida", "presupuesto_agotado")
PENDIENTE = ("pendiente", "")


def test_lo_que_no_cabe_espera(socia: Afiliado, campana: Campana) -> None:
    """The sale is there with its commission, which waits; a smaller one takes what is left, to the
    cent, and then there is nothing for a cent more."""
    dos = [fabricas.comision(de=socia, en=campana) for _ in range(2)]
    tercera = fabricas.comision(de=socia, en=campana)
    justa = fabricas.comision(de=socia, en=campana, valor="50")
    un_centimo = fabricas.comision(de=socia, en=campana, valor="0.10")
    assert [como(c) for c in (*dos, justa)] == [PENDIENTE] * 3
    assert [como(c) for c in (tercera, un_centimo)] == [AGOTADA] * 2
    assert (tercera.monto, tercera.traza["resultado"]["monto"]) == (D(10), "10.00")
    assert gastado(campana) == D(25)
    assert fabricas.eventos_de(tercera.id_publico) == ["ComisionCalculada", "ComisionRetenida"]
    for hacer in (aprobar_comision, liberar_comision):
        with pytest.raises(Conflicto) as error:
            hacer(comision=tercera, actor=ANA)
        assert error.value.codigo == "presupuesto_agotado"
    assert decidir(elegir([tercera, justa])) == {
        tercera.id_publico: "presupuesto_agotado", justa.id_publico: "hecha",
    }  # fmt: skip
    assert cuadran() == []


def test_ampliar_libera_por_orden(socia: Afiliado, campana: Campana) -> None:
    """By itself, the oldest that fits first; what does not fit does not stop the smaller ones."""
    fabricas.comision(de=socia, en=campana, valor="250")
    grande, mediana, chica = (
        fabricas.comision(de=socia, en=campana, valor=valor) for valor in ("400", "100", "50")
    )
    presupuestar(campana, D(40))
    assert [como(c) for c in (grande, mediana, chica)] == [AGOTADA, PENDIENTE, PENDIENTE]
    presupuestar(campana, D("79.99"))
    assert como(grande) == AGOTADA
    presupuestar(campana, D(80))
    assert (como(grande), gastado(campana)) == (PENDIENTE, D(80))
    assert not PresupuestoCampana.objects.get().hay_sitio
    assert fabricas.eventos_de(grande.id_publico)[-1] == "ComisionLiberada"
    # Lowered under what was spent, nothing is taken back: nothing more fits.
    presupuestar(campana, D(1))
    assert como(fabricas.comision(de=socia, en=campana, valor="1")) == AGOTADA
    presupuestar(campana, None)
    assert set(Comision.objects.values_list("estado", flat=True)) == {"pendiente"}
    assert cuadran() == []


def test_lo_que_hace_sitio(socia: Afiliado) -> None:
    """Refunds, rejections and what is voided give back; holding, releasing and approving do not.
    One by one and in bulk."""
    campana = fabricas.campana(presupuesto=D(60))
    seis = [fabricas.comision(de=socia, en=campana) for _ in range(6)]
    espera = fabricas.comision(de=socia, en=campana)
    liberar_comision(comision=retener_comision(comision=seis[0], actor=ANA, motivo="m"), actor=ANA)
    aprobar_comision(comision=seis[1], actor=ANA)
    assert (gastado(campana), como(espera)) == (D(60), AGOTADA)
    devuelta(seis[0], 40)
    aplicar_devoluciones(conversiones_ids=[seis[0].conversion.id_publico], actor=PRUEBAS)
    assert gastado(campana) == D(56)
    liberar_las_que_caben(campana_pk=campana.pk, actor=PRUEBAS)
    assert como(espera) == AGOTADA
    rechazar_comision(comision=seis[2], actor=ANA, motivo="m")
    assert gastado(campana) == D(46)
    # In one click, too.
    liberar_comision(comision=espera, actor=ANA)
    assert (gastado(campana), como(espera)) == (D(56), PENDIENTE)
    anular_comision(comision=seis[1], actor=ANA, motivo="m")
    decidir(elegir([seis[3], seis[4]], "rechazar"))
    rechazar_conversion(conversion=seis[5].conversion, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert gastado(campana) == D(16)
    assert cuadran() == []


def test_lo_que_espera_no_gasta(socia: Afiliado, campana: Campana) -> None:
    """Rejecting or refunding what waits gives nothing back that was never spent; a refund may make
    it small enough."""
    fabricas.comision(de=socia, en=campana, valor="200")
    una, otra = (fabricas.comision(de=socia, en=campana) for _ in range(2))
    rechazar_comision(comision=una, actor=ANA, motivo="m")
    assert gastado(campana) == D(20)
    devuelta(otra, 50)
    fabricas.entregar_todo()
    assert (gastado(campana), como(otra)) == (D(20), AGOTADA)
    barrer_presupuestos(actor=PRUEBAS)
    otra.refresh_from_db()
    assert (gastado(campana), como(otra), otra.monto) == (D(25), PENDIENTE, D(5))
    assert cuadran() == []


def test_lo_pagado_cuenta_y_su_devolucion_hace_sitio(socia: Afiliado, campana: Campana) -> None:
    """A row in a payment does not change: its adjustment is what gives back."""
    pagada = fabricas.comision(de=socia, en=campana, valor="250")
    aprobar_comision(comision=pagada, actor=ANA)
    for pago in programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS):
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    espera = fabricas.comision(de=socia, en=campana)
    assert (como(pagada)[0], como(espera), gastado(campana)) == ("pagada", AGOTADA, D(25))
    devuelta(pagada, 100)
    fabricas.entregar_todo()
    barrer_presupuestos(actor=PRUEBAS)
    pagada.refresh_from_db()
    assert (pagada.monto, como(espera), gastado(campana)) == (D(25), PENDIENTE, D(25))
    assert cuadran() == []


def test_muchas_de_una_vez(socia: Afiliado, campana: Campana) -> None:
    """A batch takes room in the order in which its sales occurred, whatever that of the batch; of
    two campaigns each has its own, and none has no limit."""
    otra, libre = fabricas.campana(presupuesto=D(10)), fabricas.campana()
    ventas = [
        fabricas.conversion(de=socia, en=en, ocurrida_en=hace(hours=horas))
        for en in (campana, otra, libre)
        for horas in (1, 2, 3)
    ]
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    esperan = Comision.objects.filter(motivo_retencion="presupuesto_agotado")
    assert set(esperan.values_list("conversion", flat=True)) == {v.pk for v in (
        ventas[0], ventas[3], ventas[4],
    )}  # fmt: skip
    assert (gastado(campana), gastado(otra)) == (D(20), D(10))
    assert not PresupuestoCampana.objects.filter(campana=libre).exists()
    assert cuadran() == []


def test_por_la_otra_puerta(socia: Afiliado, campana: Campana) -> None:
    """Registered and calculated in one step, and a refused sale that comes back."""

    def pedir(referencia: str) -> Comision:
        return registrar_y_calcular(
            peticion=PeticionCalculo(
                referencia=referencia, afiliado=socia, campana=campana, importe=D(150),
                moneda="USD",
            ),
            actor=PRUEBAS,
        )[0]  # fmt: skip

    primera = pedir("v-1")
    rechazar_conversion(conversion=primera.conversion, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    assert (como(primera)[0], gastado(campana)) == ("anulada", D(0))
    segunda = pedir("v-2")
    assert (como(segunda), gastado(campana)) == (PENDIENTE, D(15))
    # It counts again, and there is no room by now.
    pedir("v-1")
    assert (como(primera), gastado(campana)) == (AGOTADA, D(15))
    rechazar_comision(comision=segunda, actor=ANA, motivo="m")
    liberar_las_que_caben(campana_pk=campana.pk, actor=PRUEBAS)
    assert (como(primera), gastado(campana)) == (PENDIENTE, D(15))
    assert cuadran() == []


def test_de_quien_no_esta_activo(socia: Afiliado, campana: Campana) -> None:
    """What is held for its affiliate counts; what also waited for room goes on waiting for it."""
    fabricas.comision(de=socia, en=campana)
    espera = fabricas.comision(de=socia, en=campana, valor="200")
    venta = fabricas.conversion(de=socia, en=campana)
    suspender_afiliado(afiliado=socia, actor=ANA, motivo="m")
    suya = fabricas.calcular(venta)
    assert como(suya) == ("retenida", "afiliado_no_activo")
    assert gastado(campana) == D(20)
    presupuestar(campana, D(40))
    assert (como(espera), gastado(campana)) == (("retenida", "afiliado_no_activo"), D(40))
    assert fabricas.eventos_de(espera.id_publico)[-2:] == ["ComisionLiberada", "ComisionRetenida"]


def test_lo_que_no_tenia_regla() -> None:
    """Without an amount it spends nothing; once it has one it takes room, or waits for it."""
    campana, socia = fabricas.campana(presupuesto=D(25)), fabricas.afiliado_sin_tarifa()
    tres = [fabricas.comision(de=socia, en=campana) for _ in range(3)]
    fabricas.regla(porcentaje="10", de=campana)
    fabricas.entregar_todo()
    assert [como(c) for c in tres] == [PENDIENTE, PENDIENTE, AGOTADA]
    assert (gastado(campana), cuadran()) == (D(20), [])


def test_otra_moneda_no_cuenta(socia: Afiliado, campana: Campana) -> None:
    """The limit is of the campaign's currency alone."""
    euros = fabricas.comision(de=socia, en=campana, valor="900", moneda="EUR")
    assert como(euros) == PENDIENTE
    assert not PresupuestoCampana.objects.filter(gastado__gt=0).exists()


def test_un_presupuesto_a_mitad_de_campana(socia: Afiliado) -> None:
    """What there was counts, also what changed while there was no budget."""
    campana = fabricas.campana()
    una, otra = (fabricas.comision(de=socia, en=campana) for _ in range(2))
    presupuestar(campana, D(25))
    assert gastado(campana) == D(20)
    presupuestar(campana, None)
    rechazar_comision(comision=una, actor=ANA, motivo="m")
    fabricas.comision(de=socia, en=campana, valor="40")
    actualizar_campana(campana=campana, cambios={"presupuesto": D(25)}, actor=ANA)
    # Whoever comes first counts, before its own.
    campana.refresh_from_db()
    rechazar_comision(comision=otra, actor=ANA, motivo="m")
    assert gastado(campana) == D(4)
    assert como(fabricas.comision(de=socia, en=campana, valor="210")) == PENDIENTE
    assert (gastado(campana), cuadran()) == (D(25), [])


def test_se_recuenta_lo_que_empezo_antes(socia: Afiliado, campana: Campana) -> None:
    """A sale that was being calculated when the campaign had no budget yet did not see it. The
    check of every installation waits for that count, and then says what is wrong."""
    fabricas.comision(de=socia, en=campana)
    PresupuestoCampana.objects.update(gastado=D(3))
    [comprobacion] = COMPROBACIONES
    assert list(comprobacion.filas()) == []
    ahora = timezone.now()
    assert recontar(ahora=ahora) == 0
    assert recontar(ahora=ahora + timedelta(minutes=11)) == 1
    assert (gastado(campana), recontar(ahora=ahora + timedelta(minutes=30))) == (D(10), 0)
    assert list(comprobacion.filas()) == []
    PresupuestoCampana.objects.update(gastado=D(3))
    [fallo] = comprobacion.filas()
    assert campana.id_publico in fallo


def test_sin_presupuesto_no_cuesta_nada(socia: Afiliado) -> None:
    """Not one statement names the table of budgets, and there are as many as before it existed."""
    ventas = [fabricas.conversion(de=socia, en=fabricas.campana()) for _ in range(3)]
    with CaptureQueriesContext(connection) as consultas:
        calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
        una, otra, tercera = Comision.objects.select_related("conversion").order_by("pk")
        rechazar_comision(comision=una, actor=ANA, motivo="m")
        anular_comision(comision=otra, actor=ANA, motivo="m")
        devuelta(tercera, 9)
        aplicar_devoluciones(conversiones_ids=[tercera.conversion.id_publico], actor=PRUEBAS)
    tabla = PresupuestoCampana._meta.db_table
    assert not [q["sql"] for q in consultas if tabla in q["sql"]]
    assert OutboxEvent.objects.filter(type="ComisionReducida").count() == 1
    assert Conversion.objects.count() == 3


def test_al_contar_otra_vez_queda_desde_cuando(campana: Campana) -> None:
    fabricas.comision(en=campana)
    campana.refresh_from_db()
    antes = hace(days=3)
    PresupuestoCampana.objects.update(gastado=D(7), contado_desde=antes, recontar_en=antes)
    assert recontar(ahora=timezone.now()) == 1
    fila = PresupuestoCampana.objects.get()
    assert (fila.gastado, fila.contado_desde) == (D(10), campana.presupuesto_desde)
    assert (fila.recontar_en, fila.hay_sitio) == (None, True)
