"""The gateway of Stripe, with its own library, against a Stripe that behaves badly."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.cuentas.services import guardar_cuenta, iban_de
from alpespartner.comun.errores import DatoInvalido
from comisiones.models import Pago
from comisiones.pagos import barrido
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pasarelas.interfaz import nombres_de_pasarelas
from comisiones.pagos.pasarelas.stripe import NoCabe, unidades
from tests import fabricas
from tests.comisiones.pagos.pasarelas.stripe_malo import RECHAZOS, Stripe
from tests.comisiones.pagos.por_stripe import (
    ACCT,
    cuenta,
    en_marcha,
    estado,
    otra_parte,
    pago,
    salido,
)
from tests.fabricas import ANA, LUIS, PRUEBAS

__all__ = ["otra_parte", "pago"]
SIN_PAGAR = ("sin_saldo", "destino_desconocido")


def test_lo_que_se_pide(pago: Pago, otra_parte: Stripe) -> None:
    """Units, destination, key and what finds it again; nothing personal."""
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (estado(pago), pago.detalle) == ("pagado", "tr_0")
    [vista] = otra_parte.vistas
    assert vista["Idempotency-Key"] == vista["transfer_group"] == pago.id_publico
    assert (vista["amount"], vista["currency"], vista["destination"]) == ("1000", "usd", ACCT)
    assert {k for k in vista if k.startswith("metadata")} == {
        "metadata[pago_id]", "metadata[afiliado_id]",
    }  # fmt: skip
    assert "Ada" not in str(vista)
    assert salido() == 10


@pytest.mark.lento
@pytest.mark.parametrize(
    "maldad", [*RECHAZOS, "tarda_y_paga", "corta_y_paga", "500_y_paga", "500_sin_pagar"]
)
@pytest.mark.parametrize("mudo", [0, 500])
def test_ninguna_maldad_paga_dos_veces_ni_se_adivina(
    pago: Pago, otra_parte: Stripe, maldad: str, mudo: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a plain refusal fails it, and not when nobody can say that it was not paid before."""
    otra_parte.maldades, otra_parte.mudo = [maldad], mudo
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert estado(pago) == ("fallido" if maldad in SIN_PAGAR and not mudo else "incierto")
    for _vez in range(2):
        reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        if mudo:
            assert estado(pago) == "incierto"
    otra_parte.mudo = 0
    for _vez in range(3):
        reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert len(otra_parte.transferencias) <= 1
    assert salido() == sum(t["amount"] for t in otra_parte.transferencias) / Decimal(100)
    if maldad == "500_sin_pagar":
        # The key gets the same 500 again: nobody says that it failed, and it is not paid.
        assert (estado(pago), salido()) == ("incierto", 0)
    elif maldad not in SIN_PAGAR or mudo:
        assert (estado(pago), salido()) == ("pagado", 10)
    assert "SECRETA" not in caplog.text + pago.detalle
    assert ACCT not in caplog.text


