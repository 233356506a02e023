"""Gateway ``prueba``: that of the sandbox, which says that it paid and moves nothing.

So a payment goes all its way, with its document and its events, and there is no file that somebody
could take to a bank.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta


class PasarelaDePrueba:
    """Pays nobody."""

    nombre = "prueba"
    ventana: timedelta | None = None
    por_fichero = False
    paga_a: PagaA = ""
    monedas: frozenset[str] | None = None

    def enviar(self, orden: Orden) -> Respuesta:
        """``pagado``, of nothing; outside the sandbox nobody is told that they were paid."""
        if not settings.PRUEBAS:
            return Respuesta("fallido", detalle="solo en el entorno de pruebas")
        return Respuesta("pagado", referencia=f"prueba-{orden.clave}"[:40])

    def consultar(self, orden: Orden) -> Respuesta | None:
        """The same: it was never anywhere."""
        return self.enviar(orden)
