"""What is known of a payment stays in the database, with the bank's own words."""

from __future__ import annotations

import pytest

from alpespartner.comun.errores import Conflicto
from alpespartner.comun.models import Historial
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import decidir_pago, resolver_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db


def releido(pago: Pago) -> Pago:
    return Pago.objects.get(pk=pago.pk)


def ultimo_paso(pago: Pago) -> Historial:
    return Historial.objects.filter(entidad="pago", entidad_id=pago.id_publico).latest("pk")


@pytest.mark.parametrize(
    ("dicho", "queda"),
    [("AC04 cuenta cerrada", "AC04 cuenta cerrada"), ("", "El banco lo devolvió.")],
)
def test_por_que_lo_devolvieron(pasarela: type[PasarelaDePruebas], dicho: str, queda: str) -> None:
    """In the payment, in its history and in what it owes again."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto", detalle=dicho), actor=PRUEBAS)
    assert (releido(pago).estado, releido(pago).detalle) == ("devuelto", queda)
    assert ultimo_paso(pago).motivo == queda
    ajuste = Ajuste.objects.get()
    assert ajuste.motivo == f"{pago.id_publico}: {queda}"
    assert (ajuste.monto, ajuste.moneda) == (pago.importe, "USD")
    evento = OutboxEvent.objects.get(type="PagoDevuelto")
    assert ajuste.id_publico in evento.payload


@pytest.mark.parametrize("dicho", ["fallido", "incierto"])
def test_por_que_no_se_pago(pasarela: type[PasarelaDePruebas], dicho: str) -> None:
    """What the bank said when it refused, or when it did not know."""
    pago = fabricas.pago()
    fabricas.reclamado(pago)
    respuesta = Respuesta(dicho, detalle="AM04 sin fondos")  # type: ignore[arg-type]
    assert resolver_pago(pago_pk=pago.pk, respuesta=respuesta, actor=PRUEBAS) == "aplicado"
    assert (releido(pago).estado, releido(pago).detalle) == (dicho, "AM04 sin fondos")
    assert ultimo_paso(pago).motivo == "AM04 sin fondos"


def test_lo_pagado_guarda_su_referencia(pasarela: type[PasarelaDePruebas]) -> None:
    """It is what one asks the bank with."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert releido(pago).detalle == f"ref-{pago.id_publico}"
    suya = Comision.objects.get()
    assert suya.pagada_en == releido(pago).pagado_en is not None


@pytest.mark.parametrize(("por_fichero", "pagado"), [(True, True), (True, False), (False, True)])
def test_decidir_lo_que_se_esta_enviando(
    pasarela: type[PasarelaDePruebas],
    monkeypatch: pytest.MonkeyPatch,
    por_fichero: bool,
    pagado: bool,
) -> None:
    """What went in a file nobody will answer for: a person says. What a gateway has in its hands,
    the gateway."""
    monkeypatch.setattr(pasarela, "por_fichero", por_fichero)
    pago = fabricas.pago()
    fabricas.reclamado(pago)
    assert releido(pago).estado == "enviando"
    if not por_fichero:
        with pytest.raises(Conflicto) as error:
            decidir_pago(pago=pago, pagado=pagado, actor=ANA, motivo="extracto")
        assert error.value.codigo == "pago_no_incierto"
        assert releido(pago).estado == "enviando"
        return
    decidir_pago(pago=pago, pagado=pagado, actor=ANA, motivo="extracto")
    assert releido(pago).estado == ("pagado" if pagado else "fallido")
    assert releido(pago).detalle == "extracto"
    assert Comision.objects.get().estado == ("pagada" if pagado else "aprobada")


@pytest.mark.parametrize("por_fichero", [True, False])
def test_lo_decidido_no_se_decide_otra_vez(
    pasarela: type[PasarelaDePruebas], monkeypatch: pytest.MonkeyPatch, por_fichero: bool
) -> None:
    """Nor what nobody sent yet, whatever the gateway."""
    monkeypatch.setattr(pasarela, "por_fichero", por_fichero)
    pago = fabricas.pago()
    with pytest.raises(Conflicto):
        decidir_pago(pago=pago, pagado=True, actor=ANA, motivo="extracto")
    fabricas.reclamado(pago)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("pagado", referencia="r"), actor=PRUEBAS)
    with pytest.raises(Conflicto):
        decidir_pago(pago=pago, pagado=False, actor=ANA, motivo="extracto")
    assert (releido(pago).estado, releido(pago).detalle) == ("pagado", "r")


def test_lo_reenviado_se_cuenta(pasarela: type[PasarelaDePruebas]) -> None:
    """Who follows a payment by its events learns that it went out a second time."""
    pasarela.accidentes.append("falla_antes")
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert releido(pago).estado == "incierto"
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert releido(pago).estado == "pagado"
    assert fabricas.eventos_de(pago.id_publico) == [
        "PagoEnviado", "PagoIncierto", "PagoReenviado", "PagoConfirmado",
    ]  # fmt: skip
    assert list(
        Historial.objects.filter(entidad="pago", entidad_id=pago.id_publico)
        .order_by("pk")
        .values_list("accion", flat=True)
    ) == ["programar", "enviar", "dejar_incierto", "reenviar", "confirmar"]
