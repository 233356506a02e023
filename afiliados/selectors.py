"""Reads of affiliates."""

from __future__ import annotations

from django.db.models import QuerySet

from afiliados.models import Afiliado
from alpespartner.comun.api.credencial import Credencial


def afiliados_visibles(clave: Credencial) -> QuerySet[Afiliado]:
    """Affiliates that a key may see: its own, or all for a key of the programme."""
    afiliados = Afiliado.objects.all()
    return afiliados.filter(pk=clave.afiliado_id) if clave.afiliado_id else afiliados


def buscar_afiliado(referencia: str) -> Afiliado | None:
    """Affiliate by public id or by the partner's external reference."""
    if referencia.startswith("af_"):
        afiliado = Afiliado.objects.filter(id_publico=referencia).first()
        if afiliado is not None:
            return afiliado
    return Afiliado.objects.filter(referencia_externa=referencia).first()
