"""Bank data: only valid ones get in, nobody reads them, and changing them holds the money."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import confirmar_cuenta, guardar_cuenta, iban_de
from alpespartner.comun.cifrado import cifrar, descifrar, huella
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.models import Historial
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.lotes.ciclo import congelar_lote, liberar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
ESPANA = "ES91 2100 0418 4502 0005 1332"
ALEMANIA = "DE89370400440532013000"


def cuenta(**datos: Any) -> CuentaBancaria:
    """An account in Spain."""
    valores = {"afiliado": None, "titular": "Ada", "iban": ESPANA, "actor": ANA, **datos}
    valores["afiliado"] = valores["afiliado"] or fabricas.afiliado()
    return guardar_cuenta(**valores)


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"iban": ""}, "iban"),
        ({"iban": "ES9121000418450200051333"}, "iban"),
        ({"iban": "ES912100041845020005133"}, "iban"),
        ({"iban": "XX9121000418450200051332"}, "iban"),
        # Right check digits over a national number whose own are wrong.
        ({"iban": "ES6621000418410200051332"}, "iban"),
        ({"iban": "no es una cuenta"}, "iban"),
        ({"bic": "CAIX"}, "bic"),
        ({"bic": "CHASUS33"}, "bic"),
        ({"titular": "  "}, "titular"),
        ({"titular": "x" * 71}, "titular"),
    ],
)
def test_lo_que_no_vale(datos: dict[str, str], campo: str) -> None:
    """A wrong digit is money in a stranger's account."""
    with pytest.raises(DatoInvalido) as error:
        cuenta(**datos)
    assert error.value.campo == campo
    assert not CuentaBancaria.objects.exists()
    if datos.get(campo):
        assert datos[campo] not in error.value.mensaje


def test_cifrada_y_en_ningun_otro_sitio(caplog: pytest.LogCaptureFixture) -> None:
    """The number is not in the table, the history, the events or the log."""
    suya = cuenta(bic="CAIXESBB")
    assert iban_de(suya) == ESPANA.replace(" ", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM afiliados_cuentabancaria")
        fila = str(cursor.fetchone())
    volcado = fila + str(list(Historial.objects.values())) + caplog.text
    volcado += json.dumps(list(OutboxEvent.objects.values_list("payload", flat=True)))
    assert "2100041845" not in volcado
    assert "1332" in fila
    assert cifrar("x") != cifrar("x")
    assert descifrar(cifrar("ñ")) == "ñ"
    assert huella("a", "bc") != huella("ab", "c")


def test_el_cambio_espera(settings: Any) -> None:
    """The owner is told of the change, and for three days nothing goes to the new account."""
    settings.PAGOS_SEGUNDOS_BARRIDO = 0
    suya = fabricas.afiliado()
    fabricas.cuenta(suya)
    fabricas.aprobada(de=suya)
    confirmar_cuenta(cuenta=cuenta(afiliado=suya, iban=ALEMANIA), actor=LUIS)
    fabricas.entregar_todo()
    enviar_pendientes(segundos=60)
    _primera, aviso = [m for m in mail.outbox if "Cambió tu cuenta" in m.subject]
    assert "3000" in aviso.body
    assert ALEMANIA not in aviso.body
    assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        assert barrer_pagos(actor=PRUEBAS)["programados"] == 0
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert barrer_pagos(actor=PRUEBAS)["programados"] == 1


def test_un_cambio_despues_de_programar_tambien_para() -> None:
    """Already in a payment, or in a batch that somebody is about to release."""
    pago = fabricas.pago()
    fabricas.cuenta(pago.afiliado)
    cuenta(afiliado=pago.afiliado, iban=ALEMANIA)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "listo"
    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        # The sweep does not try it every few seconds for three days.
        assert barrer_pagos(actor=PRUEBAS)["encolados"] == 0
    otra = fabricas.afiliado()
    fabricas.cuenta(otra)
    fabricas.aprobada(de=otra)
    lote = proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)
    lote = congelar_lote(lote=lote, actor=LUIS)
    cuenta(afiliado=otra, iban=ALEMANIA)
    assert liberar_lote(lote=lote, actor=PRUEBAS).estado == "borrador"


def test_la_pagina_no_ensena_el_numero(client: Any, django_user_model: Any) -> None:
    """Not even to who may change it; and a change asks for the whole number again."""
    suya = cuenta()
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    url = reverse("admin:afiliados_cuentabancaria_change", args=[suya.pk])
    pagina = client.get(url).content.decode()
    assert "1332" in pagina
    assert "210004" not in pagina
    client.post(url, {"titular": "Otra", "iban": "", "bic": ""})
    suya.refresh_from_db()
    assert suya.titular == "Ada"
    client.post(url, {"titular": "Otra", "iban": ALEMANIA, "bic": ""})
    suya.refresh_from_db()
    assert (suya.titular, suya.destino_final) == ("Otra", "3000")


def test_de_una_cuenta_de_banco_a_una_de_stripe(client: Any, django_user_model: Any) -> None:
    """From its page, with the wait and the mail of any other change; the id is not shown."""
    suya = cuenta(bic="CAIXESBB")
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    url = reverse("admin:afiliados_cuentabancaria_change", args=[suya.pk])
    client.post(url, {"titular": "Ada", "iban": "acct_1MTfjCQ9PRzxEwkZ", "bic": "CAIXESBB"})
    suya.refresh_from_db()
    assert suya.tipo == "iban"
    client.post(url, {"titular": "Ada", "iban": "acct_1MTfjCQ9PRzxEwkZ", "bic": ""})
    suya.refresh_from_db()
    assert (suya.tipo, suya.pais, suya.bic, suya.destino_final) == ("stripe", "", "", "EwkZ")
    assert suya.utilizable_en > timezone.now() + timedelta(hours=71)
    assert "1MTfj" not in client.get(url).content.decode()
    fabricas.entregar_todo()
    enviar_pendientes(segundos=60)
    assert "EwkZ" in [m for m in mail.outbox if "Cambió tu cuenta" in m.subject][-1].body
