"""Events of its own that an affiliate may get, and who may still get any."""

from __future__ import annotations

from collections.abc import Collection

from afiliados.afiliado.selectors import sigue_dentro
from afiliados.claves.selectors import tiene_clave
from outbox.webhooks.duenos import exigir_que_pueda, exigir_que_siga, ofrecer

# Why somebody is suspended or blocked is among the staff.
TIPOS = frozenset({"AfiliadoActivado", "AfiliadoActualizado", "CuentaBancariaConfirmada"})


def _ellos(ids: Collection[str]) -> dict[str, str]:
    return {id_: id_ for id_ in ids}


ofrecer(TIPOS, _ellos)
exigir_que_pueda(tiene_clave)
exigir_que_siga(sigue_dentro)
