"""Events of its sales that an affiliate may get."""

from __future__ import annotations

from collections.abc import Collection

from conversiones.ventas.models import Conversion
from outbox.webhooks.duenos import ofrecer

# Why one was refused is among the staff: what its commission says is for its affiliate.
TIPOS = frozenset({"ConversionRegistrada", "ConversionValidada", "ConversionRevertida"})


def _de_quien(ids: Collection[str]) -> dict[str, str]:
    suyas = Conversion.objects.filter(id_publico__in=ids)
    return dict(suyas.values_list("id_publico", "afiliado__id_publico"))


ofrecer(TIPOS, _de_quien)
