"""What holds of affiliates at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils import timezone

from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import CONDICIONES
from alpespartner.comun.invariantes import TARDE, Comprobacion
from outbox.invariantes import exigir_evento

exigir_evento("AfiliadoRegistrado", Afiliado.objects.all)


def _desde(fila: CondicionesAfiliado) -> tuple[bool, Any, int]:
    """Where a row stands among those of its affiliate; one without a date comes first."""
    return fila.desde is not None, fila.desde, fila.pk


def _en_vigor() -> Iterator[str]:
    """An affiliate's columns are the newest of its terms that it got."""
    vigentes: dict[int, CondicionesAfiliado] = {}
    # Not in order: MySQL has no room to sort rows of any width.
    aplicadas = CondicionesAfiliado.objects.exclude(aplicada_en=None).select_related("afiliado")
    for fila in aplicadas.order_by().iterator():
        previa = vigentes.get(fila.afiliado_id)
        if previa is None or _desde(previa) <= _desde(fila):
            vigentes[fila.afiliado_id] = fila
    for fila in vigentes.values():
        suyo = fila.afiliado
        if any(getattr(suyo, c) != getattr(fila, c) for c in (*CONDICIONES, "referente_id")):
            yield f"{suyo.id_publico}: sus condiciones no son las que están en vigor"
    for suyo in Afiliado.objects.filter(con_condiciones=False, condiciones__isnull=False):
        yield f"{suyo.id_publico}: tiene condiciones con fecha y no lo dice"


def _de_dos() -> Iterator[str]:
    for fila in (
        CondicionesAfiliado.objects.exclude(confirmada_por="")
        .filter(confirmada_por=F("publicada_por"))
        .select_related("afiliado")
    ):
        yield f"{fila.afiliado.id_publico}: confirmó sus condiciones quien las propuso"


def _tarde() -> Iterator[str]:
    tarde = CondicionesAfiliado.objects.filter(aplicada_en=None, desde__lt=timezone.now() - TARDE)
    for fila in tarde.select_related("afiliado"):
        yield f"{fila.afiliado.id_publico}: le tocaban otras condiciones desde {fila.desde}"


COMPROBACIONES = (
    Comprobacion("Cada afiliado tiene las condiciones que están en vigor", _en_vigor),
    Comprobacion("Nadie confirma las condiciones que propuso", _de_dos),
    Comprobacion("Las condiciones entran en vigor a su hora", _tarde, aviso=True),
)
