"""Consumer ``metricas``: measures the sales and commissions that events tell of, as they are by
then."""

from __future__ import annotations

from collections.abc import Sequence

# What they declare is looked up by the field that names a row.
from comisiones import eventos as _de_comisiones  # noqa: F401
from comisiones.metricas.medidas import MEDIBLES
from comisiones.metricas.services import medir, tomar_turno
from conversiones import eventos as _de_ventas  # noqa: F401
from outbox.consumo import Consumidor, Sobre, registrar

_TIPOS = {medible: medible.tipos() for medible in MEDIBLES}


def _medir(sobres: Sequence[Sobre]) -> None:
    tomar_turno()
    for medible in MEDIBLES:
        suyos = {sobre.sujeto for sobre in sobres if sobre.tipo in _TIPOS[medible]}
        if suyos:
            medir(medible, medible.claves_de(suyos))


# One process: they take turns anyway.
METRICAS = registrar(
    Consumidor("metricas", frozenset().union(*_TIPOS.values()), _medir, exclusivo=True)
)
