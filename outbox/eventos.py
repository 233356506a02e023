"""Events of the path itself."""

from __future__ import annotations

from dataclasses import dataclass

from outbox.registro import evento


@evento(contexto="marketing", sujeto="canario_id")
@dataclass(frozen=True, kw_only=True)
class CanarioEmitido:
    """A row that only measures the path from commit to consumer."""

    canario_id: str
