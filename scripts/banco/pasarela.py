"""A gateway that answers in 5 ms and pays everything: what is left is ours."""

from __future__ import annotations

import time
from datetime import timedelta

from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta

SEGUNDOS = 0.005


class PasarelaRapida:
    """Sleeps as a provider would."""

    nombre = "rapida"
    ventana: timedelta | None = None
    por_fichero = False
    paga_a: PagaA = ""
    monedas: frozenset[str] | None = None

    def enviar(self, orden: Orden) -> Respuesta:
        """Paid, after a while."""
        time.sleep(SEGUNDOS)
        return Respuesta("pagado", referencia=f"ref-{orden.clave}")

    def consultar(self, orden: Orden) -> Respuesta | None:
        """It never forgets, and is never asked here."""
        return Respuesta("pagado", referencia=f"ref-{orden.clave}")
