"""Topics with their partitions, retention and subscriptions, made before anything is published.

Pulsar keeps nothing that no subscription waits for, so a subscription that comes after an event
has lost it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from outbox.consumo import CONSUMIDORES, Consumidor
from outbox.errores import PulsarNoResponde
from outbox.registro import TIPOS

ESPACIO = "public/default"


@dataclass(frozen=True, slots=True)
class Topico:
    """A context's topic: how many partitions, and for how many days it keeps what was consumed."""

    contexto: str
    particiones: int
    dias: int

    @property
    def nombre(self) -> str:
        """Full name in Pulsar."""
        return f"persistent://{ESPACIO}/{self.contexto}.eventos"


TOPICOS = (
    Topico("afiliados", 4, 30),
    Topico("marketing", 4, 60),
    Topico("conversiones", 6, 90),
    Topico("comisiones", 8, 365),
)
POR_CONTEXTO = {topico.contexto: topico for topico in TOPICOS}


def topicos_de(consumidor: Consumidor) -> list[Topico]:
    """Topics that carry what a consumer wants."""
    contextos = {t.contexto for t in TIPOS.values() if consumidor.quiere(t.nombre)}
    return [topico for topico in TOPICOS if topico.contexto in contextos]


def crear_topicos() -> Iterator[str]:
    """Make what is missing; yields a line per topic. Repeating it changes nothing.

    Raises :class:`PulsarNoResponde`.
    """
    for topico in TOPICOS:
        ruta = f"/admin/v2/persistent/{ESPACIO}/{topico.contexto}.eventos"
        pedir("PUT", f"{ruta}/partitions", topico.particiones)
        nombres = [c.nombre for c in CONSUMIDORES.values() if topico in topicos_de(c)]
        for nombre in nombres:
            pedir("PUT", f"{ruta}/subscription/{nombre}", "earliest")
        # Last: a policy of a topic needs the topic.
        pedir(
            "POST",
            f"{ruta}/retention",
            {"retentionTimeInMinutes": topico.dias * 24 * 60, "retentionSizeInMB": -1},
        )
        yield (
            f"{topico.contexto}.eventos: {topico.particiones} particiones, {topico.dias} días, "
            f"suscripciones {', '.join(nombres)}"
        )


def pedir(metodo: str, ruta: str, cuerpo: object = None, *, plazo: int = 30) -> Any:
    """Ask Pulsar's administration, which has ``plazo`` seconds to answer; what it said, None when
    it said nothing or the thing exists already. Raises :class:`PulsarNoResponde`."""
    peticion = urllib.request.Request(  # noqa: S310 - the address of our own settings
        settings.PULSAR_ADMIN_URL + ruta,
        data=None if cuerpo is None else json.dumps(cuerpo).encode(),
        method=metodo,
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(peticion, timeout=plazo) as respuesta:  # noqa: S310
            dicho = respuesta.read()
    except urllib.error.HTTPError as exc:
        # 409: it exists already.
        if exc.code != 409:
            raise PulsarNoResponde(f"Pulsar contestó {exc.code} a {metodo} {ruta}") from None
        return None
    except OSError as exc:
        raise PulsarNoResponde(
            f"Pulsar no responde en {settings.PULSAR_ADMIN_URL} ({exc}): ¿está en marcha?"
        ) from None
    return json.loads(dicho) if dicho else None
