"""Programming errors of publishing: they stop the transaction, never reach a person."""


class EventoNoDeclarado(TypeError):
    """The event's type was never declared with ``@evento``."""


class FueraDeTransaccion(RuntimeError):
    """Somebody published outside the transaction of the business change."""


class EventoDemasiadoGrande(ValueError):
    """The payload is over the cap: the stream would drop it silently."""
