"""Where an affiliate is paid: a wait, a second person, and everybody told."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import confirmar_cuenta, guardar_cuenta, las_que_toco
from afiliados.errores import CuentaCambiada, YaConfirmada
from alpespartner.comun.actores import persona
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.models import Historial
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.notificaciones.models import Notificacion
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.lotes.propuesta import proponer_lote
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
ESPANA, ALEMANIA = "ES9121000418450200051332", "DE89370400440532013000"
EVA = persona(3)


def guardar(de: Afiliado, iban: str = ESPANA) -> CuentaBancaria:
    return guardar_cuenta(afiliado=de, titular="Ada", iban=iban, actor=ANA)


def correo(de: Afiliado, email: str, actor: Any = ANA) -> None:
    actualizar_afiliado(afiliado=de, cambios={"email": email}, actor=actor)


def programados() -> int:
    return int(barrer_pagos(actor=PRUEBAS)["programados"])


@pytest.fixture(autouse=True)
def _sin_demora(settings: Any) -> None:
    settings.PAGOS_SEGUNDOS_BARRIDO = 0


@pytest.mark.parametrize("confirmada", [True, False])
def test_la_primera_tambien_espera(confirmada: bool) -> None:
    """Nothing goes to it before both its wait and its second person, by sweep or by batch."""
    suya = fabricas.afiliado()
    cuenta = guardar(suya)
    fabricas.aprobada(de=suya)
    if confirmada:
        confirmar_cuenta(cuenta=cuenta, actor=LUIS)
    assert programados() == 0
    fabricas.aprobada()
    lote = proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)
    assert [e.motivo for e in lote.exclusiones.all()] == ["cuenta_en_espera"]
    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        assert programados() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert programados() == int(confirmada)


def test_quien_no_la_confirma() -> None:
    """Neither who saved it nor who moved the mail a short time before; and only once."""
    suya = fabricas.afiliado()
    correo(suya, "otra@example.com", actor=LUIS)
    cuenta = guardar(suya)
    for actor in (ANA, LUIS):
        with pytest.raises(CuatroOjos):
            confirmar_cuenta(cuenta=cuenta, actor=actor)
    guardada = CuentaBancaria.objects.get()
    assert (guardada.confirmada_en, guardada.confirmada_por) == (None, "")
    confirmar_cuenta(cuenta=cuenta, actor=EVA)
    guardada.refresh_from_db()
    assert guardada.confirmada_por == str(EVA)
    assert guardada.confirmada_en is not None
    with pytest.raises(YaConfirmada):
        confirmar_cuenta(cuenta=cuenta, actor=EVA)


def test_quien_cambio_el_correo_hace_tiempo_puede_confirmar() -> None:
    """A short time is counted from this account, not from the one that was there before."""
    suya, ahora = fabricas.afiliado(), timezone.now()
    with time_machine.travel(ahora - timedelta(days=30)):
        guardar(suya)
    with time_machine.travel(ahora - timedelta(days=10)):
        correo(suya, "otra@example.com", actor=LUIS)
    with time_machine.travel(ahora, tick=False):
        guardar(suya, ALEMANIA)
    cuenta = CuentaBancaria.objects.get()
    assert (cuenta.actualizado_en, cuenta.cambiada_por) == (ahora, str(ANA))
    assert cuenta.utilizable_en == ahora + timedelta(hours=72)
    assert Afiliado.objects.get().actualizado_en == ahora
    version = Afiliado.objects.get().version
    confirmar_cuenta(cuenta=cuenta, actor=LUIS)
    assert Afiliado.objects.get().version == version + 1
    evento = OutboxEvent.objects.get(type="CuentaBancariaConfirmada")
    assert (evento.aggregateid, evento.aggregate_version) == (suya.id_publico, version + 1)


def test_se_confirma_la_que_se_vio() -> None:
    """One that changed meanwhile is another; a change asks for the second person again."""
    suya = fabricas.afiliado()
    vista = guardar(suya)
    vista = CuentaBancaria.objects.get(pk=vista.pk)
    guardar(suya, ALEMANIA)
    with pytest.raises(CuentaCambiada):
        confirmar_cuenta(cuenta=vista, actor=LUIS)
    confirmar_cuenta(cuenta=CuentaBancaria.objects.get(), actor=LUIS)
    guardar(suya, ESPANA)
    assert CuentaBancaria.objects.get().confirmada_en is None


def test_cambiar_el_correo_reinicia_la_espera() -> None:
    """Of an account that was being paid to; another field does not."""
    suya = fabricas.afiliado(email="suya@example.com")
    fabricas.cuenta(suya)
    fabricas.aprobada(de=suya)
    actualizar_afiliado(afiliado=suya, cambios={"telefono": "600"}, actor=ANA)
    assert CuentaBancaria.objects.get().utilizable
    correo(suya, "ladron@example.com")
    assert programados() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert programados() == 1


def test_todos_se_enteran() -> None:
    """Mail there, account, mail back: the owner's address and the other are told of all three."""
    suya = fabricas.afiliado(email="suya@example.com")
    fabricas.cuenta(suya)
    fabricas.entregar_todo()
    enviar_pendientes()
    mail.outbox.clear()
    correo(suya, "ladron@example.com")
    guardar(suya, ALEMANIA)
    correo(suya, "suya@example.com")
    fabricas.entregar_todo()
    enviar_pendientes()
    dichos = sorted((m.subject, *m.to) for m in mail.outbox)
    dos = ["ladron@example.com", "suya@example.com"]
    assert dichos == [
        *[("Cambió tu correo", a) for a in (dos[0], dos[0], dos[1], dos[1])],
        *[("Cambió tu cuenta bancaria", a) for a in dos],
    ]
    # Each on its own, and no address in a mail, an event or, in clear, in the waiting mail.
    dicho = " ".join(m.body for m in mail.outbox)
    dicho += json.dumps(list(OutboxEvent.objects.values_list("payload", flat=True)))
    dicho += str(list(Notificacion.objects.values()))
    assert "@example.com" not in dicho


