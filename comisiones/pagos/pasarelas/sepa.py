"""Gateway ``sepa``: a batch is a file that a person takes to the bank; its statement answers."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from afiliados.cuentas.sepa import en_zona, nombre_sepa
from afiliados.cuentas.services import bic_valido, iban_valido
from alpespartner.comun.errores import DatoInvalido
from comisiones.pagos.errores import SepaSinCuenta
from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta
from comisiones.pagos.pasarelas.pain001 import Ordenante


class PasarelaSepa:
    """Only a statement says what became of a transfer: it is never sent by itself, nor again."""

    nombre = "sepa"
    ventana: timedelta | None = None
    por_fichero = True
    paga_a: PagaA = "iban"
    monedas: frozenset[str] | None = frozenset({"EUR"})

    def enviar(self, orden: Orden) -> Respuesta:
        """Not one by one: a transfer travels in the file of its batch."""
        return Respuesta("incierto", detalle="va en el fichero de su lote")

    def consultar(self, orden: Orden) -> Respuesta | None:
        """Nobody to ask: the statement will say."""
        return Respuesta("incierto", detalle="lo dirá el extracto")


def ordenante() -> Ordenante:
    """Whose account pays; raises :class:`SepaSinCuenta` when it is not set, or no bank would take
    a file of it."""
    try:
        iban = iban_valido(settings.SEPA_IBAN)
        bic = bic_valido(settings.SEPA_BIC, iban[:2])
    except DatoInvalido:
        raise SepaSinCuenta() from None
    if not en_zona(iban[:2], bic) or not nombre_sepa(settings.SEPA_NOMBRE):
        raise SepaSinCuenta()
    return Ordenante(nombre=settings.SEPA_NOMBRE, iban=iban, bic=bic)
