"""Why an affiliate cannot be paid now: asked when a payment is made, and again when it leaves."""

from __future__ import annotations

from decimal import Decimal

from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.cuentas.models import CuentaBancaria
from comisiones.pagos.estados import MotivoExclusion
from comisiones.pagos.pasarelas.interfaz import ConRequisitos, Pasarela


def por_que_no_cobra(
    afiliado: Afiliado, cuenta: CuentaBancaria | None, importe: Decimal, pasarela: Pasarela
) -> str:
    """A :class:`MotivoExclusion`, or "" when it may be paid ``importe`` through a gateway."""
    if afiliado.estado == EstadoAfiliado.BLOQUEADO:
        return MotivoExclusion.BLOQUEADO
    if afiliado.borrado_en is not None:
        # Whose account it was nobody knows any more.
        return MotivoExclusion.SIN_DATOS_BANCARIOS
    if pasarela.paga_a and (cuenta is None or cuenta.tipo != pasarela.paga_a):
        return MotivoExclusion.SIN_DATOS_BANCARIOS
    if cuenta is None:
        return ""
    if not cuenta.utilizable:
        return MotivoExclusion.CUENTA_EN_ESPERA
    return pasarela.no_admite(cuenta, importe) if isinstance(pasarela, ConRequisitos) else ""
