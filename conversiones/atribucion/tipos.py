"""Inputs and outputs of attribution: immutable values. No Django, no clock, no I/O.

An affiliate, a click and a campaign are texts that only have to be told apart: public ids, or the
names of a file. Instants are aware. Tuples with names, and not dataclasses, because a decision
makes one for each candidate, and a frozen dataclass takes three times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

_NADIE: Final[Mapping[str, str]] = MappingProxyType({})
_SIN_VENTANAS: Final[Mapping[str, timedelta]] = MappingProxyType({})


class Modelo(StrEnum):
    """Which of the visitor's clicks a campaign credits."""

    ULTIMO = "ultimo"
    PRIMERO = "primero"


class Informe(StrEnum):
    """Models of the report."""

    LINEAL = "lineal"
    DECAIMIENTO = "decaimiento"
    POSICION = "posicion"
    ULTIMO = "ultimo"
    PRIMERO = "primero"


class Motivo(StrEnum):
    """By what a sale is credited."""

    EXPLICITO = "explicito"
    VINCULO = "vinculo"
    CUPON = "cupon"
    CLIC = "clic"
    NINGUNO = "ninguno"
    # Persons said it later, of a sale that was another's.
    REASIGNADA = "reasignada"


class Razon(StrEnum):
    """Why a candidate won or lost."""

    ELEGIDO = "elegido"
    # It was its, until persons said whose it is.
    REASIGNADA = "reasignada"
    # Another one goes before it in the order.
    VA_DESPUES = "va_despues"
    # Of the visitor's clicks, the model takes another.
    OTRO_CLIC = "otro_clic"
    NO_ACTIVO = "no_activo"
    NO_INSCRITO = "no_inscrito"
    DESCONOCIDO = "desconocido"
    OTRA_CAMPANA = "otra_campana"
    CLIC_DESCARTADO = "clic_descartado"
    CLIC_POSTERIOR = "clic_posterior"
    FUERA_DE_VENTANA = "fuera_de_ventana"


class Clic(NamedTuple):
    """A click. ``afiliado`` None: nobody knows this id. ``campana`` "": of any. ``descartado``
    says what made it not a click of a person; "" for one that counts."""

    afiliado: str | None
    momento: datetime | None
    id: str = ""
    campana: str = ""
    descartado: str = ""


class Cupon(NamedTuple):
    """A coupon of the order and who owns it; None: nobody."""

    codigo: str
    afiliado: str | None


class Opciones(NamedTuple):
    """What the campaign chose. With ``cupon_reasigna`` a coupon goes before a binding."""

    modelo: Modelo = Modelo.ULTIMO
    ventana: timedelta = timedelta(days=30)
    cupon_reasigna: bool = False
    campana: str = ""


class Hechos(NamedTuple):
    """What is known of a sale. ``cupones`` come as the order lists them, ``clics_dados`` are those
    that it names, ``clics`` the others of its customer.

    ``impedidos`` says which affiliates may not earn at ``ocurrida_en`` and why (``Razon``);
    ``ventanas`` those whose clicks count for another time than the campaign's.
    """

    ocurrida_en: datetime
    explicito: str | None = None
    vinculo: str | None = None
    cupones: tuple[Cupon, ...] = ()
    clics_dados: tuple[Clic, ...] = ()
    clics: tuple[Clic, ...] = ()
    impedidos: Mapping[str, str] = _NADIE
    ventanas: Mapping[str, timedelta] = _SIN_VENTANAS
    # Who is named is taken though something stops it, as one that is not active yet; its coupons
    # and its clicks are not.
    explicito_vale: bool = False


class Candidato(NamedTuple):
    """Who could have been credited, by what, and why it was or was not. ``dato`` is the coupon or
    the click that names it."""

    afiliado: str | None
    por: str
    gana: bool
    razon: str
    dato: str = ""


class Decision(NamedTuple):
    """To whom a sale belongs; None and ``ninguno`` for nobody. ``candidatos`` in their order.
    ``dato`` is the coupon or the click that decided."""

    afiliado: str | None
    motivo: str
    candidatos: tuple[Candidato, ...]
    dato: str = ""


class Toque(NamedTuple):
    """A click that a model of the report may credit. They sort by when they were."""

    momento: datetime
    id: str
    afiliado: str
