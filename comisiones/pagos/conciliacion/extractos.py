"""Applying bank statements: every line is accounted for, and applied once or not at all."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from alpespartner.comun import cola, dinero
from alpespartner.comun.actores import de_texto
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda
from comisiones.pagos.conciliacion.balance import Hecho, que_significa
from comisiones.pagos.conciliacion.camt import Movimiento, leer
from comisiones.pagos.conciliacion.vistas import poner_por_mirar
from comisiones.pagos.models import (
    ExtractoBanco,
    ExtractoPendiente,
    LineaBanco,
    Pago,
    ResultadoLinea,
)
from comisiones.pagos.pago.bloqueo import bloquear_todos
from comisiones.pagos.pago.resolucion import resolver_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta, pasarelas

log = logging.getLogger(__name__)

# Lines of a transaction, and for how long a task goes on before others have their turn.
PORCION = 200
SEGUNDOS = 20.0
# Statements that a sweep queues again.
A_LA_VEZ = 100
_PARADOS = Ronda()
# Bytes as text and back: the file says itself in what it is written.
BYTES = "latin-1"
_R = ResultadoLinea
_DICHO = {"aplicado": _R.APLICADA, "repetido": _R.YA_SABIDA, "contradice": _R.CONTRADICE}


def aplicar_extracto(*, extracto_pk: int, segundos: float = SEGUNDOS) -> None:
    """Apply the lines of a statement that are left, portion by portion, and queue the rest after
    ``segundos``. It may run any number of times, at once or after a crash."""
    pendiente = (
        ExtractoPendiente.objects.select_related("extracto")
        .filter(extracto=extracto_pk, por_confirmar=False)
        .first()
    )
    if pendiente is None:
        return
    try:
        movimientos = leer(descifrar(pendiente.contenido_cifrado).encode(BYTES)).movimientos
        huellas = _huellas(movimientos)
        # Not the one of today: it may have changed since it was imported.
        propia = descifrar(pendiente.cuenta_cifrada) if pendiente.cuenta_cifrada else ""
        por_porciones(
            lambda: _aplicar_porcion(pendiente.extracto, propia, movimientos, huellas),
            segundos=segundos,
            seguir=lambda: cola.encolar("pagos.aplicar_extracto", extracto_pk),
        )
    except Exception as exc:
        ExtractoPendiente.objects.filter(pk=pendiente.pk).update(
            ultimo_error=type(exc).__name__, actualizado_en=timezone.now()
        )
        raise


def barrer_extractos(*, antes_de: datetime) -> None:
    """Queue again the statements whose task got lost or failed."""
    parados = ExtractoBanco.objects.filter(
        pendiente__actualizado_en__lt=antes_de, pendiente__por_confirmar=False
    )
    for extracto_pk in _PARADOS.siguientes(parados, A_LA_VEZ):
        cola.encolar("pagos.aplicar_extracto", extracto_pk)


def _huellas(movimientos: Sequence[Movimiento]) -> list[str]:
    """What makes each line itself, in whatever statement it comes."""
    veces: Counter[tuple[object, ...]] = Counter()
    huellas = []
    for m in movimientos:
        datos: tuple[object, ...] = (
            m.cuenta, m.referencia_banco, m.referencia, m.fecha, m.importe, m.moneda,
            m.contabilizado,
        )  # fmt: skip
        if m.problema:
            datos += (m.problema,)
        veces[datos] += 1
        # Two equal lines of a statement are two facts; the same two in another are the same.
        huellas.append(hashlib.sha256(repr((*datos, veces[datos])).encode()).hexdigest())
    return huellas


def _aplicar_porcion(
    extracto: ExtractoBanco,
    propia: str,
    movimientos: Sequence[Movimiento],
    huellas: Sequence[str],
) -> bool:
    """Apply the next lines in one transaction; whether some are left after them."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        pendiente = (
            ExtractoPendiente.objects.select_for_update(skip_locked=True)
            .defer("contenido_cifrado", "cuenta_cifrada")
            .filter(extracto=extracto, por_confirmar=False)
            .first()
        )
        if pendiente is None:
            return False
        hechas = extracto.lineas.aggregate(ultima=Max("numero"))["ultima"] or 0
        porcion = movimientos[hechas : hechas + PORCION]
        pagos = _pagos([m for m in porcion if not propia or m.cuenta == propia])
        porcion = porcion[: _sin_repetir(porcion, pagos)]
        _anotar(extracto, propia, hechas, porcion, huellas[hechas : hechas + len(porcion)], pagos)
        if hechas + len(porcion) == len(movimientos):
            pendiente.delete()
            return False
        pendiente.ultimo_error = ""
        pendiente.actualizado_en = timezone.now()
        pendiente.save(update_fields=["ultimo_error", "actualizado_en"])
    return True


def _pagos(movimientos: Sequence[Movimiento]) -> dict[str, Pago]:
    """Payments that lines may be about, by reference: locked, since what a line means depends on
    the lines before it, which another statement may be adding."""
    por_fichero = [p.nombre for p in pasarelas() if p.por_fichero]
    pagos = Pago.objects.filter(
        id_publico__in={m.referencia for m in movimientos}, pasarela__in=por_fichero
    )
    return {pago.id_publico: pago for pago in bloquear_todos(pagos.values_list("pk", flat=True))}


