"""A gateway for tests: a small bank, with the accidents that banks have."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta


class Caida(BaseException):
    """The process dies: nothing catches it, so nothing after it runs."""


class PasarelaDePruebas:
    """Pays each key once. ``accidentes`` is what happens in the next calls to :meth:`enviar`:
    ``falla_antes``, ``falla_despues``, ``muere_antes``, ``muere_despues``, ``rechaza``,
    ``no_sabe``."""

    nombre = "pruebas"
    ventana: ClassVar[timedelta | None] = None
    por_fichero = False
    paga_a: ClassVar[PagaA] = ""
    monedas: ClassVar[frozenset[str] | None] = None
    pagadas: ClassVar[dict[str, Orden]] = {}
    rechazadas: ClassVar[set[str]] = set()
    envios: ClassVar[list[str]] = []
    accidentes: ClassVar[list[str]] = []
    no_responde: ClassVar[set[str]] = set()

    @classmethod
    def reiniciar(cls) -> None:
        """A bank with no memory."""
        for memoria in (cls.pagadas, cls.rechazadas, cls.envios, cls.accidentes, cls.no_responde):
            memoria.clear()

    @classmethod
    def total(cls) -> Decimal:
        """Money that left, in the only currency of the test."""
        return sum((o.importe for o in cls.pagadas.values()), Decimal(0))

    def enviar(self, orden: Orden) -> Respuesta:
        """Pay, unless an accident says otherwise."""
        self.envios.append(orden.clave)
        accidente = self.accidentes.pop(0) if self.accidentes else ""
        if accidente == "falla_antes":
            raise OSError("sin conexión")
        if accidente == "muere_antes":
            raise Caida
        if accidente == "rechaza":
            self.rechazadas.add(orden.clave)
            return Respuesta("fallido", detalle="cuenta cerrada")
        self.pagadas.setdefault(orden.clave, orden)
        if accidente == "falla_despues":
            raise TimeoutError
        if accidente == "muere_despues":
            raise Caida
        if accidente == "no_sabe":
            return Respuesta("incierto", detalle="en proceso")
        return Respuesta("pagado", referencia=f"ref-{orden.clave}")

    def consultar(self, orden: Orden) -> Respuesta | None:
        """What became of a key."""
        if orden.clave in self.no_responde:
            raise OSError("sin conexión")
        if orden.clave in self.rechazadas:
            return Respuesta("fallido", detalle="cuenta cerrada")
        if orden.clave in self.pagadas:
            return Respuesta("pagado", referencia=f"ref-{orden.clave}")
        return None
