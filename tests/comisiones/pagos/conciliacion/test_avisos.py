"""Notices of Stripe, signed as Stripe signs them."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.db import transaction

from comisiones.models import AvisoPasarela, Pago
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pasarelas.interfaz import Aviso, Orden
from tests import fabricas
from tests.comisiones.pagos.pasarelas.stripe_malo import Stripe
from tests.comisiones.pagos.por_stripe import ACCT, cuenta, estado, otra_parte, pago, salido
from tests.fabricas import PRUEBAS, ClienteAPI, a_la_vez, problema

__all__ = ["otra_parte", "pago"]
RUTA = "/api/v1/avisos/stripe"
SECRETO = "whsec_DE_PRUEBA"


@pytest.fixture(autouse=True)
def _secreto(settings: Any) -> None:
    settings.STRIPE_SECRETO_AVISOS = SECRETO


@pytest.fixture
def en_camino(pago: Pago, otra_parte: Stripe) -> Pago:
    """A transfer that Stripe made and whose answer was lost."""
    otra_parte.maldades = ["corta_y_paga"]
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert estado(pago) == "incierto"
    return pago


def suceso(pago: Pago, *, evento: str = "evt_1", vuelto: int = 0, **cambios: Any) -> bytes:
    """An event as Stripe writes it."""
    transferencia = {
        "id": "tr_0", "object": "transfer", "amount": 1000, "currency": "usd",
        "amount_reversed": vuelto, "destination": ACCT, "transfer_group": pago.id_publico,
    }  # fmt: skip
    tipo = cambios.pop("tipo", "transfer.reversed" if vuelto else "transfer.created")
    sobre = cambios.pop("sobre", {})
    todo = {
        "id": evento, "object": "event", "type": tipo, "data": {"object": transferencia | cambios},
    }  # fmt: skip
    return json.dumps(todo | sobre, indent=2).encode()


def firmar(cuerpo: bytes, *, secreto: str = SECRETO, hace: int = 0) -> str:
    """What goes in the header."""
    return stripe.WebhookSignature.generate_signature_header(
        cuerpo.decode(), secreto, int(time.time()) - hace
    )


def avisar(cuerpo: bytes, firma: str | None = None) -> Any:
    """Deliver an event."""
    return ClienteAPI().enviar(
        RUTA, cuerpo, Stripe_Signature=firmar(cuerpo) if firma is None else firma
    )


def dichos() -> list[str]:
    """What each notice did."""
    return list(AvisoPasarela.objects.order_by("pk").values_list("resultado", flat=True))


def test_pagado(en_camino: Pago) -> None:
    """What nobody had answered is known, once."""
    cuerpo = suceso(en_camino)
    for _vez in range(2):
        assert avisar(cuerpo).status_code == 200
        assert (estado(en_camino), salido(), dichos()) == ("pagado", 10, ["aplicado"])
    assert en_camino.detalle == "tr_0"


def test_tarde(en_camino: Pago) -> None:
    """News that we had from the answer."""
    reanudar_pago(pago_pk=en_camino.pk, actor=PRUEBAS)
    assert avisar(suceso(en_camino)).status_code == 200
    assert (estado(en_camino), salido(), dichos()) == ("pagado", 10, ["ya_sabido"])


def test_revertida(en_camino: Pago) -> None:
    """In part, nothing is done; all of it is owed again, also when its account is another now."""
    reanudar_pago(pago_pk=en_camino.pk, actor=PRUEBAS)
    avisar(suceso(en_camino, vuelto=400))
    assert (estado(en_camino), dichos()) == ("pagado", ["en_parte"])
    cuenta(en_camino.afiliado, "acct_OtraDeLaMisma")
    avisar(suceso(en_camino, evento="evt_2", vuelto=1000))
    assert (estado(en_camino), dichos()) == ("devuelto", ["en_parte", "aplicado"])


def test_en_otro_orden(en_camino: Pago) -> None:
    """That it left, when we know that it came back, is old news."""
    avisar(suceso(en_camino, evento="evt_2", vuelto=1000))
    avisar(suceso(en_camino))
    assert (estado(en_camino), salido(), dichos()) == ("fallido", 0, ["aplicado", "ya_sabido"])


@pytest.mark.parametrize(
    ("cambio", "dicho"),
    [
        ({"amount": 999}, "otra_cosa"), ({"currency": "eur"}, "otra_cosa"),
        ({"currency": "jpy"}, "otra_cosa"), ({"destination": "acct_DeOtraPersona"}, "otra_cosa"),
        ({"destination": None}, "otra_cosa"), ({"transfer_group": "pago_X"}, "desconocido"),
        ({"transfer_group": None}, "desconocido"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("vuelto", [0, 1000])
def test_lo_que_no_es_nuestro(
    en_camino: Pago, cambio: dict[str, Any], dicho: str, vuelto: int
) -> None:
    """Kept for a person; the payment stays as it was."""
    assert avisar(suceso(en_camino, vuelto=vuelto, **cambio)).status_code == 200
    assert (estado(en_camino), salido(), dichos()) == ("incierto", 0, [dicho])


def test_sin_haberlo_mandado(pago: Pago) -> None:
    """A transfer with the name of a payment that never left is not it."""
    avisar(suceso(pago))
    assert (estado(pago), dichos()) == ("listo", ["otra_cosa"])


@pytest.mark.parametrize(
    "cambio", [{"tipo": "payout.paid"}, {"sobre": {"account": "acct_Conectada"}}]
)
def test_lo_que_no_nos_toca(en_camino: Pago, cambio: dict[str, Any]) -> None:
    """Another type, or the transfers of a connected account: taken, and nothing done."""
    assert avisar(suceso(en_camino, **cambio)).status_code == 200
    assert (estado(en_camino), dichos()) == ("incierto", [])


def test_firmas_malas(en_camino: Pago) -> None:
    """400, and nothing is written."""
    cuerpo = suceso(en_camino)
    buena = firmar(cuerpo)
    malas = [
        "", "x", "t=1,v1=", buena[:-1] + ("0" if buena[-1] != "0" else "1"), "t=1,v1=ñ",
        firmar(cuerpo, secreto="whsec_OTRO"), firmar(cuerpo, hace=301),
        firmar(suceso(en_camino, vuelto=1000)), buena.replace("v1=", "v0="),
    ]  # fmt: skip
    antes = fabricas.foto()
    for firma in malas:
        problema(avisar(cuerpo, firma), 400, "firma_invalida")
    problema(avisar(cuerpo + b" ", buena), 400, "firma_invalida")
    problema(avisar(b"\xff", buena), 400, "firma_invalida")
    problema(ClienteAPI().enviar(RUTA, cuerpo), 400, "firma_invalida")
    problema(avisar(b"x" * 1_000_001, buena), 413)
    assert (fabricas.foto(), estado(en_camino)) == (antes, "incierto")
    assert avisar(cuerpo, firmar(cuerpo, hace=290)).status_code == 200


@pytest.mark.parametrize("cuerpo", [b"{}", b"[]", b"no", b'{"type": "transfer.created"}', b"1"])
def test_ilegible(otra_parte: Stripe, db: Any, cuerpo: bytes) -> None:
    """Genuine, and of no shape that we know."""
    problema(avisar(cuerpo), 400, "aviso_ilegible")


def test_sin_secreto_no_hay_nada(otra_parte: Stripe, db: Any, settings: Any) -> None:
    """Nor without the gateway."""
    settings.STRIPE_SECRETO_AVISOS = ""
    problema(avisar(b"{}"), 404, "no_encontrado")
    settings.STRIPE_SECRETO_AVISOS, settings.PAGOS_OTRAS_PASARELAS = SECRETO, []
    problema(avisar(b"{}"), 404, "no_encontrado")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cambio", [{}, {"transfer_group": "pago_X"}])
def test_a_la_vez(en_camino: Pago, cambio: dict[str, Any]) -> None:
    """Six deliveries of one event: one row, and six times 200."""
    cuerpo = suceso(en_camino, **cambio)
    assert a_la_vez([lambda: avisar(cuerpo).status_code] * 6) == [200] * 6
    assert dichos() == ["desconocido" if cambio else "aplicado"]
    assert salido() == (0 if cambio else 10)


def test_el_efecto_y_su_fila_van_juntos(en_camino: Pago, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the row, nothing of its effect: Stripe tells it again."""

    def falla(*_args: Any, **_mas: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(AvisoPasarela, "save", falla)
    with transaction.atomic(), pytest.raises(RuntimeError):
        avisar(suceso(en_camino))
    assert (estado(en_camino), salido()) == ("incierto", 0)


def test_a_quien_iba_no_se_escribe_en_ningun_registro() -> None:
    """What goes into a log is what its ``repr`` says."""
    aviso = Aviso(
        id_externo="evt_1", tipo="transfer.created", referencia="tr_1", pago_id="pago_1",
        importe=Decimal(1), moneda="USD", destino=ACCT, respuesta=None,
    )  # fmt: skip
    assert ACCT not in repr(aviso)
    orden = Orden(
        clave="c", pago_id="pago_1", afiliado_id="af_1", beneficiario="Ada", importe=Decimal(1),
        moneda="USD", fecha="2026-11-20", destino=ACCT,
    )  # fmt: skip
    assert ACCT not in repr(orden)
