"""Documents that say who an affiliate is, in the one form in which each kind is kept."""

from __future__ import annotations

import re
from typing import Final

import pycountry
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from stdnum.co import nit
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from afiliados.errores import DocumentoInvalido

COLOMBIA: Final = "CO"
# The prefix of a VAT number is the country's code but for Greece.
_DE_PREFIJO: Final = {"EL": "GR"}
_PREFIJO: Final = {pais: prefijo for prefijo, pais in _DE_PREFIJO.items()}
_CC = re.compile(r"[0-9]{3,10}", re.ASCII)
_PASAPORTE = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)
_CIFRAS = re.compile(r"[0-9]+", re.ASCII)
# Companies have nine digits, of which the first is one of these; persons, those of their cédula.
_DE_EMPRESA: Final = ("8", "9")
_SEPARADORES = re.compile(r"[\s.·'/]")
_GUION = str.maketrans("", "", "-")


class TipoDocumento(models.TextChoices):
    """Kinds of document that can be checked."""

    NIT = "NIT", _("NIT (Colombia)")
    CC = "CC", _("Cédula de ciudadanía (Colombia)")
    PASAPORTE = "PASAPORTE", _("Pasaporte")
    IVA_UE = "IVA_UE", _("IVA intracomunitario (UE)")


def documento_valido(tipo: str, pais: str, numero: str) -> tuple[str, str, str]:
    """Kind, country and number of a document in their form; ("", "", "") for none.

    A NIT is kept without its check digit, which is checked when it comes. The country of a
    Colombian document is known, and that of a VAT number is its prefix. Raises
    :class:`DocumentoInvalido` with the field at fault.
    """
    tipo, pais = tipo.strip().upper(), pais.strip().upper()
    numero = _SEPARADORES.sub("", numero).upper()
    if not numero:
        return "", "", ""
    if tipo not in TipoDocumento.values:
        raise DocumentoInvalido(
            _now("Di de qué tipo es: %(tipos)s.") % {"tipos": ", ".join(TipoDocumento.values)},
            campo="documento_tipo",
        )
    if tipo != TipoDocumento.NIT:
        # There it tells the check digit from the rest.
        numero = numero.translate(_GUION)
    if tipo == TipoDocumento.PASAPORTE:
        return tipo, _pais(pais), _pasaporte(numero)
    if tipo == TipoDocumento.IVA_UE:
        return tipo, *_iva(pais, numero)
    if pais not in ("", COLOMBIA):
        raise DocumentoInvalido(
            _now("El NIT y la cédula son de Colombia (CO)."), campo="documento_pais"
        )
    return tipo, COLOMBIA, _nit(numero) if tipo == TipoDocumento.NIT else _cedula(numero)


def dv_de(numero: str) -> str:
    """The check digit of a NIT that is kept without it."""
    return str(nit.calc_check_digit(numero))


def legible(tipo: str, pais: str, numero: str | None) -> str:
    """A document as people write it; "" for none. What no service wrote is told as it is."""
    if not numero:
        return ""
    if tipo == TipoDocumento.NIT and _CIFRAS.fullmatch(numero) and len(numero) <= 15:
        numero = f"{numero}-{dv_de(numero)}"
    if tipo in (TipoDocumento.NIT, TipoDocumento.CC):
        return f"{tipo} {numero}"
    return " ".join(filter(None, (tipo, pais, numero)))


def _nit(numero: str) -> str:
    cuerpo, guion, dv = numero.partition("-")
    if not guion and len(cuerpo) == 10 and cuerpo.startswith(_DE_EMPRESA):
        cuerpo, dv = cuerpo[:-1], cuerpo[-1]
    if not _CIFRAS.fullmatch(cuerpo) or (guion and not dv):
        raise DocumentoInvalido(_now("Un NIT son cifras, y su dígito tras un guion."))
    if not 7 <= len(cuerpo) <= 15:
        raise DocumentoInvalido(_now("Un NIT tiene de 7 a 15 cifras."))
    if dv and dv != dv_de(cuerpo):
        raise DocumentoInvalido(_now("El dígito de verificación de ese NIT no es el suyo."))
    return cuerpo


def _cedula(numero: str) -> str:
    if not _CC.fullmatch(numero):
        raise DocumentoInvalido(_now("Una cédula tiene de 3 a 10 cifras."))
    return numero


def _pasaporte(numero: str) -> str:
    if not _PASAPORTE.fullmatch(numero):
        raise DocumentoInvalido(_now("Un pasaporte tiene de 5 a 20 letras y cifras."))
    return numero


def _pais(pais: str) -> str:
    if not re.fullmatch("[A-Z]{2}", pais) or pycountry.countries.get(alpha_2=pais) is None:
        raise DocumentoInvalido(
            _now("Di de qué país es, con las dos letras de ISO 3166 (CO, ES…)."),
            campo="documento_pais",
        )
    return pais


def _iva(pais: str, numero: str) -> tuple[str, str]:
    dicho = _DE_PREFIJO.get(numero[:2], numero[:2])
    pais = _DE_PREFIJO.get(pais, pais) or dicho
    if pais.lower() not in vat.MEMBER_STATES:
        raise DocumentoInvalido(
            _now("No es un país de la Unión Europea: escribe el número con su prefijo (ES…)."),
            campo="documento_pais",
        )
    try:
        completo = vat.validate(numero if dicho == pais else _PREFIJO.get(pais, pais) + numero)
    except ValidationError:
        raise DocumentoInvalido(
            _now("No es un número de IVA válido de %(pais)s.") % {"pais": pais}
        ) from None
    return pais, str(completo).removeprefix(_PREFIJO.get(pais, pais))
