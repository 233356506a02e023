"""What a refund takes back from the commissions of its sale, at their frozen rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from comisiones import eventos
from comisiones.ajustes.models import Ajuste, Reverso, TipoAjuste
from comisiones.ajustes.selectors import quien_la_tiene
from comisiones.ajustes.services import ajustar_por_hecho
from comisiones.comision.cierre import cerrar
from comisiones.comision.estados import (
    COMISION,
    EN_PAGO,
    SIN_EFECTO,
    SIN_IMPORTE,
    EstadoComision,
)
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar
from comisiones.motor import ErrorMotor, revertir
from comisiones.motor import Reverso as ReversoMotor
from comisiones.motor.congelado import hechos_congelados, terminos_de
from comisiones.motor.errores import LineasInvalidas
from comisiones.motor.lineas import de_cada_una
from comisiones.motor.partes import Devuelto, Pagado, quitado
from comisiones.presupuesto.selectors import gasta
from comisiones.presupuesto.services import soltar
from comisiones.reglas.hechos import lineas_de_venta
from conversiones.ventas.desglose import partes_de_json
from conversiones.ventas.models import DEVOLUCIONES, MovimientoConversion, TipoMovimiento
from outbox.publicacion import publicar

MOTIVO = gettext_noop("Devolución de la venta.")


def aplicar_devoluciones(*, conversiones_ids: Sequence[str], actor: Actor) -> list[Reverso]:
    """Apply to the commissions of some sales (public ids) the refunds that they have not seen.

    It may be called any number of times, in any order with the calculation: each refund takes from
    each commission once, so that all refunds together take ``round(commission x refunded / sale)``.
    """
    reversos: list[Reverso] = []
    with transaction.atomic():
        comisiones = list(
            Comision.objects.filter(conversion__id_publico__in=conversiones_ids)
            .select_related("afiliado", "campana", "conversion")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        movimientos, vistos = _leer(comisiones)
        quitas: list[tuple[Comision, Decimal]] = []
        for comision in comisiones:
            gastaba = gasta(comision)
            suyos = _revertir(
                comision,
                movimientos.get(comision.conversion_id, []),
                vistos.get(comision.pk, {}),
                actor,
            )
            reversos += suyos
            if suyos:
                quitado = sum((reverso.monto for reverso in suyos), CERO)
                quitas.append((comision, quitado if gastaba else CERO))
        soltar(quitas)
    return reversos


def quitarian(rebajas: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What taking an amount off each of some sales, by key, would take from its commissions, of
    all levels together; nothing is written."""
    comisiones = list(
        Comision.objects.filter(conversion__in=list(rebajas))
        .select_related("conversion")
        .order_by("pk")
    )
    movimientos, vistos = _leer(comisiones)
    quitas: dict[int, Decimal] = {}
    for comision in comisiones:
        venta = comision.conversion
        rebaja = MovimientoConversion(
            conversion=venta, tipo=TipoMovimiento.AJUSTE, monto=-rebajas[venta.pk]
        )
        suyos = [*movimientos.get(venta.pk, []), rebaja]
        # One that cannot be calculated is left for whoever applies it.
        with suppress(ErrorMotor, ArithmeticError):
            for movimiento, reverso, _completa in _por_aplicar(
                comision, suyos, vistos.get(comision.pk, {})
            ):
                if movimiento is rebaja:
                    quitas[venta.pk] = quitas.get(venta.pk, CERO) + reverso.monto
    return quitas


def _leer(
    comisiones: Sequence[Comision],
) -> tuple[dict[int, list[MovimientoConversion]], dict[int, dict[int, Reverso]]]:
    """The refunds of the sales of some commissions, and which of them each has seen."""
    movimientos: dict[int, list[MovimientoConversion]] = {}
    for movimiento in MovimientoConversion.objects.filter(
        conversion__in={c.conversion_id for c in comisiones}, tipo__in=DEVOLUCIONES
    ).order_by("pk"):
        movimientos.setdefault(movimiento.conversion_id, []).append(movimiento)
    vistos: dict[int, dict[int, Reverso]] = {}
    for reverso in Reverso.objects.filter(comision__in=comisiones):
        vistos.setdefault(reverso.comision_id, {})[reverso.movimiento_id] = reverso
    return movimientos, vistos


def _revertir(
    comision: Comision,
    movimientos: Sequence[MovimientoConversion],
    vistos: dict[int, Reverso],
    actor: Actor,
) -> list[Reverso]:
    return [
        _aplicar(comision, movimiento, reverso, actor, completa=completa)
        for movimiento, reverso, completa in _por_aplicar(comision, movimientos, vistos)
    ]


def _por_aplicar(
    comision: Comision, movimientos: Sequence[MovimientoConversion], vistos: dict[int, Reverso]
) -> Iterator[tuple[MovimientoConversion, ReversoMotor, bool]]:
    """Each refund that a commission has not seen, with what it takes and whether it is the last of
    the sale. Whoever asks may apply it before asking for the next one."""
    if comision.viva is None:
        # Its sale is of another affiliate: nothing of it is owed any more.
        return
    venta = comision.conversion.valor
    sin_monto = comision.motivo_retencion in SIN_IMPORTE
    if sin_monto and -sum((m.monto for m in movimientos), CERO) < venta:
        # There is nothing to take yet: a rule will give an amount, and this comes back.
        return
    devuelto, revertido = CERO, sum((r.monto for r in vistos.values()), CERO)
    # Only a refund that says what it is of needs to know how the sale was paid.
    pagos = pagos_de(comision) if any(m.de for m in movimientos) else ()
    partes = Devuelto()
    for movimiento in movimientos:
        partes = _sumar(partes, movimiento)
        if movimiento.pk in vistos:
            devuelto -= movimiento.monto
            continue
        completa = devuelto - movimiento.monto == venta
        if comision.estado in SIN_EFECTO:
            break
        reverso = revertir(
            # Rows that are in a payment do not change: their amount is still the original.
            comision=comision.monto + comision.revertido,
            venta=venta,
            devolucion=-movimiento.monto,
            moneda=comision.moneda,
            devuelto=devuelto,
            revertido=revertido,
        )
        if pagos:
            total = max(quitado(pagos, partes, comision.moneda), revertido)
            reverso = replace(reverso, monto=total - revertido, revertido=total)
        yield movimiento, reverso, completa
        devuelto, revertido = reverso.devuelto, reverso.revertido


