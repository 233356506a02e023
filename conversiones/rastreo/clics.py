"""Forgetting who clicked: that somebody did, and on which link, stays."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import cola
from alpespartner.comun.personales import todas
from alpespartner.comun.rondas import Ronda
from conversiones.rastreo.models import Clic, OlvidoDeClics

_DE_QUIEN = (
    "ip_dia", "ip_riesgo", "agente", "visita", "avisos", "sub1", "sub2", "sub3", "sub4", "sub5",
)  # fmt: skip
_POR_SENTENCIA = 1_000
_POR_VUELTA = 20
_PENDIENTES = Ronda()


def olvidar_clics(clics: QuerySet[Clic], desde: int = 0, **otros: Any) -> int | None:
    """Erase, of up to a thousand clicks after a key, what they say of a browser or were told by a
    link, in the caller's transaction; returns the last one's key, None when there was none."""
    claves = list(
        clics.filter(pk__gt=desde).order_by("pk").values_list("pk", flat=True)[:_POR_SENTENCIA]
    )
    if not claves:
        return None
    todas(Clic).filter(pk__in=claves).update(**dict.fromkeys(_DE_QUIEN, ""), **otros)
    return claves[-1]


def pedir_olvido(afiliado: Afiliado) -> None:
    """Have the clicks of an erased affiliate forgotten, in the caller's transaction: there may be
    millions, and nobody waits for them."""
    OlvidoDeClics.objects.get_or_create(afiliado=afiliado)
    cola.encolar("rastreo.olvidar", caduca=60)


def olvidar_pendientes(porciones: int = 50) -> int:
    """Go on forgetting; returns how many portions were done."""
    return _PENDIENTES.por_porciones(
        OlvidoDeClics.objects.all(), _POR_VUELTA, porciones=porciones, porcion=_una_porcion,
        que="olvido de clics",
    )  # fmt: skip


def _una_porcion(clave: int) -> bool:
    with transaction.atomic():
        olvido = OlvidoDeClics.objects.select_for_update().filter(pk=clave).first()
        if olvido is None:
            return False
        suyos = Clic.objects.filter(afiliado=olvido.afiliado_id)
        ultimo = olvidar_clics(suyos, olvido.ultimo)
        if ultimo is None:
            olvido.delete()
            return False
        olvido.ultimo = ultimo
        olvido.save(update_fields=["ultimo"])
    return True
