"""What we ask of Stripe, against the schema of its API, which stripe-mock holds."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import stripe

from comisiones.pagos.pasarelas.interfaz import Orden
from comisiones.pagos.pasarelas.stripe import PasarelaStripe, _cliente

MOCK = os.environ.get("ALPES_STRIPE_MOCK") or shutil.which("stripe-mock")
pytestmark = pytest.mark.skipif(not MOCK, reason="no hay stripe-mock (ALPES_STRIPE_MOCK)")
ORDEN = Orden(
    clave="pago_1", pago_id="pago_1", afiliado_id="af_1", beneficiario="Ada", moneda="USD",
    importe=Decimal("10.05"), fecha="2026-01-01", destino="acct_1MTfjCQ9PRzxEwkZ",
)  # fmt: skip


@pytest.fixture
def _mock(settings: Any) -> Iterator[None]:
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    with subprocess.Popen(
        [str(MOCK), "-http-addr", f"127.0.0.1:{puerto}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as proceso:  # fmt: skip
        for _vez in range(200):
            try:
                socket.create_connection(("127.0.0.1", puerto), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        settings.STRIPE_URL = f"http://127.0.0.1:{puerto}"
        settings.STRIPE_CLAVE = "sk_test_123"
        yield
        proceso.terminate()


@pytest.mark.lento
@pytest.mark.usefixtures("_mock")
def test_la_forma_de_lo_que_se_pide() -> None:
    """It takes our transfer and hands it back; a parameter that is not Stripe's is refused."""
    hecho = PasarelaStripe().enviar(ORDEN)
    assert hecho.estado == "pagado"
    assert hecho.referencia.startswith("tr_")
    lista = _cliente().v1.transfers.list({"transfer_group": "pago_1", "limit": 2})
    assert lista.data[0].object == "transfer"
    with pytest.raises(stripe.InvalidRequestError):
        _cliente().raw_request(
            "post", "/v1/transfers", amount=1, currency="usd", destination="acct_1", destino="x"
        )
