"""Bank data of affiliates: validated, encrypted, and held for a while when they change."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from afiliados import eventos
from afiliados.afiliado.models import Afiliado
from afiliados.cuentas import sepa
from afiliados.cuentas.models import CuentaBancaria, TipoCuenta
from afiliados.errores import (
    AfiliadoBorrado,
    BicInvalido,
    CuentaCambiada,
    CuentaStripeInvalida,
    IbanInvalido,
    TitularInvalido,
    YaConfirmada,
)
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar, descifrar, huella
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from outbox.publicacion import publicar

# Control characters, halves of a character, and ends of line and of paragraph.
_NO_SE_ESCRIBEN = ("Cc", "Cs", "Zl", "Zp")


def iban_valido(texto: str) -> str:
    """The IBAN without blanks; raises :class:`DatoInvalido` when its country, length, structure or
    check digits are wrong."""
    try:
        return str(IBAN(texto, validate_bban=True).compact)
    except SchwiftyException:
        raise IbanInvalido() from None


def bic_valido(texto: str, pais: str) -> str:
    """The BIC, or "" for none; raises :class:`DatoInvalido` when malformed, or of a country whose
    banks have no accounts in ``pais``, that of the account."""
    if not texto.strip():
        return ""
    try:
        bic = BIC(texto)
    except SchwiftyException:
        bic = None
    if bic is None or not sepa.puede_ser_de(bic.compact, pais):
        raise BicInvalido(
            _("No es un BIC válido, o es de un país que no puede tener cuentas como esa.")
        )
    return str(bic.compact)


def titular_valido(texto: str, tipo: TipoCuenta) -> str:
    """A holder's name with single blanks and no marks that are not seen.

    Raises :class:`TitularInvalido` for control characters and, in a bank account, when nothing of
    it can be written in the letters that banks take.
    """
    titular = unicodedata.normalize("NFC", texto.strip())
    titular = "".join(c for c in titular if unicodedata.category(c) != "Cf")
    if any(unicodedata.category(c) in _NO_SE_ESCRIBEN for c in titular):
        raise TitularInvalido(_("El titular tiene caracteres que no se pueden escribir."))
    titular = " ".join(titular.split())
    if not titular or len(titular) > sepa.MAX_NOMBRE:
        raise TitularInvalido(_("El titular va de 1 a 70 caracteres."))
    if tipo == TipoCuenta.IBAN and not sepa.nombre_sepa(titular):
        raise TitularInvalido(
            _("El banco no puede leer ese nombre: escríbelo en letras latinas, como él lo tiene.")
        )
    return titular


_STRIPE = re.compile(r"acct_[A-Za-z0-9]{8,64}")


def _exigir_stripe(numero: str, bic: str) -> None:
    if not _STRIPE.fullmatch(numero):
        raise CuentaStripeInvalida()
    if bic.strip():
        raise BicInvalido(_("Una cuenta de Stripe no lleva BIC."))


def guardar_cuenta(
    *, afiliado: Afiliado, titular: str, iban: str, actor: Actor, bic: str = ""
) -> CuentaBancaria:
    """Set where an affiliate is paid; nothing happens when it is the same.

    ``iban`` may be the id of a connected account of Stripe (``acct_…``), which has no ``bic``.

    It gets no money for ``CUENTA_HORAS_ESPERA`` hours nor before a second person confirms it, and
    its owner is told: changing it is how payments are stolen. The history keeps both accounts,
    encrypted. Raises :class:`DatoInvalido`.
    """
    if iban.strip().startswith("acct_"):
        tipo, iban, pais = TipoCuenta.STRIPE, iban.strip(), ""
        _exigir_stripe(iban, bic)
        bic = ""
    else:
        tipo, iban = TipoCuenta.IBAN, iban_valido(iban)
        pais = iban[:2]
        bic = bic_valido(bic, pais)
    titular = titular_valido(titular, tipo)
    nueva = huella(titular, iban, bic)
    ahora = timezone.now()
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        if actual.borrado_en is not None:
            raise AfiliadoBorrado()
        cuenta = CuentaBancaria.objects.filter(afiliado=actual).first()
        if cuenta is not None and cuenta.huella == nueva:
            return cuenta
        antes = cuenta and _cifrada(cuenta)
        cuenta = cuenta or CuentaBancaria(afiliado=actual)
        cuenta.tipo, cuenta.titular, cuenta.bic = tipo, titular, bic
        cuenta.destino_cifrado, cuenta.destino_final, cuenta.pais = cifrar(iban), iban[-4:], pais
        cuenta.huella = nueva
        cuenta.utilizable_en = ahora + timedelta(hours=settings.CUENTA_HORAS_ESPERA)
        cuenta.cambiada_por, cuenta.confirmada_por = str(actor), ""
        cuenta.confirmada_en = None
        cuenta.actualizado_en = ahora
        cuenta.save()
        actual.version += 1
        actual.actualizado_en = ahora
        actual.save(update_fields=["version", "actualizado_en"])
        paso(
            entidad="afiliado",
            entidad_id=actual.id_publico,
            accion="cambiar_cuenta",
            actor=actor,
            # Never the number in clear: its last digits let a person recognise it.
            datos={
                "termina_en": cuenta.destino_final,
                "utilizable_en": cuenta.utilizable_en,
                "antes": antes,
                "despues": _cifrada(cuenta),
            },
        ).save()
        publicar(
            eventos.CuentaBancariaCambiada(
                afiliado_id=actual.id_publico,
                termina_en=cuenta.destino_final,
                utilizable_en=cuenta.utilizable_en,
            ),
            version=actual.version,
        )
    return cuenta


def _cifrada(cuenta: CuentaBancaria) -> str:
    """Holder, number and bank as they are, for the history: only our key reads them."""
    numero = descifrar(cuenta.destino_cifrado)
    return cifrar(json.dumps([cuenta.titular, numero, cuenta.bic], ensure_ascii=False))


def confirmar_cuenta(*, cuenta: CuentaBancaria, actor: Actor) -> CuentaBancaria:
    """Let an account be paid to once its wait is over: a second person has checked it.

    ``cuenta`` is as that person saw it. Raises :class:`CuentaCambiada` when it is another by now,
    :class:`YaConfirmada`, and :class:`CuatroOjos` for who saved it or changed the affiliate's
    e-mail a short time before or since.
    """
    with transaction.atomic():
        afiliado = Afiliado.objects.select_for_update().get(pk=cuenta.afiliado_id)
        actual = CuentaBancaria.objects.select_related("afiliado").get(pk=cuenta.pk)
        if actual.huella != cuenta.huella:
            raise CuentaCambiada()
        if actual.confirmada_en is not None:
            raise YaConfirmada()
        if impedimento := por_que_no_confirma(actual, actor):
            raise CuatroOjos(impedimento)
        presencia.exigir(actor)
        actual.confirmada_por, actual.confirmada_en = str(actor), timezone.now()
        actual.save(update_fields=["confirmada_por", "confirmada_en"])
        afiliado.version += 1
        afiliado.save(update_fields=["version"])
        paso(
            entidad="afiliado", entidad_id=afiliado.id_publico, accion="confirmar_cuenta",
            actor=actor, datos={"termina_en": actual.destino_final},
        ).save()  # fmt: skip
        publicar(
            eventos.CuentaBancariaConfirmada(
                afiliado_id=afiliado.id_publico, termina_en=actual.destino_final
            ),
            version=afiliado.version,
        )
    return actual


def por_que_no_confirma(cuenta: CuentaBancaria, actor: Actor) -> str:
    """Why somebody may not confirm an account, or "" when they may."""
    if las_que_toco([cuenta], actor):
        return _("Quien guardó la cuenta, o cambió el correo, no puede confirmarla: otra persona.")
    return ""


def las_que_toco(cuentas: Sequence[CuentaBancaria], actor: Actor) -> set[int]:
    """Keys of the accounts that somebody saved, or whose owner is told of it where they said a
    short time before or since: one query for all."""
    quien = str(actor)
    espera = timedelta(hours=settings.CUENTA_HORAS_ESPERA)
    desde = {c.afiliado.id_publico: c.actualizado_en - espera for c in cuentas}
    cambios = Historial.objects.filter(
        entidad="afiliado", entidad_id__in=desde, accion="actualizar", actor=quien,
        creado_en__gte=min(desde.values(), default=timezone.now()),
    )  # fmt: skip
    suyos = {
        c.entidad_id
        for c in cambios
        if "email" in c.datos.get("campos", ()) and c.creado_en >= desde[c.entidad_id]
    }
    return {c.pk for c in cuentas if c.cambiada_por == quien or c.afiliado.id_publico in suyos}


def iban_de(cuenta: CuentaBancaria) -> str:
    """The number, for a gateway: it must not reach a page, a log or an event.

    Raises ValueError for an account of Stripe.
    """
    if cuenta.tipo != TipoCuenta.IBAN:
        raise ValueError("no es una cuenta bancaria")
    return descifrar(cuenta.destino_cifrado)


def cuenta_stripe_de(cuenta: CuentaBancaria) -> str:
    """The id of a connected account of Stripe, for its gateway; "" for a bank account."""
    return descifrar(cuenta.destino_cifrado) if cuenta.tipo == TipoCuenta.STRIPE else ""