def test_el_historial_guarda_lo_de_antes() -> None:
    """Old and new values; of a bank account, only our key reads them."""
    suya = fabricas.afiliado(email="suya@example.com")
    guardar(suya)
    guardar(suya, ALEMANIA)
    correo(suya, "nueva@example.com")
    cambio = Historial.objects.filter(accion="cambiar_cuenta").latest("pk").datos
    assert [json.loads(descifrar(cambio[lado])) for lado in ("antes", "despues")] == [
        ["Ada", ESPANA, ""], ["Ada", ALEMANIA, ""],
    ]  # fmt: skip
    assert ESPANA not in str(list(Historial.objects.values()))
    datos = Historial.objects.get(accion="actualizar").datos
    assert json.loads(descifrar(datos["personales"])) == {
        "antes": {"email": "suya@example.com"},
        "despues": {"email": "nueva@example.com"},
    }
    actualizar_afiliado(
        afiliado=suya, cambios={"comision_base": Decimal("7.5")}, actor=ANA, motivo="m"
    )
    datos = Historial.objects.filter(accion="actualizar").latest("pk").datos
    assert (datos["antes"], datos["despues"]) == (
        {"comision_base": "10.0000"}, {"comision_base": "7.5"},
    )  # fmt: skip
    assert "personales" not in datos


def test_por_la_pagina(client: Any, django_user_model: Any) -> None:
    """The one who saved it reads why not; the other has the button."""
    suya = fabricas.afiliado()
    una = django_user_model.objects.create_superuser("una")
    otra = django_user_model.objects.create_superuser("otra")
    client.force_login(una)
    client.post(
        reverse("admin:afiliados_cuentabancaria_add"),
        {"afiliado": suya.pk, "titular": "Ada", "iban": ESPANA, "bic": ""},
    )
    cuenta = CuentaBancaria.objects.get()
    ficha = reverse("admin:afiliados_cuentabancaria_change", args=[cuenta.pk])
    accion = reverse("admin:afiliados_cuentabancaria_accion", args=[cuenta.pk, "confirmar"])
    assert "no puede confirmarla" in client.get(ficha).content.decode()
    client.post(accion)
    cuenta.refresh_from_db()
    assert cuenta.confirmada_en is None
    client.force_login(otra)
    assert accion in client.get(ficha).content.decode()
    client.post(accion)
    cuenta.refresh_from_db()
    assert cuenta.confirmada_en is not None


def test_de_varias_cuentas_cada_una_desde_su_fecha() -> None:
    """The older one was saved long before; whoever wrote its owner's e-mail then is of it."""
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        vieja = guardar(fabricas.afiliado())
        correo(vieja.afiliado, "otro@example.com", EVA)
    nueva = guardar(fabricas.afiliado())
    ambas = CuentaBancaria.objects.select_related("afiliado").order_by("pk")
    assert las_que_toco(list(ambas), EVA) == {vieja.pk}
    assert las_que_toco(list(ambas), ANA) == {vieja.pk, nueva.pk}
    assert las_que_toco([], EVA) == set()
