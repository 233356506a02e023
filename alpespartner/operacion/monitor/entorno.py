"""Whether the sandbox answers: asked by who looks every few seconds and noted, so that no page that
shows it waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from alpespartner.operacion.models import MiradaAPruebas
from alpespartner.pruebas.canal import contesta, hay_pruebas

# Seconds that it may take, and after which what was noted tells nothing any more.
_ESPERA = 1.0
_VALE = timedelta(seconds=90)


def mirar_pruebas() -> None:
    """Ask it and note what became of it; without one nothing is noted."""
    if not hay_pruebas():
        return
    ms = contesta(_ESPERA)
    ahora = timezone.now()
    antes = MiradaAPruebas.objects.filter(pk=MiradaAPruebas.UNICA).first()
    mal_desde = None
    if ms is None:
        # What was seen before nobody looked for a while is no beginning.
        reciente = antes is not None and ahora - antes.en <= _VALE
        mal_desde = (antes.mal_desde if antes is not None and reciente else None) or ahora
    MiradaAPruebas.objects.update_or_create(
        pk=MiradaAPruebas.UNICA, defaults={"en": ahora, "ms": ms, "mal_desde": mal_desde}
    )


def pruebas() -> dict[str, Any]:
    """Whether the installation has a sandbox, and what was noted of it: in how many milliseconds it
    answered, or since when it does not; ``responde`` is None when nobody looked lately."""
    dicho: dict[str, Any] = {"hay": hay_pruebas(), "responde": None, "ms": None, "mal_s": 0}
    if not dicho["hay"]:
        return dicho
    ahora = timezone.now()
    vista = MiradaAPruebas.objects.filter(pk=MiradaAPruebas.UNICA, en__gte=ahora - _VALE).first()
    if vista is not None:
        dicho["responde"], dicho["ms"] = vista.mal_desde is None, vista.ms
        if vista.mal_desde is not None:
            dicho["mal_s"] = max(0, int((ahora - vista.mal_desde).total_seconds()))
    return dicho
