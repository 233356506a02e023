"""Events of its sales that an affiliate may get."""

from __future__ import annotations

from conversiones.ventas.models import Conversion
from outbox.webhooks.duenos import ofrecer, por_su_afiliado

# Why one was refused is among the staff: what its commission says is for its affiliate.
TIPOS = frozenset({"ConversionRegistrada", "ConversionValidada", "ConversionRevertida"})

ofrecer(TIPOS, por_su_afiliado(Conversion))
