"""Importing bank statements: one that gives money back waits for a second person."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun import cola
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import cuantas_y_cuanto, entero
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from comisiones.pagos.conciliacion.camt import Movimiento, leer
from comisiones.pagos.conciliacion.extractos import BYTES
from comisiones.pagos.errores import (
    CamtInvalido,
    ExtractoIlegible,
    ExtractoNoEspera,
    ExtractoRepetido,
    OtraCuenta,
)
from comisiones.pagos.models import ExtractoBanco, ExtractoPendiente, Pago
from comisiones.pagos.pasarelas.sepa import ordenante

MAX_BYTES = 10_000_000
# Every payment's id begins so: one that is not there yet may be when the lines are applied.
_DE_PAGO = "pago_"
_NOMBRADOS = 20


def importar_extracto(*, contenido: bytes, nombre: str, actor: Actor) -> ExtractoBanco:
    """Take a camt.053 or camt.054 of our account; a task resolves the payments that it names.

    One with money that comes back waits until another person confirms it: nobody signed the file,
    and what came back is paid again. Nothing of a file is taken when it is malformed or too big
    (:class:`ExtractoIlegible`), of other accounts only (:class:`OtraCuenta`) or was taken before
    (:class:`ExtractoRepetido`). A line that another statement had is not applied again; neither is
    one of another account, one that cannot be read, nor one whose reference or amount is not that
    of a payment of ours.
    """
    presencia.exigir(actor)
    if len(contenido) > MAX_BYTES:
        raise ExtractoIlegible(_now("El fichero es demasiado grande."))
    try:
        leido = leer(contenido)
    except CamtInvalido as exc:
        raise ExtractoIlegible(_now("No se pudo leer: %(porque)s.") % {"porque": exc}) from None
    propia = ordenante().iban
    if propia not in leido.cuentas:
        raise OtraCuenta()
    vueltas = _vueltas(leido.movimientos, propia)
    with transaction.atomic():
        extracto = ExtractoBanco(
            id_publico=nuevo_id("ext"),
            nombre=nombre[:200],
            huella=hashlib.sha256(contenido).hexdigest(),
            movimientos=len(leido.movimientos),
            importado_por=str(actor),
        )
        try:
            with transaction.atomic():
                extracto.save()
        except IntegrityError:
            raise ExtractoRepetido() from None
        paso(
            entidad="extracto", entidad_id=extracto.id_publico, accion="importar", actor=actor
        ).save()
        if leido.movimientos:
            ExtractoPendiente.objects.create(
                extracto=extracto,
                contenido_cifrado=cifrar(contenido.decode(BYTES)),
                cuenta_cifrada=cifrar(propia),
                por_confirmar=bool(vueltas),
                vueltas=[[m.referencia[:40], f"{m.importe or CERO:f}", m.moneda] for m in vueltas],
            )
        if vueltas:
            _proponer(extracto, actor, _now("El extracto devuelve dinero de pagos hechos."))
        elif leido.movimientos:
            cola.encolar("pagos.aplicar_extracto", extracto.pk)
    return extracto


def _vueltas(movimientos: Sequence[Movimiento], propia: str) -> list[Movimiento]:
    """Lines that would make a payment be owed again: money that comes in with its reference."""
    return [
        m
        for m in movimientos
        if m.contabilizado
        and not m.problema
        and m.cuenta == propia
        and m.importe is not None
        and m.importe >= 0
        and m.referencia.startswith(_DE_PAGO)
    ]


def proponer_extracto(*, extracto: ExtractoBanco, actor: Actor, motivo: str) -> Propuesta:
    """Ask again that a statement that waits be applied, after the proposal was dropped or lapsed.

    Raises :class:`ExtractoNoEspera`.
    """
    with transaction.atomic():
        propuesta = _proponer(extracto, actor, motivo)
        if not propuesta.visto["espera"]:
            raise ExtractoNoEspera()
    return propuesta


def _proponer(extracto: ExtractoBanco, actor: Actor, motivo: str) -> Propuesta:
    return proponer(tipo=EXTRACTO, entidad_id=extracto.id_publico, actor=actor, motivo=motivo)


def _pendientes(propuesta: Propuesta) -> Any:
    return ExtractoPendiente.objects.filter(extracto__id_publico=propuesta.entidad_id)


def _foto(propuesta: Propuesta) -> Any:
    suyo = _pendientes(propuesta).select_for_update(of=("self",)).only("por_confirmar").first()
    return {"espera": suyo is not None and suyo.por_confirmar}


def _aplicar(propuesta: Propuesta, _sabido: Any) -> None:
    _pendientes(propuesta).update(por_confirmar=False, actualizado_en=timezone.now())
    extracto = ExtractoBanco.objects.get(id_publico=propuesta.entidad_id)
    cola.encolar("pagos.aplicar_extracto", extracto.pk)


def _lineas(propuesta: Propuesta) -> list[Linea]:
    extracto = ExtractoBanco.objects.get(id_publico=propuesta.entidad_id)
    pendiente = _pendientes(propuesta).only("vueltas").first()
    vueltas = pendiente.vueltas if pendiente else []
    referencias = [referencia for referencia, _importe, _moneda in vueltas[:_NOMBRADOS]]
    pagos = Pago.objects.filter(id_publico__in=referencias).select_related("afiliado")
    nombres = [f"{pago.afiliado} ({pago.id_publico})" for pago in pagos.order_by("pk")]
    return [
        (_now("Fichero"), extracto),
        (_now("Líneas"), entero(extracto.movimientos)),
        (_now("Devuelve"), cuantas_y_cuanto((m, Decimal(i)) for _r, i, m in vueltas)),
        (_now("Se podrán pagar otra vez"), ", ".join(nombres) or _now("ninguno que conozcamos")),
    ]


EXTRACTO = registrar(
    Tipo(
        nombre="extracto",
        titulo=_("Aplicar un extracto que devuelve"),
        entidad="extracto",
        foto=_foto,
        aplicar=_aplicar,
        lineas=_lineas,
        modelo=lambda: ExtractoBanco,
        permiso="comisiones.add_extractobanco",
    )
)
