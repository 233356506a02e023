"""An approval that is undone, any number of times: what ledger, history and events say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from alpespartner.comun.errores import DatoInvalido, TransicionInvalida
from alpespartner.comun.invariantes import Comprobacion
from alpespartner.comun.models import Historial
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from comisiones.invariantes import COMPROBACIONES
from comisiones.libro.models import Apunte, Asiento
from comisiones.libro.selectors import saldos
from comisiones.notificaciones.models import Novedad
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import descartar_lote, proponer_lote
from comisiones.revision.automatica import (
    aprobar_por_politicas,
    por_que_no_sola,
    publicar_politica,
)
from comisiones.revision.errores import Cambio, EnUnPago
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    devolver_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, hace, problema

pytestmark = pytest.mark.django_db
D = Decimal


def faltas() -> list[str]:
    """What does not hold, of all that always does."""
    todas: list[Comprobacion] = [c for c in COMPROBACIONES if not c.aviso]
    return [fila for c in todas for fila in c.filas()]


def test_deshace_lo_aprobado() -> None:
    suya, otra = fabricas.aprobada(valor="100.10"), fabricas.aprobada(valor="3")
    devuelta = devolver_comision(comision=suya, actor=LUIS, motivo_codigo="fraude", motivo=" Ojo ")
    leida = Comision.objects.get(pk=suya.pk)
    assert (leida.estado, leida.aprobada_por, leida.aprobada_en) == ("pendiente", "", None)
    assert (leida.motivo_codigo, leida.motivo, leida.version) == ("fraude", "Ojo", 3)
    assert leida.version == devuelta.version
    lineas = Apunte.objects.filter(asiento__origen=suya.id_publico, asiento__tipo="devolucion")
    assert list(lineas.order_by("id").values_list("cuenta", "importe", "afiliado")) == [
        ("por_pagar", D("10.01"), suya.afiliado_id), ("gasto_comisiones", D("-10.01"), None),
    ]  # fmt: skip
    assert saldos(suya.afiliado).get("USD", D(0)) == 0
    assert saldos(otra.afiliado) == {"USD": D("0.30")}
    paso = Historial.objects.get(entidad_id=suya.id_publico, accion="devolver")
    assert (paso.actor, paso.estado_anterior, paso.estado_nuevo) == (
        str(LUIS), "aprobada", "pendiente",
    )  # fmt: skip
    assert (paso.motivo, paso.datos) == ("Ojo", {"motivo_codigo": "fraude"})
    evento = OutboxEvent.objects.get(type="ComisionDevuelta")
    assert (evento.aggregateid, evento.aggregate_version) == (suya.id_publico, 3)
    assert '"monto":"10.01"' in evento.payload.replace(" ", "")
    assert faltas() == []


@pytest.mark.lento
def test_las_veces_que_haga_falta() -> None:
    """Approved and undone three times, with a refund between, and voided in the end."""
    suya = fabricas.comision(valor="100")
    for vez in range(1, 4):
        aprobar_comision(comision=suya, actor=ANA)
        assert faltas() == []
        if vez == 2:
            dada = Devolucion(id_externo="d", monto=D("33.33"))
            devolver(conversion=suya.conversion, datos=dada, actor=ANA)
            aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=PRUEBAS)
            assert saldos(suya.afiliado) == {"USD": D("6.67")}
        devolver_comision(comision=suya, actor=LUIS, motivo="m")
        assert saldos(suya.afiliado).get("USD", D(0)) == 0
        assert faltas() == []
    aprobar_comision(comision=suya, actor=ANA)
    assert saldos(suya.afiliado) == {"USD": D("6.67")}
    anular_comision(comision=suya, actor=ANA, motivo="m")
    assert saldos(suya.afiliado).get("USD", D(0)) == 0
    veces = Asiento.objects.filter(origen=suya.id_publico).order_by("id")
    assert list(veces.values_list("tipo", "vez")) == [
        ("aprobacion", 1), ("devolucion", 1), ("reaprobacion", 1), ("devolucion", 2),
        ("reaprobacion", 2), ("devolucion", 3), ("reaprobacion", 3), ("anulacion", 1),
    ]  # fmt: skip
    assert faltas() == []


def pendiente() -> Comision:
    return fabricas.comision()


def retenida() -> Comision:
    return retener_comision(comision=fabricas.comision(), actor=ANA, motivo="m")


def rechazada() -> Comision:
    return rechazar_comision(comision=fabricas.comision(), actor=ANA, motivo="m")


def cerrada() -> Comision:
    return fabricas.aprobada(de=fabricas.afiliado(comision_base=D(0)))


@pytest.mark.parametrize("crear", [pendiente, retenida, rechazada, cerrada])
def test_solo_lo_aprobado(crear: Callable[[], Comision]) -> None:
    suya = crear()
    antes = fabricas.foto()
    with pytest.raises(TransicionInvalida):
        devolver_comision(comision=suya, actor=ANA, motivo="m")
    assert fabricas.foto() == antes


@pytest.mark.parametrize("congelado", [False, True])
def test_no_desde_un_pago(congelado: bool) -> None:
    """A draft holds it, and so does a frozen batch; dropped, it goes back."""
    suya = fabricas.aprobada()
    Comision.objects.filter(pk=suya.pk).update(madura_en=hace(days=1))
    lote = proponer_lote(moneda="USD", actor=ANA, pasarela="archivo")
    assert lote.numero_pagos == 1
    if congelado:
        lote = congelar_lote(lote=lote, actor=ANA)
    antes = fabricas.foto()
    with pytest.raises(EnUnPago):
        devolver_comision(comision=suya, actor=LUIS, motivo="m")
    assert fabricas.foto() == antes
    if not congelado:
        descartar_lote(lote=lote, actor=ANA, motivo="m")
        assert devolver_comision(comision=suya, actor=LUIS, motivo="m").estado == "pendiente"
        assert faltas() == []


def test_la_politica_no_la_aprueba_otra_vez() -> None:
    """Who sent it back wants a person to look."""
    campana = fabricas.campana(dias_retencion=10)
    datos: dict[str, Any] = {"en": campana, "ocurrida_en": hace(days=11)}
    suya, otra = fabricas.aprobada(**datos), fabricas.comision(**datos)
    devolver_comision(comision=suya, actor=ANA, motivo="m")
    publicar_politica(campana=campana, hasta=D(100), motivo="m", actor=LUIS)
    assert por_que_no_sola(Comision.objects.get(pk=suya.pk)) == [
        "una persona la devolvió a revisión"
    ]
    assert aprobar_por_politicas(actor=PRUEBAS) == 1
    estados = {c.pk: c.estado for c in Comision.objects.all()}
    assert estados == {suya.pk: "pendiente", otra.pk: "aprobada"}


def test_el_afiliado_lo_sabe() -> None:
    suya = fabricas.aprobada()
    devolver_comision(comision=suya, actor=ANA, motivo="Sospecha")
    fabricas.entregar_todo()
    dicha = Novedad.objects.get(clase="devuelta")
    assert (dicha.afiliado_id, dicha.monto) == (suya.afiliado_id, suya.monto)
    assert dicha.motivo == "La estamos revisando."


@pytest.mark.parametrize("hacer", [rechazar_comision, retener_comision, devolver_comision])
def test_motivos(hacer: Callable[..., Comision]) -> None:
    """Of the list, in words, or both; of neither, or of another list, nothing happens."""

    def nueva() -> Comision:
        return fabricas.aprobada() if hacer is devolver_comision else fabricas.comision()

    suya = nueva()
    antes = fabricas.foto()
    for malo in ({}, {"motivo": " "}, {"motivo_codigo": "otro"}, {"motivo": "x" * 501},
                 {"motivo_codigo": "fraude", "motivo": "x" * 501}):  # fmt: skip
        with pytest.raises(DatoInvalido):
            hacer(comision=suya, actor=ANA, **malo)
    assert fabricas.foto() == antes
    hacer(comision=suya, actor=ANA, motivo_codigo="sin_existencias")
    leida = Comision.objects.get(pk=suya.pk)
    assert (leida.motivo_codigo, leida.motivo) == ("sin_existencias", "")
    assert leida.motivo_dicho == "Sin existencias"
    with override("en"):
        assert leida.motivo_dicho == "Out of stock"
    carga = OutboxEvent.objects.filter(aggregateid=suya.id_publico).latest("posicion").payload
    assert '"motivo_codigo":"sin_existencias"' in carga.replace(": ", ":")
    hacer(comision=(otra := nueva()), actor=ANA, motivo="Como siempre")
    leida = Comision.objects.get(pk=otra.pk)
    assert (leida.motivo_codigo, leida.motivo_dicho) == ("", "Como siempre")


def test_lo_que_se_miro_es_lo_que_hay() -> None:
    """Whoever looked at another version decides nothing."""
    suya = fabricas.comision()
    retener_comision(comision=suya, actor=LUIS, motivo="m")
    antes = fabricas.foto()
    for hacer in (aprobar_comision, rechazar_comision):
        with pytest.raises(Cambio):
            hacer(comision=suya, actor=ANA, motivo="m", vista=1)
    assert fabricas.foto() == antes
    assert aprobar_comision(comision=suya, actor=ANA, vista=2).estado == "aprobada"


def test_por_la_api() -> None:
    suya = fabricas.aprobada()
    api = fabricas.api(["comisiones:aprobar", "comisiones:leer"])
    ruta = f"/api/v1/comisiones/{suya.id_publico}/devolver"
    problema(api.enviar(ruta, {}), 400)
    problema(api.enviar(ruta, {"motivo": "m", "motivo_codigo": "otro"}), 400)
    respuesta = api.enviar(ruta, {"motivo": "m", "motivo_codigo": "prueba"})
    assert respuesta.status_code == 200
    cuerpo = respuesta.json()
    assert (cuerpo["estado"], cuerpo["motivo_codigo"]) == ("pendiente", "prueba")
    problema(api.enviar(ruta, {"motivo": "m"}), 409, "transicion_invalida")
    fabricas.problema(fabricas.api(["comisiones:leer"]).enviar(ruta, {"motivo": "m"}), 403)
    ajena = fabricas.api(["comisiones:leer"], de=fabricas.afiliado(email="o@example.com"))
    assert ajena.get(f"/api/v1/comisiones/{suya.id_publico}").status_code == 404


def test_el_limite_del_dia_lo_descuenta(settings: Any) -> None:
    """What a key approved and was undone is no part of what it approved today."""
    settings.APROBACION_CLAVE_POR_DIA = {"USD": D(15)}
    settings.APROBACION_CLAVE_POR_VENTA = None
    primera, segunda = fabricas.comision(), fabricas.comision()
    api = fabricas.api(["comisiones:aprobar"])

    def aprobar(cual: Comision) -> int:
        return int(api.enviar(f"/api/v1/comisiones/{cual.id_publico}/aprobar", {}).status_code)

    assert [aprobar(primera), aprobar(segunda)] == [200, 403]
    devolver_comision(comision=primera, actor=ANA, motivo="m")
    assert aprobar(segunda) == 200
