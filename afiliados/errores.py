"""What affiliates, their accounts and their keys may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import (
    Conflicto,
    DatoInvalido,
    NoEncontrado,
    NoPermitido,
    ReferenciaDesconocida,
)


class AfiliadoDesconocido(ReferenciaDesconocida):
    """No affiliate has that identifier or external reference."""

    codigo = "afiliado_desconocido"


class AfiliadoDuplicado(Conflicto):
    """Another affiliate has that e-mail, that document or that external reference."""

    codigo = "afiliado_duplicado"
    texto = _("Ya hay un afiliado con ese correo, ese documento o esa referencia externa.")


class DocumentoInvalido(DatoInvalido):
    """A document of no known kind, of another country, or with the wrong digits."""

    codigo = "documento_invalido"
    campo = "documento_numero"


class CicloDeReferentes(DatoInvalido):
    """The affiliate would be among its own referrers."""

    codigo = "ciclo_de_referentes"
    texto = _("El referente formaría un ciclo.")
    campo = "referente"


class IbanInvalido(DatoInvalido):
    """The country, the length or the check digits of an IBAN are wrong."""

    codigo = "iban_invalido"
    texto = _("No es un IBAN válido: revisa el país, el largo y los dígitos de control.")
    campo = "iban"


class BicInvalido(DatoInvalido):
    """The BIC is malformed, of a country that the account cannot be of, or not asked for."""

    codigo = "bic_invalido"
    campo = "bic"


class TitularInvalido(DatoInvalido):
    """The holder's name is too long, empty, or cannot be written for a bank."""

    codigo = "titular_invalido"
    campo = "titular"


class CuentaStripeInvalida(DatoInvalido):
    """It begins as an account of Stripe and is not one."""

    codigo = "cuenta_stripe_invalida"
    texto = _("No es una cuenta de Stripe: son «acct_» y después letras y cifras.")
    campo = "iban"


class CuentaCambiada(Conflicto):
    """The account is not the one that the person who confirms it saw."""

    codigo = "cuenta_cambiada"
    texto = _("La cuenta cambió mientras la mirabas: compruébala de nuevo.")


class YaConfirmada(Conflicto):
    """The account was confirmed before."""

    codigo = "ya_confirmada"
    texto = _("La cuenta ya estaba confirmada.")


class ClaveDesconocida(NoEncontrado):
    """No such key, or not of the same holder."""

    codigo = "clave_desconocida"
    texto = _("No hay una clave tuya con ese identificador.")


class DireccionNoAdmitida(NoPermitido):
    """The key is right, and not to be used from where it was."""

    codigo = "direccion_no_admitida"
    texto = _("La clave no sirve desde esta dirección: pide a su titular que la admita.")


class DemasiadasClaves(Conflicto):
    """A holder has as many keys that work as one may make by itself."""

    codigo = "demasiadas_claves"
    texto = _("Ya tienes demasiadas claves vigentes: revoca una que no uses.")


class YaRevocada(Conflicto):
    """The key was revoked before."""

    codigo = "ya_revocada"
    texto = _("La clave ya estaba revocada.")


class AfiliadoBorrado(Conflicto):
    """Who the affiliate was is erased: nothing is written of it any more."""

    codigo = "afiliado_borrado"
    texto = _("Los datos de ese afiliado se borraron: no se le puede añadir nada.")


class AfiliadoSinCerrar(Conflicto):
    """Only who left the programme is erased."""

    codigo = "afiliado_sin_cerrar"
    texto = _("Sigue en el programa: ciérralo antes de borrar sus datos.")


class BorradoImpedido(Conflicto):
    """Something of the person is not over."""

    codigo = "borrado_impedido"


class AfiliadoFuera(NoPermitido):
    """The key is of an affiliate that is blocked, turned down or closed."""

    codigo = "afiliado_fuera"
    texto = _("Tu cuenta de afiliado ya no está activa: escribe al programa.")
