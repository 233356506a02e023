"""What always holds of budgets."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from alpespartner.comun.invariantes import Comprobacion
from comisiones.presupuesto.selectors import gastado_de
from conversiones.campanas.models import PresupuestoCampana


def _gastado() -> Iterator[str]:
    """What a budget says is spent is what its commissions add up to. A new one is counted twice,
    and until then it may miss what was being calculated."""
    contados = PresupuestoCampana.objects.filter(
        recontar_en__isnull=True,
        campana__presupuesto__isnull=False,
        contado_desde=F("campana__presupuesto_desde"),
    )
    for fila in contados.select_related("campana").iterator():
        hay = gastado_de(fila.campana)
        if fila.gastado != hay:
            yield f"{fila.campana.id_publico}: dice {fila.gastado} y sus comisiones suman {hay}"


COMPROBACIONES = (Comprobacion("Un presupuesto cuenta lo que suman sus comisiones", _gastado),)
