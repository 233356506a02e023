"""A payment that Stripe makes, and the Stripe of the tests that makes it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from comisiones.libro.models import Apunte, Cuenta
from comisiones.models import Pago
from comisiones.pagos.lotes.ciclo import congelar_lote, ejecutar_lote, liberar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pasarelas import stripe as modulo
from tests import fabricas
from tests.comisiones.pagos.pasarelas.stripe_malo import ESPERA, Stripe
from tests.fabricas import LUIS, PRUEBAS

ACCT = "acct_1MTfjCQ9PRzxEwkZ"


@pytest.fixture
def otra_parte(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    """A configured Stripe that answers well."""
    suyo = Stripe()
    settings.STRIPE_URL = suyo.url
    settings.STRIPE_CLAVE = "sk_test_SECRETA"
    settings.PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.stripe.PasarelaStripe"]
    settings.PAGOS_AUTOMATICOS = False
    monkeypatch.setattr(modulo, "ESPERA", (ESPERA, ESPERA))
    yield suyo
    suyo.cerrar()


def cuenta(de: Afiliado, numero: str = ACCT) -> None:
    """Where an affiliate is paid."""
    fabricas.cuenta(de, numero)


@pytest.fixture
def pago(otra_parte: Stripe, db: Any) -> Pago:
    """A payment of 10 USD in a batch that is running."""
    [uno] = en_marcha(1)
    return uno


def en_marcha(cuantos: int) -> list[Pago]:
    """Payments of 10 USD in a batch that is running."""
    for _uno in range(cuantos):
        suya = fabricas.afiliado()
        cuenta(suya)
        fabricas.aprobada(de=suya)
    lote = proponer_lote(moneda="USD", pasarela="stripe", actor=LUIS)
    lote = liberar_lote(lote=congelar_lote(lote=lote, actor=LUIS), actor=PRUEBAS)
    ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    return list(lote.pagos.order_by("pk"))


def estado(pago: Pago) -> str:
    """As it is in the database."""
    pago.refresh_from_db()
    return pago.estado


def salido() -> Decimal:
    """What our ledger says that left the bank."""
    return -sum(Apunte.objects.filter(cuenta=Cuenta.BANCO).values_list("importe", flat=True))
