"""What payments, their batches, their gateways and the bank's statements may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido


class NadaQuePagar(Conflicto):
    """Nothing is owed that this payment or batch could pay."""

    codigo = "nada_que_pagar"


class LoteVacio(Conflicto):
    """A batch without payments cannot be frozen."""

    codigo = "lote_vacio"
    texto = _("El lote no tiene pagos.")


class LoteDescuadrado(Conflicto):
    """The items of a batch do not add up to its payments and what they withhold."""

    codigo = "lote_descuadrado"
    texto = _("Los conceptos no suman los pagos del lote: descártalo.")


class LoteCongelado(Conflicto):
    """The payment cannot leave its batch, which is frozen."""

    codigo = "lote_congelado"
    texto = _("Su lote está congelado: devuélvelo antes a borrador.")


class FicheroAlterado(Conflicto):
    """The file kept of a batch is not the one that was released."""

    codigo = "fichero_alterado"
    texto = _("El fichero no es el que se emitió.")


class PagoNoFallido(Conflicto):
    """Only a failed payment is tried again."""

    codigo = "pago_no_fallido"
    texto = _("Solo se reintenta un pago fallido.")


class PagoEnFichero(Conflicto):
    """It was in a file that the bank has: what it owed goes in the next batch."""

    codigo = "pago_en_fichero"
    texto = _("Iba en un fichero ya emitido: lo recogerá el próximo lote.")


class YaReintentado(Conflicto):
    """Another payment took the place of this one."""

    codigo = "ya_reintentado"
    texto = _("Ya se reintentó: si quedó algo por pagar, lo recoge el próximo lote.")


class PagoCambiado(Conflicto):
    """The payment is no longer what somebody looked at or released."""

    codigo = "pago_cambiado"


class PagoNoIncierto(Conflicto):
    """A person decides only what the gateway did not."""

    codigo = "pago_no_incierto"
    texto = _("Solo se decide sobre un pago incierto.")


class PasarelaResponde(Conflicto):
    """The gateway knows after all what became of the payment: nobody else decides it."""

    codigo = "pasarela_responde"
    texto = _("La pasarela sí sabe qué fue de él, y se aplicó lo que dice.")


class SepaSinCuenta(Conflicto):
    """The programme has not said which account pays by file, or no bank would take it."""

    codigo = "sepa_sin_cuenta"
    texto = _(
        "Falta la cuenta de la zona SEPA desde la que se paga, o no vale: ALPES_SEPA_IBAN, "
        "ALPES_SEPA_BIC y ALPES_SEPA_NOMBRE."
    )


class FirmaInvalida(DatoInvalido):
    """A gateway's notice that its gateway did not sign, or too long ago."""

    codigo = "firma_invalida"
    texto = _("La firma no es la de este aviso, o es demasiado antigua.")


class AvisoIlegible(DatoInvalido):
    """A gateway's notice, well signed, that does not say what it must."""

    codigo = "aviso_ilegible"
    texto = _("El aviso no tiene la forma que se esperaba.")


class ExtractoIlegible(DatoInvalido):
    """A bank's statement that cannot be taken whole: too big, or malformed."""

    codigo = "extracto_ilegible"
    campo = "fichero"


class OtraCuenta(DatoInvalido):
    """A bank's statement of an account that is not the one that pays."""

    codigo = "otra_cuenta"
    texto = _("El extracto es de otra cuenta.")
    campo = "fichero"


class ExtractoRepetido(Conflicto):
    """The same statement was taken before."""

    codigo = "extracto_repetido"
    texto = _("Ese extracto ya se importó.")
    campo = "fichero"


class ExtractoNoEspera(Conflicto):
    """Nothing of the statement waits for a person."""

    codigo = "extracto_no_espera"
    texto = _("Ese extracto no espera a nadie.")


class LineaNoEspera(Conflicto):
    """A bank's line that nobody has to look at, or that somebody did."""

    codigo = "linea_no_espera"
    texto = _("Ya no espera a nadie: recarga la página.")


class LineaYaEspera(Conflicto):
    """A bank's line that waits for somebody to look at it, or that never has to."""

    codigo = "linea_ya_espera"
    texto = _("Ya está por mirar, o no tiene ninguna diferencia: recarga la página.")


class CamtInvalido(ValueError):
    """It is not a camt.053 nor a camt.054, or something it must have is missing."""


class CuadernoInvalido(ValueError):
    """A programming error: the file does not say what the batch says."""


class NoCabe(ValueError):
    """An amount that a gateway's units cannot express."""
