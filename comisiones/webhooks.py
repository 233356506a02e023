"""Events of what it earns that an affiliate may get: those that tell it what its mails do."""

from __future__ import annotations

from comisiones.comision.models import Comision
from comisiones.liquidaciones.models import Liquidacion
from comisiones.pagos.models import Pago
from outbox.webhooks.duenos import ofrecer, por_su_afiliado

# Neither what holds one, nor why an approval was undone, nor the words of an adjustment.
DE_COMISIONES = frozenset(
    {
        "ComisionCalculada", "ComisionLiberada", "ComisionAprobada", "ComisionRechazada",
        "ComisionReducida", "ComisionAnulada", "ComisionCerrada", "ComisionProgramada",
        "ComisionDesprogramada", "ComisionPagada",
    }
)  # fmt: skip
DE_PAGOS = frozenset({"PagoEnviado", "PagoConfirmado", "PagoDevuelto"})

ofrecer(DE_COMISIONES, por_su_afiliado(Comision))
ofrecer(DE_PAGOS, por_su_afiliado(Pago))
ofrecer({"LiquidacionEmitida"}, por_su_afiliado(Liquidacion))
