"""Payments that leave: what is committed before any money moves, whatever the gateway."""

from __future__ import annotations

from collections.abc import Mapping

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from comisiones import eventos
from comisiones.pagos.estados import PAGO, EstadoPago
from comisiones.pagos.models import IntentoPago, Pago
from comisiones.pagos.pago.asientos import asentar_envios
from outbox.publicacion import publicar_todos

_POR_SENTENCIA = 500


def dar_salida(huellas: Mapping[Pago, str], *, actor: Actor) -> None:
    """Note the intent to send locked payments that are ``listo``, each with the hash of what is
    asked for: state, history, intent, entry and event, in the caller's transaction."""
    pagos = list(huellas)
    PAGO.transitar_todos(pagos, EstadoPago.ENVIANDO, accion="enviar", actor=actor)
    IntentoPago.objects.bulk_create(
        [
            IntentoPago(pago=pago, clave=pago.id_publico, huella=huella)
            for pago, huella in huellas.items()
        ],
        batch_size=_POR_SENTENCIA,
    )
    asentar_envios(pagos)
    publicar_todos((_enviado(pago), pago.version) for pago in pagos)


def _enviado(pago: Pago) -> eventos.PagoEnviado:
    return eventos.PagoEnviado(
        pago_id=pago.id_publico,
        afiliado_id=pago.afiliado.id_publico,
        importe=dinero.texto(pago.importe, pago.moneda),
        retenido=dinero.texto(pago.retenido, pago.moneda),
        moneda=pago.moneda,
    )
