"""Importing bank statements: every line is accounted for, and applied once or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.identificadores import nuevo_id
from comisiones.pagos.camt import ExtractoIlegible, Movimiento, leer
from comisiones.pagos.models import ExtractoBanco, LineaBanco, Pago, ResultadoLinea
from comisiones.pagos.pasarela import Resultado, pasarelas
from comisiones.pagos.resolucion import resolver_pago
from comisiones.pagos.sepa import ordenante

MAX_BYTES = 10_000_000
_R = ResultadoLinea
_DICHO = {"aplicado": _R.APLICADA, "repetido": _R.YA_SABIDA, "contradice": _R.CONTRADICE}


def importar_extracto(*, contenido: bytes, nombre: str, actor: Actor) -> ExtractoBanco:
    """Take a camt.053 or camt.054 of our account and resolve the payments that it names.

    Nothing of a file is applied when it is malformed or too big (:class:`DatoInvalido`,
    ``extracto_ilegible``), of another account (``otra_cuenta``) or was taken before
    (:class:`Conflicto`, ``extracto_repetido``). A line that another statement had is not applied
    again; neither is one whose reference or amount is not that of a payment of ours.
    """
    if len(contenido) > MAX_BYTES:
        raise DatoInvalido(
            _("El fichero es demasiado grande."), campo="fichero", codigo="extracto_ilegible"
        )
    try:
        movimientos = leer(contenido)
    except ExtractoIlegible as exc:
        raise DatoInvalido(
            _("No se pudo leer: %(porque)s.") % {"porque": exc},
            campo="fichero",
            codigo="extracto_ilegible",
        ) from None
    propia = ordenante().iban
    if any(m.cuenta != propia for m in movimientos):
        raise DatoInvalido(
            _("El extracto es de otra cuenta."), campo="fichero", codigo="otra_cuenta"
        )
    with transaction.atomic():
        extracto = ExtractoBanco(
            id_publico=nuevo_id("ext"),
            nombre=nombre[:200],
            huella=hashlib.sha256(contenido).hexdigest(),
            importado_por=str(actor),
        )
        try:
            with transaction.atomic():
                extracto.save()
        except IntegrityError:
            raise Conflicto(
                _("Ese extracto ya se importó."), codigo="extracto_repetido", campo="fichero"
            ) from None
        veces: Counter[tuple[object, ...]] = Counter()
        for numero, movimiento in enumerate(movimientos, start=1):
            _anotar(extracto, numero, movimiento, veces, actor)
    return extracto


def _anotar(
    extracto: ExtractoBanco,
    numero: int,
    movimiento: Movimiento,
    veces: Counter[tuple[object, ...]],
    actor: Actor,
) -> None:
    datos = (
        movimiento.cuenta, movimiento.referencia_banco, movimiento.referencia, movimiento.fecha,
        movimiento.importe, movimiento.moneda, movimiento.contabilizado,
    )  # fmt: skip
    veces[datos] += 1
    # Two equal lines of a statement are two facts; the same two in another are the same.
    huella = hashlib.sha256(repr((*datos, veces[datos])).encode()).hexdigest()
    linea = LineaBanco(
        extracto=extracto,
        numero=numero,
        referencia=movimiento.referencia[:40],
        referencia_banco=movimiento.referencia_banco[:40],
        fecha=movimiento.fecha[:32],
        importe=movimiento.importe,
        moneda=movimiento.moneda[:3],
        detalle=movimiento.motivo[:200],
    )
    if LineaBanco.objects.filter(huella=huella).exists():
        linea.resultado = _R.REPETIDA
    else:
        linea.huella = huella
        linea.pago = _pago(movimiento)
        linea.resultado = _aplicar(linea.pago, movimiento, actor)
    linea.save()


def _pago(movimiento: Movimiento) -> Pago | None:
    por_fichero = [p.nombre for p in pasarelas() if p.por_fichero]
    return Pago.objects.filter(id_publico=movimiento.referencia, pasarela__in=por_fichero).first()


def _aplicar(pago: Pago | None, movimiento: Movimiento, actor: Actor) -> ResultadoLinea:
    if not movimiento.contabilizado:
        return _R.PENDIENTE
    if pago is None or movimiento.importe is None:
        return _R.DESCONOCIDA
    importe = dinero.cuantizar(pago.importe, pago.moneda)
    if movimiento.moneda != pago.moneda or abs(movimiento.importe) != importe:
        return _R.IMPORTE_DISTINTO
    if movimiento.importe < 0:
        if movimiento.vuelve:
            # A return of a return: nothing of ours works like that.
            return _R.DESCONOCIDA
        resultado = Resultado("pagado", referencia=movimiento.referencia_banco)
    else:
        # Money that comes in with the reference of a payment of ours is that payment, back.
        resultado = Resultado("devuelto", detalle=movimiento.motivo)
    return _DICHO[resolver_pago(pago_pk=pago.pk, resultado=resultado, actor=actor)]
