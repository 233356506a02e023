"""The interface of a payment gateway."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string

from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.dinero import texto


@dataclass(frozen=True, slots=True)
class Orden:
    """What a gateway is asked to pay: ``importe`` in the main unit of ``moneda``.

    ``clave`` is the idempotency key: the gateway pays it at most once. ``destino`` is the
    account of Stripe that it goes to, "" when its affiliate has none: never for a log.
    """

    clave: str
    pago_id: str
    afiliado_id: str
    beneficiario: str
    importe: Decimal
    moneda: str
    fecha: str
    pasarela: str = ""
    destino: str = field(default="", repr=False)

    @property
    def huella(self) -> str:
        """SHA-256 of what is paid to whom."""
        partes: tuple[str, ...] = (
            self.pago_id,
            self.afiliado_id,
            texto(self.importe, self.moneda),
            self.moneda,
        )
        if self.destino:
            partes += (self.destino,)
        return hashlib.sha256("\n".join(partes).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Respuesta:
    """What is known of an order. ``incierto``: ask again before anything is sent; ``devuelto``: the
    money came back."""

    estado: Literal["pagado", "fallido", "incierto", "devuelto"]
    referencia: str = ""
    detalle: str = ""


@dataclass(frozen=True, slots=True)
class Aviso:
    """What a gateway tells by itself of a transfer: ``importe`` in the main unit of ``moneda``.

    ``respuesta`` is None when only a part came back: no state of a payment says that.
    """

    id_externo: str
    tipo: str
    referencia: str
    pago_id: str
    importe: Decimal
    moneda: str
    destino: str = field(repr=False)
    respuesta: Respuesta | None


# A value of afiliados.models.TipoCuenta, or none.
PagaA = Literal["", "iban", "stripe"]


class Pasarela(Protocol):
    """A way to move money.

    ``ventana`` is for how long it remembers a key: later, that it does not know one proves nothing
    and a person decides. With ``por_fichero`` it pays whole batches from a file that a person takes
    to the bank, and only a statement says what became of them. ``paga_a`` is the kind of account
    that it pays to, "" when it needs none. ``monedas``: those it pays in; None
    for any.
    """

    nombre: str
    ventana: timedelta | None
    por_fichero: bool
    paga_a: PagaA
    monedas: frozenset[str] | None

    def enviar(self, orden: Orden) -> Respuesta:
        """Pay an order; repeating it with the same key pays nothing more."""

    def consultar(self, orden: Orden) -> Respuesta | None:
        """What became of an order, by its key; None when it never arrived."""


@runtime_checkable
class ConAvisos(Protocol):
    """A gateway that also tells by itself what became of a payment."""

    nombre: str

    def interpretar_aviso(self, cuerpo: bytes, firma: str) -> Aviso | None:
        """What a notice says, once its signature is verified; None when it is of nothing of ours.

        Raises FirmaInvalida, AvisoIlegible, and LookupError without the secret to verify it with.
        """


@runtime_checkable
class ConRequisitos(Protocol):
    """A gateway that does not pay any amount to any account of its kind."""

    def no_admite(self, cuenta: CuentaBancaria, importe: Decimal) -> str:
        """Why it cannot pay ``importe`` to an account: a value of MotivoExclusion, or ""."""


def pasarela_configurada() -> Pasarela:
    """The gateway of payments that name none: the setting ``PAGOS_PASARELA``."""
    pasarela: Pasarela = import_string(settings.PAGOS_PASARELA)()
    return pasarela


def pasarela_de(nombre: str) -> Pasarela:
    """The gateway with a name; raises LookupError when it is not configured any more."""
    for pasarela in pasarelas():
        if pasarela.nombre == nombre:
            return pasarela
    raise LookupError(nombre)


def es_por_fichero(nombre: str) -> bool:
    """Whether a gateway pays from files; False for one that is not configured any more."""
    return any(p.nombre == nombre and p.por_fichero for p in pasarelas())


def pasarelas() -> list[Pasarela]:
    """The configured gateways, the default one first."""
    return [
        import_string(ruta)() for ruta in (settings.PAGOS_PASARELA, *settings.PAGOS_OTRAS_PASARELAS)
    ]


def nombres_de_pasarelas() -> list[str]:
    """Their names."""
    return [pasarela.nombre for pasarela in pasarelas()]
