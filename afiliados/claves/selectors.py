"""Reads of API keys: whose they are."""

from __future__ import annotations

import unicodedata

from django.db.models import Q

from afiliados.claves.models import ClaveAPI
from alpespartner.comun.actores import Actor


def titular_normal(titular: str) -> str:
    """A holder's name as it is compared: however it was typed it is the same holder."""
    texto = unicodedata.normalize("NFKC", titular)
    visibles = "".join(
        c for c in texto if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()
    )
    return " ".join(visibles.casefold().split())


def claves_del_mismo(id_clave: str) -> frozenset[str]:
    """Public parts of the keys of whoever holds one: its holder's, those that it was rotated from
    or into, and those of the affiliate that it is of. Revoked and expired ones too."""
    clave = ClaveAPI.objects.filter(id_clave=id_clave).first()
    if clave is None:
        return frozenset()
    suyas = Q(cadena=clave.cadena) | Q(titular_normal=clave.titular_normal)
    if clave.afiliado_id is not None:
        suyas |= Q(afiliado=clave.afiliado_id)
    return frozenset(ClaveAPI.objects.filter(suyas).values_list("id_clave", flat=True))


def clave_de(actor: Actor) -> ClaveAPI | None:
    """The key that an author is."""
    if actor.tipo != "clave":
        return None
    return ClaveAPI.objects.filter(id_clave=actor.id).first()


def afiliados_de_quien(actor: Actor) -> frozenset[int]:
    """Affiliates whose keys are in the same hands as an author."""
    if actor.tipo != "clave":
        return frozenset()
    return frozenset(
        ClaveAPI.objects.filter(
            id_clave__in=claves_del_mismo(actor.id), afiliado__isnull=False
        ).values_list("afiliado_id", flat=True)
    )
