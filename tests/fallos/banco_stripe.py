"""A Stripe for the workers that die: it misbehaves in each way after which it can still pay."""

from __future__ import annotations

import random
from decimal import Decimal

from tests.comisiones.pagos.pasarelas.stripe_malo import Stripe

MALDADES = (
    "bien", "tarda_y_paga", "corta_y_paga", "500_y_paga", "en_uso", "mas_despacio", "503", "proxy",
)  # fmt: skip


class BancoStripe(Stripe):
    """Half of the first requests go wrong; one question in five gets no answer."""

    def __init__(self, semilla: str) -> None:
        super().__init__()
        self._azar = random.Random(semilla)
        self.maldades = [self._azar.choice(MALDADES) for _vez in range(60)]
        self.entorno = {"ALPES_STRIPE_URL": self.url}

    def no_dice(self) -> int:
        """One question in five."""
        return 500 if self._azar.random() < 0.2 else 0

    @property
    def pagados(self) -> dict[str, Decimal]:
        """What it paid of each payment, all its transfers together."""
        pagados: dict[str, Decimal] = {}
        for t in self.transferencias:
            suyo = pagados.get(t["transfer_group"], Decimal(0))
            pagados[t["transfer_group"]] = suyo + Decimal(t["amount"]).scaleb(-2)
        return pagados
