"""A gateway that answers in 5 ms and pays everything: what is left is ours."""

from __future__ import annotations

import time
from datetime import timedelta

from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Resultado

SEGUNDOS = 0.005


class PasarelaRapida:
    """Sleeps as a provider would."""

    nombre = "rapida"
    ventana: timedelta | None = None
    por_fichero = False
    paga_a: PagaA = ""
    monedas: frozenset[str] | None = None

    def enviar(self, orden: Orden) -> Resultado:
        """Paid, after a while."""
        time.sleep(SEGUNDOS)
        return Resultado("pagado", referencia=f"ref-{orden.clave}")

    def consultar(self, orden: Orden) -> Resultado | None:
        """It never forgets, and is never asked here."""
        return Resultado("pagado", referencia=f"ref-{orden.clave}")
