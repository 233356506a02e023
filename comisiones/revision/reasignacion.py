"""What a sale earned, moved to whoever it turned out to be of, together with the sale.

What was not paid is voided and calculated anew; what was paid stays, and a pair of adjustments
moves it. What a payment on its way holds moves nowhere until that has an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor, sistema
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.selectors import quien_la_tiene
from comisiones.ajustes.traspasos import (
    MOTIVO,
    descartar_borradores,
    traspasar,
)
from comisiones.calculo.renovaciones import (
    con_calculadas_despues,
    repasar_clientes,
    tomar_turnos_de_clientes,
)
from comisiones.calculo.services import bloquear_ventas, calcular_partes, partes_ahora
from comisiones.comision.estados import SIN_EFECTO, EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.errores import PagoEnCurso
from comisiones.revision.services import anular_comision
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import Movida, Traslado, registrar_quien_traslada

# By its event or here, a calculation is of the system.
ACTOR = sistema("comisiones")


def trasladar_comisiones(conversion: Conversion, actor: Actor) -> Traslado:
    """Move the commissions of a sale, in the transaction that said whose it is now.

    Refunds that came before are applied first. Of a network level that nobody has in the new one's
    network, what was paid is taken back. Raises :class:`PagoEnCurso`.
    """
    venta = bloquear_ventas([conversion.id_publico])[0]
    tomar_turnos_de_clientes([venta])
    partes = partes_ahora(venta)
    aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=ACTOR)
    vivas = _vivas(venta)
    if any(c.estado == EstadoComision.PROGRAMADA for c in vivas):
        raise PagoEnCurso()
    por_nivel = {parte.nivel: parte.afiliado for parte in partes}
    quedan = [c for c in vivas if c.estado == EstadoComision.PAGADA and c.nivel in por_nivel]
    pierden: list[Movida] = []
    ganan: list[Movida] = []
    for comision in vivas:
        if comision in quedan:
            tenia, gana = quien_la_tiene(comision), por_nivel[comision.nivel]
            if monto := traspasar(comision=comision, a=gana, actor=ACTOR):
                pierden.append(_por_ajuste(comision, tenia.nombre, -monto))
                ganan.append(_por_ajuste(comision, gana.nombre, monto))
        else:
            pierden += _soltar(comision, actor)
    hechas = {comision.nivel for comision in quedan}
    nuevas = calcular_partes(partes=[p for p in partes if p.nivel not in hechas], actor=ACTOR)
    # By other terms it may earn what it did not, or the other way round, and the later ones too.
    repasar_clientes(con_calculadas_despues([venta]))
    ganan += [_ganada(comision) for comision in nuevas]
    return Traslado(_por_nivel(pierden), _por_nivel(ganan))


def _vivas(venta: Conversion) -> list[Comision]:
    return list(
        Comision.objects.filter(conversion=venta, viva=True)
        .select_related("afiliado", "conversion")
        .select_for_update(of=("self",))
        .order_by("pk")
    )


def _soltar(comision: Comision, actor: Actor) -> list[Movida]:
    """End a commission that another takes the place of."""
    movidas = []
    if comision.estado == EstadoComision.PAGADA:
        tenia = quien_la_tiene(comision)
        if monto := traspasar(comision=comision, a=None, actor=ACTOR):
            movidas = [_por_ajuste(comision, tenia.nombre, -monto)]
    elif comision.estado not in SIN_EFECTO:
        descartar_borradores(comision=comision, actor=ACTOR)
        estado = str(comision.get_estado_display())
        movidas = [_movida(comision, comision.afiliado.nombre, -comision.monto, estado)]
        anular_comision(comision=comision, actor=actor, motivo=MOTIVO)
    comision.viva = None
    comision.save(update_fields=["viva"])
    return movidas


def _ganada(comision: Comision) -> Movida:
    regla = "" if comision.regla is None else str(comision.regla)
    espera = str(comision.get_motivo_retencion_display() if comision.motivo_retencion else "")
    como = " · ".join(filter(None, (regla, espera)))
    return _movida(comision, comision.afiliado.nombre, comision.monto, como)


def _por_ajuste(comision: Comision, quien: str, monto: Decimal) -> Movida:
    return _movida(comision, quien, monto, _("Ya se pagó: por un ajuste"))


def _movida(comision: Comision, quien: str, monto: Decimal, como: str) -> Movida:
    return Movida(quien, comision.nivel, monto, comision.moneda, como)


def _por_nivel(movidas: Sequence[Movida]) -> tuple[Movida, ...]:
    return tuple(sorted(movidas, key=lambda movida: movida.nivel))


registrar_quien_traslada(trasladar_comisiones)
