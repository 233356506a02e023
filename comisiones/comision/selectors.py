"""Reads of commissions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.dinero import visible
from alpespartner.comun.errores import ReferenciaAmbigua
from alpespartner.comun.textos import normalizar
from comisiones.comision.estados import SIN_IMPORTE, EstadoComision
from comisiones.comision.models import Comision


def comisiones_con_partes() -> QuerySet[Comision]:
    """Commissions with what their representations need."""
    return Comision.objects.select_related("afiliado", "campana", "conversion", "regla")


def comisiones_visibles(clave: Credencial) -> QuerySet[Comision]:
    """Commissions that a key may see."""
    comisiones = comisiones_con_partes()
    return comisiones.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else comisiones


def comision_de_conversion(referencia: str, visibles: QuerySet[Comision]) -> Comision | None:
    """Commission of a conversion named by public id or by the partner's reference.

    Raises :class:`ReferenciaAmbigua` when several campaigns use the reference.
    """
    referencia = normalizar(referencia)
    propia = visibles.filter(nivel=1, viva=True)
    comision = propia.filter(conversion__id_publico=referencia).first()
    if comision is not None:
        return comision
    halladas = list(propia.filter(conversion__referencia_externa=referencia)[:2])
    if len(halladas) > 1:
        raise ReferenciaAmbigua()
    return halladas[0] if halladas else None


def totales(comisiones: QuerySet[Comision]) -> list[tuple[str, int, Decimal]]:
    """(currency, how many, sum) of a set of commissions, by currency."""
    filas = (
        comisiones.order_by()
        .values("moneda")
        .annotate(n=Count("id"), suma=Sum("monto"))
        .order_by("moneda")
    )
    # SQLite adds decimals as binary fractions: right to the unit, not beyond.
    return [(f["moneda"], f["n"], visible(f["suma"], f["moneda"])) for f in filas]


def hay_calculado_desde(afiliado: Afiliado, desde: datetime) -> bool:
    """Whether some commission that an affiliate's terms or referrer decide has an amount, of a sale
    since a moment."""
    return (
        Comision.objects.filter(
            Q(afiliado=afiliado) | Q(conversion__afiliado=afiliado),
            conversion__ocurrida_en__gte=desde,
        )
        .exclude(estado=EstadoComision.RETENIDA, motivo_retencion__in=SIN_IMPORTE)
        .exists()
    )
