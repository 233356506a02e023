"""What holds of affiliates at any moment."""

from __future__ import annotations

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.invariantes import Comprobacion
from outbox.invariantes import exigir_evento

exigir_evento("AfiliadoRegistrado", Afiliado.objects.all)

COMPROBACIONES: tuple[Comprobacion, ...] = ()