# Lines that say where the money of their payment is.
_HECHOS = (_R.APLICADA, _R.YA_SABIDA, _R.CONTRADICE, _R.DE_MAS, _R.COMPENSA)


def hechos_de(pagos: Iterable[Pago]) -> dict[int, list[Hecho]]:
    """What statements said of some payments, by their keys, in the order in which they did."""
    de: dict[int, list[Hecho]] = defaultdict(list)
    lineas = LineaBanco.objects.filter(pago__in=list(pagos), resultado__in=(*_HECHOS, _R.REPETIDA))
    for linea in lineas.order_by("pk"):
        de[linea.pago_id or 0].append(_hecho(linea))
    return de


def _hecho(linea: LineaBanco) -> Hecho:
    return Hecho(
        sale=linea.importe is not None and linea.importe < 0,
        banco=linea.referencia_banco,
        dia=linea.fecha[:10],
        extracto=linea.extracto_id,
        repetido=linea.resultado == _R.REPETIDA,
    )


def _sin_repetir(movimientos: Sequence[Movimiento], pagos: Mapping[str, Pago]) -> int:
    """How many lines come before a payment appears again: what the second one does depends on
    what the first one did."""
    vistos = set()
    for cuantos, movimiento in enumerate(movimientos):
        if movimiento.referencia in vistos:
            return cuantos
        if movimiento.referencia in pagos:
            vistos.add(movimiento.referencia)
    return len(movimientos)


def _anotar(
    extracto: ExtractoBanco,
    propia: str,
    hechas: int,
    movimientos: Sequence[Movimiento],
    huellas: Sequence[str],
    pagos: Mapping[str, Pago],
) -> None:
    repetidas = {linea.huella: linea for linea in LineaBanco.objects.filter(huella__in=huellas)}
    previos = hechos_de(pagos.values())
    lineas, esperan, dichos = [], [], {}
    for numero, (movimiento, huella) in enumerate(
        zip(movimientos, huellas, strict=True), start=hechas + 1
    ):
        linea = LineaBanco(
            extracto=extracto,
            numero=numero,
            referencia=movimiento.referencia[:40],
            referencia_banco=movimiento.referencia_banco[:40],
            fecha=movimiento.fecha[:32],
            importe=movimiento.importe,
            cargos=movimiento.cargos,
            moneda=movimiento.moneda[:3],
            detalle=" · ".join(filter(None, (movimiento.problema, movimiento.motivo)))[:200],
        )
        lineas.append(linea)
        if (dicha := repetidas.get(huella)) is not None:
            linea.resultado = _R.REPETIDA
            # Its file tells that fact too: another like it there is another fact.
            linea.pago_id = dicha.pago_id if dicha.resultado in _HECHOS else None
            continue
        linea.huella = huella
        if propia and movimiento.cuenta != propia:
            linea.resultado = _R.OTRA_CUENTA
            continue
        if movimiento.problema:
            linea.resultado = _R.ILEGIBLE
            continue
        pago = linea.pago = pagos.get(movimiento.referencia)
        dicho = _que_dice(pago, movimiento)
        if pago is not None and isinstance(dicho, Respuesta):
            dicho = que_significa(pago.estado, previos[pago.pk], _hecho(linea)) or dicho
            if dicho is _R.DE_MAS:
                log.error("%s está %s y el banco lo mueve otra vez", pago.id_publico, pago.estado)
        if isinstance(dicho, ResultadoLinea):
            linea.resultado = dicho
        elif pago is not None:
            dichos[pago.pk] = dicho
            esperan.append((linea, pago.pk))
    aplicados = resolver_pagos(dichos, actor=de_texto(extracto.importado_por))
    for linea, pago_pk in esperan:
        linea.resultado = _DICHO[aplicados[pago_pk]]
    LineaBanco.objects.bulk_create(lineas)
    poner_por_mirar(extracto, lineas)


def _es_el_importe(pago: Pago, movido: Decimal, movimiento: Movimiento) -> bool:
    """Whether a line moves what a payment says, besides what the bank says that it kept for it."""
    importe = dinero.cuantizar(pago.importe, pago.moneda)
    sin_cargos = abs(movido + (movimiento.cargos or dinero.CERO))
    return movimiento.moneda == pago.moneda and importe in (abs(movido), sin_cargos)


def _que_dice(pago: Pago | None, movimiento: Movimiento) -> Respuesta | ResultadoLinea:
    """What a line says of its payment, or why it says nothing."""
    if not movimiento.contabilizado:
        return _R.PENDIENTE
    if pago is None or movimiento.importe is None:
        return _R.DESCONOCIDA
    if not _es_el_importe(pago, movimiento.importe, movimiento):
        return _R.IMPORTE_DISTINTO
    if movimiento.importe < 0:
        if movimiento.vuelve:
            # A return of a return: nothing of ours works like that.
            return _R.DESCONOCIDA
        return Respuesta("pagado", referencia=movimiento.referencia_banco)
    # Money that comes in with the reference of a payment of ours is that payment, back.
    return Respuesta("devuelto", detalle=movimiento.motivo)
