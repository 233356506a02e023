"""What publishing and delivering may refuse; programming errors never reach a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class EventoAjeno(Conflicto):
    """What was set aside is not an event of ours: there is nothing to deliver again."""

    codigo = "evento_ajeno"
    texto = _("No es un evento nuestro: no se puede reencolar.")


class YaReencolado(Conflicto):
    """The event was sent back to its consumer before, or reached it some other way."""

    codigo = "ya_reencolado"
    texto = _("El evento ya se reencoló.")


class EventoNoDeclarado(TypeError):
    """A programming error: the event's type was never declared with ``@evento``."""


class FueraDeTransaccion(RuntimeError):
    """A programming error: somebody published outside the transaction of the change."""


class EventoDemasiadoGrande(ValueError):
    """The payload is over the cap: the stream would drop it silently."""


class PublicacionFallida(RuntimeError):
    """The broker did not store every message; sending them again is safe."""


class PulsarNoResponde(RuntimeError):
    """The admin address of Pulsar cannot be reached or refused; the message says which."""


class ArchivoAlterado(RuntimeError):
    """A file of the archive is not what its manifest says; the message names it."""


class ArchivoIncompleto(RuntimeError):
    """So many events were purged before there was an archive, or are not there any more."""
