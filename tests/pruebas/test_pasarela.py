"""The gateway of the sandbox: it moves nothing, and pays nobody outside of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from comisiones.pagos.pasarelas.interfaz import Orden, pasarela_de
from comisiones.pagos.pasarelas.prueba import PasarelaDePrueba

ORDEN = Orden(
    clave="k" * 60, pago_id="pago_1", afiliado_id="af_1", beneficiario="Ada",
    importe=Decimal("10.00"), moneda="USD", fecha="2026-03-01",
)  # fmt: skip


def test_dice_que_pago(en_pruebas: None) -> None:
    """Twice, the same; and whoever asks later hears it too."""
    pasarela = pasarela_de("prueba")
    una = pasarela.enviar(ORDEN)
    assert (una.estado, len(una.referencia) <= 40) == ("pagado", True)
    assert pasarela.enviar(ORDEN) == pasarela.consultar(ORDEN) == una


def test_fuera_de_pruebas_no_paga(settings: Any) -> None:
    """Nor is it among those that may be chosen there."""
    assert PasarelaDePrueba().enviar(ORDEN).estado == "fallido"
    assert "prueba" not in str([settings.PAGOS_PASARELA, *settings.PAGOS_OTRAS_PASARELAS])
