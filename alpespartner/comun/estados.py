"""State machines as data, and the one function that changes a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Case, F, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.errores import TransicionInvalida
from alpespartner.comun.historial import paso

_POR_SENTENCIA = 500


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

    def transitar_todos(
        self,
        objetos: Sequence[Any],
        destino: str,
        *,
        accion: str,
        actor: Actor,
        motivo: str = "",
        motivos: Mapping[str, str] | None = None,
        datos: Mapping[str, dict[str, Any]] | None = None,
        valores: Mapping[str, Any] | None = None,
        campos: Sequence[str] = (),
    ) -> None:
        """:meth:`transitar` for many rows of one model, in few statements.

        ``datos`` is by public id, and so are ``motivos``, of those with a reason of their own;
        ``valores`` are other fields, the same for every row, and ``campos`` those that the caller
        set on each. Raises :class:`TransicionInvalida` before
        anything is written.
        """
        for objeto in objetos:
            self.exigir(objeto, destino)
        ahora = timezone.now()
        pasos = []
        for objeto in objetos:
            pasos.append(
                paso(
                    entidad=self.entidad,
                    entidad_id=objeto.id_publico,
                    accion=accion,
                    actor=actor,
                    estado_anterior=objeto.estado,
                    estado_nuevo=destino,
                    motivo=(motivos or {}).get(objeto.id_publico, motivo),
                    datos=(datos or {}).get(objeto.id_publico),
                )
            )
            objeto.estado = destino
            objeto.version += 1
            objeto.actualizado_en = ahora
            for campo, valor in (valores or {}).items():
                setattr(objeto, campo, valor)
        for inicio in range(0, len(objetos), _POR_SENTENCIA):
            parte = objetos[inicio : inicio + _POR_SENTENCIA]
            propios = {
                campo: Case(*(When(pk=o.pk, then=Value(getattr(o, campo))) for o in parte))
                for campo in campos
            }
            type(parte[0])._default_manager.filter(pk__in=[o.pk for o in parte]).update(
                estado=destino,
                version=F("version") + 1,
                actualizado_en=ahora,
                **(valores or {}),
                **propios,
            )
        insertar_todas(pasos)
