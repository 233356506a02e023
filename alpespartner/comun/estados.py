"""State machines as data, and the one function that changes a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import TransicionInvalida
from alpespartner.comun.historial import paso


class ConEstado(Protocol):
    """What a state machine moves: a saved model row with these fields."""

    id_publico: Any
    estado: Any
    version: Any
    actualizado_en: Any

    def save(self, *, update_fields: Iterable[str]) -> None: ...


@dataclass(frozen=True)
class Maquina:
    """Steps allowed between states, by origin. ``entidad`` names the aggregate in the history."""

    entidad: str
    pasos: Mapping[str, frozenset[str]]

    def permite(self, origen: str, destino: str) -> bool:
        """Whether there is a step from ``origen`` to ``destino``."""
        return destino in self.pasos.get(origen, frozenset())

    def origenes(self, destino: str) -> list[str]:
        """States from which ``destino`` can be reached in one step."""
        return [origen for origen, destinos in self.pasos.items() if destino in destinos]

    def exigir(self, objeto: ConEstado, destino: str) -> None:
        """Raise :class:`TransicionInvalida` when ``objeto`` cannot go to ``destino``."""
        if not self.permite(objeto.estado, destino):
            raise TransicionInvalida(
                _("%(id)s está «%(origen)s»: no puede pasar a «%(destino)s».")
                % {"id": objeto.id_publico, "origen": objeto.estado, "destino": destino},
                estado=objeto.estado,
            )

    def transitar(
        self,
        objeto: ConEstado,
        destino: str,
        *,
        accion: str,
        actor: Actor,
        motivo: str = "",
        datos: dict[str, Any] | None = None,
        campos: Iterable[str] = (),
    ) -> None:
        """Move ``objeto`` (locked by the caller) to ``destino`` and write its history row.

        ``campos`` are other fields the caller set and wants saved in the same statement. The
        aggregate's version goes up by one. Raises :class:`TransicionInvalida`.
        """
        self.exigir(objeto, destino)
        origen = objeto.estado
        objeto.estado = destino
        objeto.version += 1
        objeto.actualizado_en = timezone.now()
        objeto.save(update_fields=["estado", "version", "actualizado_en", *campos])
        paso(
            entidad=self.entidad,
            entidad_id=objeto.id_publico,
            accion=accion,
            actor=actor,
            estado_anterior=origen,
            estado_nuevo=destino,
            motivo=motivo,
            datos=datos,
        ).save()