def test_un_rechazo_tras_haber_pagado_no_es_un_fallo(pago: Pago, otra_parte: Stripe) -> None:
    """A refusal of the repetition says nothing of the first request."""
    pedido = {
        "amount": "1000", "currency": "usd", "destination": ACCT,
        "transfer_group": pago.id_publico, "metadata[pago_id]": pago.id_publico,
    }  # fmt: skip
    otra_parte.anotar(pedido)
    otra_parte.maldades = ["sin_saldo"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert estado(pago) == "pagado"


@pytest.mark.parametrize(
    "cambio",
    [
        {"amount": 999}, {"currency": "eur"}, {"destination": "acct_DeOtraPersona"},
        {"amount_reversed": 1},
    ],
)  # fmt: skip
def test_otra_transferencia_no_es_la_nuestra(
    pago: Pago, otra_parte: Stripe, cambio: dict[str, Any]
) -> None:
    """Another amount, currency or payee, or part of it back: a person looks into it."""
    otra_parte.maldades = ["tarda_y_paga"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    otra_parte.transferencias[0].update(cambio)
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (estado(pago), salido()) == ("incierto", 0)
    assert sum(otra_parte.envios.values()) == 1


def test_revertida_antes_de_saberlo(pago: Pago, otra_parte: Stripe) -> None:
    """All of it came back: it was not paid, and its commission is free."""
    otra_parte.maldades = ["corta_y_paga"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    otra_parte.transferencias[0]["amount_reversed"] = 1000
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (estado(pago), salido()) == ("fallido", 0)


def test_pasada_la_memoria_no_se_manda_otra_vez(pago: Pago, otra_parte: Stripe) -> None:
    """Stripe forgets a key after 24 hours."""
    otra_parte.maldades = ["503"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=1)):
        reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (estado(pago), sum(otra_parte.envios.values())) == ("incierto", 1)


def test_otra_cuenta_no_recibe_lo_que_iba_a_la_primera(pago: Pago, otra_parte: Stripe) -> None:
    """A changed account waits, also when the payment was already on its way."""
    otra_parte.maldades = ["503"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    guardar_cuenta(afiliado=pago.afiliado, titular="Ada", iban="acct_DeQuienLaRobo", actor=ANA)
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (estado(pago), sum(otra_parte.envios.values())) == ("incierto", 1)


@pytest.mark.django_db
def test_si_no_contesta_el_barrido_no_se_queda_esperando(
    otra_parte: Stripe, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever hangs takes the time of one sweep; the next one begins behind it."""
    settings.PAGOS_SEGUNDOS_INCIERTO = 0
    uno, otro = en_marcha(2)
    for cada in (uno, otro):
        otra_parte.maldades = ["503"]
        ejecutar_pago(pago_pk=cada.pk, actor=PRUEBAS)
    monkeypatch.setattr(barrido, "SEGUNDOS_PREGUNTANDO", -1)
    assert barrido.barrer_pagos(actor=PRUEBAS)["reanudados"] == 1
    assert sorted([estado(uno), estado(otro)]) == ["incierto", "pagado"]
    assert barrido.barrer_pagos(actor=PRUEBAS)["reanudados"] == 1
    assert [estado(uno), estado(otro)] == ["pagado", "pagado"]


@pytest.mark.django_db
def test_solo_a_cuentas_de_stripe(otra_parte: Stripe) -> None:
    """Neither who has no account nor who has a bank's; and a bank file takes none of Stripe."""
    suya, sin_cuenta, del_banco = (fabricas.afiliado() for _n in range(3))
    cuenta(suya)
    cuenta(del_banco, "ES9121000418450200051332")
    for afiliado in (suya, sin_cuenta, del_banco):
        fabricas.aprobada(de=afiliado)
    lote = proponer_lote(moneda="USD", pasarela="stripe", actor=LUIS)
    assert [p.afiliado for p in lote.pagos.all()] == [suya]
    assert set(lote.exclusiones.values_list("motivo", flat=True)) == {"sin_datos_bancarios"}
    assert "1MTfj" not in str(suya.cuenta.__dict__)
    assert str(suya.cuenta) == "Stripe …EwkZ"
    with pytest.raises(ValueError):
        iban_de(suya.cuenta)


@pytest.mark.django_db
@pytest.mark.parametrize("numero", ["acct_", "acct_con espacio", "acct_abcdefgh-", "acct_1234567"])
def test_cuentas_que_no_valen(numero: str) -> None:
    """Only what Stripe's ids look like."""
    with pytest.raises(DatoInvalido) as error:
        cuenta(fabricas.afiliado(), numero)
    assert error.value.codigo == "cuenta_stripe_invalida"


@pytest.mark.parametrize(
    ("importe", "moneda", "cuanto"),
    [
        ("10.05", "USD", 1005), ("10.05", "COP", 1005), ("500", "JPY", 500), ("5", "ISK", 500),
        ("5.120", "KWD", 5120), ("99999999999.99", "USD", 9999999999999), ("7.00", "MGA", 7),
        ("5.124", "KWD", None), ("7.50", "MGA", None),
    ],
)  # fmt: skip
def test_unidades(importe: str, moneda: str, cuanto: int | None) -> None:
    """Exact, or nothing."""
    if cuanto is None:
        with pytest.raises(NoCabe):
            unidades(Decimal(importe), moneda)
    else:
        assert unidades(Decimal(importe), moneda) == cuanto


@pytest.mark.parametrize(
    ("monedas", "decimales"),
    [
        ("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF", 0),
        ("BHD JOD KWD OMR TND", 3),
        ("USD EUR COP ISK UGX HUF", 2),
    ],
)
def test_lo_que_dice_stripe_de_cada_moneda(monedas: str, decimales: int) -> None:
    """Not always what the currency has: a wrong row pays a hundred times what is due."""
    for moneda in monedas.split():
        assert unidades(Decimal(7), moneda) == 7 * 10**decimales, moneda


def test_sin_clave_no_se_ofrece() -> None:
    """The default configuration does not name it."""
    assert "stripe" not in nombres_de_pasarelas()
