"""Gateway ``sepa``: a batch is a file that a person takes to the bank; its statement answers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cryptography.fernet import InvalidToken
from django.conf import settings

from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.sepa import en_zona, nombre_sepa
from afiliados.cuentas.services import bic_valido, iban_de, iban_valido
from alpespartner.comun.errores import DatoInvalido
from comisiones.pagos.errores import SepaSinCuenta
from comisiones.pagos.estados import MotivoExclusion
from comisiones.pagos.pasarelas.interfaz import Orden, PagaA, Respuesta
from comisiones.pagos.pasarelas.pain001 import Ordenante

# What the scheme takes in one transfer, in euros.
MAXIMO = Decimal("999999999.99")


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

    def no_admite(self, cuenta: CuentaBancaria, importe: Decimal) -> str:
        """Why a transfer cannot be in a file, which no bank takes with one that is wrong."""
        try:
            iban = iban_valido(iban_de(cuenta))
            bic = bic_valido(cuenta.bic, iban[:2])
        except (DatoInvalido, InvalidToken):
            # Saved when less was asked of it, or with another key.
            return MotivoExclusion.CUENTA_NO_ADMITIDA
        if not en_zona(iban[:2], bic):
            return MotivoExclusion.FUERA_DE_SEPA
        if not nombre_sepa(cuenta.titular):
            return MotivoExclusion.TITULAR_NO_ADMITIDO
        return MotivoExclusion.IMPORTE_NO_CABE if importe > MAXIMO else ""


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
