"""What another policy would have approved alone, of the commissions that matured lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import DIAS_EFECTO, TOPE_PREVIA
from comisiones.comision.estados import YA_APROBADA, EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.automatica import requisitos, vigentes
from comisiones.revision.models import PoliticaAprobacion
from conversiones.campanas.models import Campana

# What a policy may decide, or would have: those held and voided are of nobody's policy.
_DECIDIBLES = frozenset({EstadoComision.PENDIENTE, EstadoComision.RECHAZADA, *YA_APROBADA})


class Mirada(NamedTuple):
    """A commission as it is now: ``monto`` in the main unit of ``moneda``."""

    pk: int
    id_publico: str
    estado: str
    monto: Decimal
    moneda: str


@dataclass(frozen=True, slots=True)
class EfectoDePolitica:
    """Of ``miradas`` commissions, the newest of their campaign: those that the policy in force
    would approve alone (``ahora``), and those that another would (``con``); ``hay_mas``: there
    were more of them than are looked at."""

    miradas: int
    hay_mas: bool
    ahora: list[Mirada]
    con: list[Mirada]

    @property
    def entran(self) -> list[Mirada]:
        """Those that would not have needed a person any more."""
        return _sin(self.con, self.ahora)

    @property
    def salen(self) -> list[Mirada]:
        """Those that would have needed one."""
        return _sin(self.ahora, self.con)

    @property
    def rechazadas(self) -> list[Mirada]:
        """Of those that would not have needed a person, the ones that a person turned down."""
        return [m for m in self.entran if m.estado == EstadoComision.RECHAZADA]


def efecto_de_politica(
    *, campana: Campana, hasta: Decimal | None, actor: Actor
) -> EfectoDePolitica:
    """What a policy of ``actor`` would have approved of what matured in the last ``DIAS_EFECTO``
    days; nothing is written. It reads ``TOPE_PREVIA`` commissions at most, by an index.

    Each is asked as it is today: amount, affiliate and whose hands touched it.
    """
    ahora = timezone.now()
    ultimas = list(
        Comision.objects.filter(campana=campana)
        .order_by("-pk")
        .values_list("pk", "id_publico", "estado", "monto", "moneda", "madura_en")[
            : TOPE_PREVIA + 1
        ]
    )
    maduras = [
        Mirada(*resto)
        for *resto, madura_en in ultimas[:TOPE_PREVIA]
        if ahora - timedelta(days=DIAS_EFECTO) <= madura_en <= ahora
    ]
    miradas = [m for m in maduras if m.estado in _DECIDIBLES]
    otra = PoliticaAprobacion(
        campana=campana, hasta=hasta, moneda=campana.moneda, publicada_por=str(actor)
    )
    return EfectoDePolitica(
        miradas=len(miradas),
        hay_mas=len(ultimas) > TOPE_PREVIA,
        ahora=_solas(vigentes().filter(campana=campana).first(), miradas),
        con=_solas(otra, miradas),
    )


def _solas(politica: PoliticaAprobacion | None, miradas: Collection[Mirada]) -> list[Mirada]:
    """Those that a policy approves alone, of some that matured."""
    if politica is None or politica.hasta is None or not miradas:
        return []
    suyas = Comision.objects.filter(pk__in=[m.pk for m in miradas]).filter(
        *(cumple for _que, cumple in requisitos(politica))
    )
    claves = set(suyas.order_by().values_list("pk", flat=True))
    return [m for m in miradas if m.pk in claves]


def _sin(unas: Collection[Mirada], otras: Collection[Mirada]) -> list[Mirada]:
    claves = {m.pk for m in otras}
    return [m for m in unas if m.pk not in claves]
