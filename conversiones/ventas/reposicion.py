"""A refused sale whose order completes after all, and comes again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import historial_de
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import MAX_MOTIVO
from conversiones import eventos
from conversiones.ventas.devoluciones import anotar_venta
from conversiones.ventas.estados import VUELTA, EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion, TipoMovimiento
from outbox.publicacion import publicar


def reponer_si_volvio(*, sabida: Conversion, dicha: Conversion, actor: Actor) -> Conversion | None:
    """Reinstate ``sabida``, which was refused, when ``dicha`` is the same sale sent again.

    Once: one that is refused again stays so. It waits for its review anew, and its commissions
    follow by event. None when nothing changes.
    """
    with transaction.atomic():
        actual = (
            Conversion.objects.select_related("campana", "afiliado")
            .select_for_update(of=("self",))
            .get(pk=sabida.pk)
        )
        if not VUELTA.permite(actual.estado, EstadoConversion.RECIBIDA) or not _es(actual, dicha):
            return None
        if actual.movimientos.filter(tipo=TipoMovimiento.REPOSICION).exists():
            return None
        _reponer(actual, actor)
    return actual


def _es(sabida: Conversion, dicha: Conversion) -> bool:
    return (sabida.afiliado_id, sabida.campana_id, sabida.valor, sabida.moneda) == (
        dicha.afiliado_id, dicha.campana_id, dicha.valor, dicha.moneda,
    )  # fmt: skip


def _reponer(conversion: Conversion, actor: Actor) -> None:
    """Write both facts, which cancel each other, and move a locked sale."""
    rechazo = historial_de("conversion", conversion.id_publico).filter(accion="rechazar").last()
    causa = rechazo.motivo if rechazo is not None else ""
    motivo = _("Se rechazó («%(motivo)s») y el pedido llegó otra vez.") % {"motivo": causa[:400]}
    anotar_venta(conversion)
    _anotar(
        conversion, TipoMovimiento.RECHAZO, causa,
        str(actor) if rechazo is None else rechazo.actor,
    )  # fmt: skip
    movimiento = _anotar(conversion, TipoMovimiento.REPOSICION, motivo, str(actor))
    conversion.motivo_codigo = ""
    VUELTA.transitar(
        conversion,
        EstadoConversion.RECIBIDA,
        accion="reponer",
        actor=actor,
        motivo=motivo,
        datos={"movimiento_id": movimiento.id_publico},
        campos=("motivo_codigo",),
    )
    publicar(
        eventos.ConversionRepuesta(
            conversion_id=conversion.id_publico,
            movimiento_id=movimiento.id_publico,
            motivo=motivo,
        ),
        version=conversion.version,
    )


def _anotar(conversion: Conversion, tipo: str, motivo: str, autor: str) -> MovimientoConversion:
    signo = -1 if tipo == TipoMovimiento.RECHAZO else 1
    movimiento = MovimientoConversion(
        id_publico=nuevo_id("mov"),
        campana=conversion.campana,
        conversion=conversion,
        tipo=tipo,
        # Once per sale.
        id_externo=f"{conversion.id_publico}.{tipo}",
        monto=signo * conversion.valor,
        moneda=conversion.moneda,
        motivo=motivo[:MAX_MOTIVO],
        actor=autor,
        ocurrido_en=timezone.now(),
    )
    movimiento.save()
    return movimiento
