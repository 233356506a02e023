"""How far behind each subscription is, as Pulsar's administration says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from outbox.transportes.pulsar.topicos import ESPACIO, TOPICOS, pedir

# In seconds, for each topic: whoever looks at a monitor waits for it.
_PLAZO = 1


@dataclass(frozen=True, slots=True)
class Atraso:
    """Messages that a subscription has not acknowledged, in all its topics, and how many processes
    read it."""

    mensajes: int
    lectores: int


def atrasos() -> dict[str, Atraso]:
    """By subscription. Raises :class:`~outbox.errores.PulsarNoResponde` at the first topic that it
    does not tell of."""
    mensajes: dict[str, int] = defaultdict(int)
    lectores: dict[str, int] = defaultdict(int)
    for topico in TOPICOS:
        ruta = f"/admin/v2/persistent/{ESPACIO}/{topico.contexto}.eventos/partitioned-stats"
        dicho = pedir("GET", f"{ruta}?perPartition=false", plazo=_PLAZO) or {}
        for nombre, suscripcion in dicho.get("subscriptions", {}).items():
            mensajes[nombre] += suscripcion.get("msgBacklog", 0)
            # It reads all of its topics, each partition of them through a connection of its own.
            lectores[nombre] = max(lectores[nombre], len(suscripcion.get("consumers", ())))
    return {nombre: Atraso(n, lectores[nombre]) for nombre, n in mensajes.items()}