def _sumar(partes: Devuelto, movimiento: MovimientoConversion) -> Devuelto:
    """What has gone back by part, with a refund more."""
    if not movimiento.de:
        return partes.mas("", -movimiento.monto)
    for parte in partes_de_json(movimiento.de):
        partes = partes.mas(parte.concepto, parte.monto, parte.producto_id)
    return partes


def pagos_de(comision: Comision) -> tuple[Pagado, ...]:
    """What each rule paid of the sale, from the frozen record; nothing when the record does not
    tell all of it: then every refund takes in proportion."""
    traza = comision.traza
    try:
        pagos = tuple(_pagado(comision, dato) for dato in (traza, *traza.get("otras", ())))
    except (ErrorMotor, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return ()
    monto = sum((pago.monto for pago in pagos), CERO)
    valor = sum((pago.hechos.valor for pago in pagos), CERO)
    completos = monto == comision.monto + comision.revertido and valor == comision.conversion.valor
    return pagos if completos else ()


def _pagado(comision: Comision, registro: dict[str, Any]) -> Pagado:
    hechos = hechos_congelados(registro["hechos"])
    costes = [(nombre, Decimal(coste)) for nombre, coste in registro.get("productos", ())]
    if not costes:
        with suppress(LineasInvalidas):
            lineas = de_cada_una(hechos, lineas_de_venta(comision.conversion))
            costes = [(linea.producto, coste) for linea, coste in lineas]
    return Pagado(
        terminos_de(registro["terminos"]),
        hechos,
        Decimal(registro["resultado"]["monto"]),
        tuple(costes),
    )


def _aplicar(
    comision: Comision,
    movimiento: MovimientoConversion,
    reverso: ReversoMotor,
    actor: Actor,
    *,
    completa: bool,
) -> Reverso:
    monto = reverso.monto
    ajuste: Ajuste | None = None
    if comision.estado in EN_PAGO and monto:
        ajuste = ajustar_por_hecho(
            comision=comision, afiliado=quien_la_tiene(comision), tipo=TipoAjuste.REVERSO,
            monto=-monto, motivo=MOTIVO, actor=actor,
        )  # fmt: skip
    fila = Reverso(
        id_publico=nuevo_id("rev"),
        comision=comision,
        movimiento=movimiento,
        monto=monto,
        moneda=comision.moneda,
        ajuste=ajuste,
    )
    fila.save()
    if comision.estado not in EN_PAGO:
        _reducir(comision, fila, monto, actor, completa=completa)
    return fila


def _reducir(
    comision: Comision, fila: Reverso, monto: Decimal, actor: Actor, *, completa: bool
) -> None:
    """Take ``monto`` from a commission that is in no payment; void it when nothing is left."""
    debida = comision.estado == EstadoComision.APROBADA
    comision.monto -= monto
    comision.revertido += monto
    campos = ("monto", "revertido")
    if debida and monto:
        asentar(
            tipo=TipoAsiento.REVERSO,
            origen=fila.id_publico,
            lineas=[
                Linea(Cuenta.POR_PAGAR, monto, comision.moneda, comision.afiliado),
                Linea(Cuenta.GASTO_COMISIONES, -monto, comision.moneda),
            ],
        )
    datos = {
        "reverso": dinero.texto(monto, comision.moneda),
        "movimiento_id": fila.movimiento.id_publico,
    }
    evento: Any
    if completa and not comision.monto:
        comision.motivo, comision.motivo_codigo, comision.motivo_retencion = MOTIVO, "", ""
        COMISION.transitar(
            comision,
            EstadoComision.ANULADA,
            accion="anular",
            actor=actor,
            motivo=MOTIVO,
            datos=datos,
            campos=(*campos, "motivo", "motivo_codigo", "motivo_retencion"),
        )
        evento = eventos.ComisionAnulada(
            comision_id=comision.id_publico, motivo=MOTIVO, **_quitado(fila, monto)
        )
    else:
        comision.version += 1
        comision.actualizado_en = timezone.now()
        comision.save(update_fields=[*campos, "version", "actualizado_en"])
        paso(
            entidad="comision", entidad_id=comision.id_publico, accion="reducir", actor=actor,
            estado_anterior=comision.estado, estado_nuevo=comision.estado, motivo=MOTIVO,
            datos=datos,
        ).save()  # fmt: skip
        evento = eventos.ComisionReducida(
            comision_id=comision.id_publico,
            monto=dinero.texto(comision.monto, comision.moneda),
            revertido=dinero.texto(comision.revertido, comision.moneda),
            moneda=comision.moneda,
            **_quitado(fila, monto),
        )
    publicar(evento, version=comision.version)
    if comision.estado == EstadoComision.APROBADA and not comision.monto:
        cerrar(comision, actor, MOTIVO)


def _quitado(fila: Reverso, monto: Decimal) -> dict[str, str]:
    return {
        "quitado": dinero.texto(monto, fila.moneda),
        "movimiento_id": fila.movimiento.id_publico,
    }
