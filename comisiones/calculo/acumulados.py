"""Rules whose commission depends on earlier ones: tiers over a period and spending caps.

The caller has taken their turn (``turnos``), so no other sale is calculated meanwhile. The state of
a period is in the frozen record of its last order; nothing else has to be kept in step with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO, MAXIMO, cuantizar
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import TipoAjuste
from comisiones.ajustes.services import proponer_por_hecho
from comisiones.comision.estados import SIN_EFECTO, SIN_IMPORTE
from comisiones.comision.models import Comision
from comisiones.motor import (
    Acumulado,
    AmbitoTope,
    OrdenPeriodo,
    Periodo,
    Terminos,
    limites_periodo,
    repasar_periodo,
)
from comisiones.motor.congelado import a_json, acumulado_de, hechos_congelados
from comisiones.motor.errores import ILEGIBLE, HechosInvalidos
from comisiones.reglas.tarifa import Aplicable


def depende_de_otras(terminos: Terminos) -> bool:
    """Whether the amount depends on other commissions at all."""
    return terminos.acumula or bool(terminos.topes_gasto)


def estado_previo(comision: Comision, aplicable: Aplicable) -> Acumulado | None:
    """State before a new commission; None when it depends on nothing else.

    Raises :class:`HechosInvalidos` when one that it depends on cannot be read.
    """
    try:
        return _estado_previo(comision, aplicable)
    except ILEGIBLE as exc:
        raise HechosInvalidos(f"Depende de otra que no se puede leer: {exc}") from exc


def _estado_previo(comision: Comision, aplicable: Aplicable) -> Acumulado | None:
    terminos = aplicable.terminos
    if terminos.topes_gasto:
        return Acumulado(gastado=_gastado(comision, aplicable))
    if not terminos.acumula:
        return None
    ultima = _del_periodo(comision, aplicable).order_by(
        "-conversion__ocurrida_en", "-conversion__id_publico"
    ).first()  # fmt: skip
    if ultima is None:
        return Acumulado()
    misma = ultima.traza.get("terminos") == a_json(terminos)
    if misma and _clave(ultima) < _clave(comision):
        acumulado = acumulado_de(ultima.traza["resultado"]["acumulado"])
        if acumulado.ordenes == _del_periodo(comision, aplicable).count():
            return acumulado
    # It came late, or another did: work the period out again up to this order.
    ordenes = _ordenes(comision, aplicable)
    anteriores = [orden for orden, fila in ordenes if _clave(fila) < _clave(comision)]
    return repasar_periodo(terminos, anteriores, {}).acumulado


def proponer_ajustes(comision: Comision, aplicable: Aplicable, actor: Actor) -> None:
    """Draft what a late order changes in those after it: they are adjusted, never rewritten."""
    if not aplicable.terminos.acumula:
        return
    if not (
        _del_periodo(comision, aplicable)
        .exclude(pk=comision.pk)
        .filter(conversion__ocurrida_en__gte=comision.conversion.ocurrida_en)
        .exists()
    ):
        return
    if comision.motivo_retencion in SIN_IMPORTE:
        return
    filas = _ordenes(comision, aplicable)
    por_id = {orden.id: fila for orden, fila in filas}
    concedidas = {orden.id: _concedido(fila) for orden, fila in filas}
    repaso = repasar_periodo(aplicable.terminos, [o for o, _f in filas], concedidas)
    for ajuste in repaso.ajustes:
        if _ajustable(por_id[ajuste.id], ajuste.monto):
            proponer_por_hecho(
                comision=por_id[ajuste.id],
                tipo=TipoAjuste.ESCALA,
                monto=ajuste.monto,
                motivo=f"Llegó tarde la venta {comision.conversion.id_publico} de su periodo.",
                actor=actor,
            )


def _ajustable(comision: Comision, monto: Decimal) -> bool:
    """One that has no amount, or would have one that nobody can be paid, has nothing to adjust."""
    sin_importe = comision.motivo_retencion in SIN_IMPORTE
    return comision.estado not in SIN_EFECTO and not sin_importe and abs(monto) <= MAXIMO


def _clave(comision: Comision) -> tuple[datetime, str]:
    return comision.conversion.ocurrida_en, comision.conversion.id_publico


def _del_periodo(comision: Comision, aplicable: Aplicable) -> QuerySet[Comision]:
    terminos, hechos = aplicable.terminos, aplicable.hechos
    consulta = Comision.objects.filter(
        afiliado=comision.afiliado,
        regla=aplicable.regla,
        version_regla=aplicable.version,
        nivel=comision.nivel,
        moneda=hechos.moneda,
        # One whose sale is of another affiliate now is none of this one's orders.
        viva=True,
    ).select_related("conversion", "afiliado")
    limites = limites_periodo(
        terminos.periodo or Periodo.TOTAL, terminos.zona_horaria or "UTC", hechos.ocurrida_en
    )
    if limites is None:
        return consulta
    return consulta.filter(
        conversion__ocurrida_en__gte=limites[0], conversion__ocurrida_en__lt=limites[1]
    )


def _ordenes(comision: Comision, aplicable: Aplicable) -> Sequence[tuple[OrdenPeriodo, Comision]]:
    # Terms inherited from a rule that changed meanwhile are another scale.
    iguales = a_json(aplicable.terminos)
    return [
        (OrdenPeriodo(c.conversion.id_publico, hechos_congelados(c.traza["hechos"])), c)
        for c in _del_periodo(comision, aplicable)
        if c.traza.get("terminos") == iguales
    ]


def _concedido(comision: Comision) -> Decimal:
    ajustes = comision.ajustes.filter(tipo=TipoAjuste.ESCALA).exclude(
        estado=EstadoAjuste.DESCARTADO
    )
    suma = sum((a.monto for a in ajustes), CERO)
    # Its other lines are of other rules.
    ajenas = sum(
        (Decimal(otra["resultado"]["monto"]) for otra in comision.traza.get("otras", ())), CERO
    )
    return comision.monto + comision.revertido + suma - ajenas


def _gastado(comision: Comision, aplicable: Aplicable) -> tuple[Decimal, ...]:
    terminos, hechos = aplicable.terminos, aplicable.hechos
    gastos = []
    for tope in terminos.topes_gasto or ():
        consulta = Comision.objects.filter(
            moneda=hechos.moneda, monto__lte=MAXIMO, revertido__lte=MAXIMO, viva=True
        ).exclude(estado__in=SIN_EFECTO)
        if tope.ambito is AmbitoTope.CAMPANA:
            consulta = consulta.filter(campana=comision.campana)
        else:
            consulta = consulta.filter(afiliado=comision.afiliado)
        limites = limites_periodo(tope.periodo, terminos.zona_horaria or "UTC", hechos.ocurrida_en)
        if limites is not None:
            consulta = consulta.filter(
                conversion__ocurrida_en__gte=limites[0], conversion__ocurrida_en__lt=limites[1]
            )
        suma = consulta.aggregate(s=Sum("monto") + Sum("revertido"))["s"] or CERO
        gastos.append(cuantizar(suma, hechos.moneda))
    return tuple(gastos)
