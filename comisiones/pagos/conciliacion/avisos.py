"""Notices of gateways: what one tells by itself is kept once, in the transaction of its effect."""

from __future__ import annotations

import logging
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import sistema
from alpespartner.comun.db.reintento import reintentar
from alpespartner.comun.errores import NoEncontrado
from comisiones.pagos.models import AvisoPasarela, Pago, ResultadoAviso
from comisiones.pagos.pago.bloqueo import bloquear, orden_de
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pasarelas.interfaz import Aviso, ConAvisos, pasarela_de

log = logging.getLogger(__name__)

_R = ResultadoAviso
_DICHO = {"aplicado": _R.APLICADO, "repetido": _R.YA_SABIDO, "contradice": _R.CONTRADICE}
# Nothing else will settle these.
PARA_UNA_PERSONA = (_R.DESCONOCIDO, _R.OTRA_COSA, _R.EN_PARTE, _R.CONTRADICE)


def recibir_aviso(*, pasarela: str, cuerpo: bytes, firma: str) -> None:
    """Take a notice as it came; the same one again changes nothing, nor does one of no use.

    Raises FirmaInvalida, AvisoIlegible, and :class:`NoEncontrado` when that gateway, or the secret
    of its notices, is not configured.
    """
    try:
        quien = pasarela_de(pasarela)
        if not isinstance(quien, ConAvisos):
            raise LookupError(pasarela)
        aviso = quien.interpretar_aviso(cuerpo, firma)
    except LookupError:
        raise NoEncontrado(_("No hay nada en esta dirección.")) from None
    if aviso is not None:
        reintentar(lambda: _aplicar_una_vez(pasarela, aviso))


def _aplicar_una_vez(pasarela: str, aviso: Aviso) -> None:
    ya = AvisoPasarela.objects.filter(pasarela=pasarela, id_externo=aviso.id_externo)
    try:
        with transaction.atomic():
            # Locked before its twin is looked for: two at once come here one after the other.
            pago = _pago(pasarela, aviso)
            if ya.exists():
                return
            resultado = _aplicar(pago, aviso)
            AvisoPasarela(
                pasarela=pasarela,
                id_externo=aviso.id_externo,
                tipo=aviso.tipo,
                referencia=aviso.referencia,
                dicho=aviso.respuesta.estado if aviso.respuesta else "",
                pago=pago,
                resultado=resultado,
                detalle=f"{aviso.importe:f} {aviso.moneda}",
            ).save()
    except IntegrityError:
        # Of no payment, so that nothing made them wait. Any other constraint is our error.
        if not ya.exists():
            raise
    else:
        if resultado in PARA_UNA_PERSONA:
            log.warning("aviso %s de %s: %s", aviso.id_externo, pasarela, resultado)


def _pago(pasarela: str, aviso: Aviso) -> Pago | None:
    suyo = Pago.objects.filter(id_publico=aviso.pago_id, pasarela=pasarela).only("pk").first()
    return bloquear(suyo.pk) if suyo else None


def _aplicar(pago: Pago | None, aviso: Aviso) -> ResultadoAviso:
    if pago is None:
        return _R.DESCONOCIDO
    if not _es_lo_pedido(pago, aviso):
        return _R.OTRA_COSA
    if aviso.respuesta is None:
        return _R.EN_PARTE
    if (
        aviso.respuesta.estado == "pagado"
        and pago.avisos.filter(referencia=aviso.referencia, dicho="devuelto").exists()
    ):
        # Notices come in any order: that it left is older than that it came back.
        return _R.YA_SABIDO
    actor = sistema(f"aviso.{pago.pasarela}")
    return _DICHO[resolver_pago(pago_pk=pago.pk, respuesta=aviso.respuesta, actor=actor)]


def _es_lo_pedido(pago: Pago, aviso: Aviso) -> bool:
    """Whether the transfer is what was asked for, to whom it was asked for then: its affiliate may
    have another account now."""
    if (aviso.importe, aviso.moneda) != (dinero.cuantizar(pago.importe, pago.moneda), pago.moneda):
        return False
    huella = replace(orden_de(pago), destino=aviso.destino).huella
    return pago.intentos.filter(huella=huella).exists()
