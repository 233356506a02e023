"""Reading adjustments."""

from __future__ import annotations

from collections.abc import Collection

from afiliados.afiliado.models import Afiliado
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.comision.models import Comision


def quien_la_tiene(comision: Comision) -> Afiliado:
    """Whose what a commission paid is now: who was given it last, or whoever it was paid to."""
    dados = Ajuste.objects.filter(comision=comision, tipo=TipoAjuste.REASIGNACION, monto__gt=0)
    ultimo = dados.select_related("afiliado").order_by("pk").last()
    return comision.afiliado if ultimo is None else ultimo.afiliado


def a_quien_pasaron(comisiones: Collection[int]) -> dict[int, int]:
    """Keys of the affiliates that have some commissions, of those that changed hands once paid."""
    dados = Ajuste.objects.filter(
        comision__in=comisiones, tipo=TipoAjuste.REASIGNACION, monto__gt=0
    ).order_by("pk")
    return {c: quien for c, quien in dados.values_list("comision_id", "afiliado_id") if c}
