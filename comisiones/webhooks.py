"""Events of what it earns that an affiliate may get: those that tell it what its mails do."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Model

from comisiones.comision.models import Comision
from comisiones.liquidaciones.models import Liquidacion
from comisiones.pagos.models import Pago
from outbox.webhooks.duenos import ofrecer

# Neither what holds one, nor why an approval was undone, nor the words of an adjustment.
DE_COMISIONES = frozenset(
    {
        "ComisionCalculada", "ComisionLiberada", "ComisionAprobada", "ComisionRechazada",
        "ComisionReducida", "ComisionAnulada", "ComisionCerrada", "ComisionProgramada",
        "ComisionDesprogramada", "ComisionPagada",
    }
)  # fmt: skip
DE_PAGOS = frozenset({"PagoEnviado", "PagoConfirmado", "PagoDevuelto"})


def _por(modelo: type[Model]) -> Callable[[Collection[str]], dict[str, str]]:
    def de_quien(ids: Collection[str]) -> dict[str, str]:
        suyos = modelo._default_manager.filter(id_publico__in=ids)
        return dict(suyos.values_list("id_publico", "afiliado__id_publico"))

    return de_quien


ofrecer(DE_COMISIONES, _por(Comision))
ofrecer(DE_PAGOS, _por(Pago))
ofrecer({"LiquidacionEmitida"}, _por(Liquidacion))
