"""What the staff does with a sale by hand: registering one that no shop sent, and refusing one that
was validated."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.textos import MAX_MOTIVO, exigir_motivo
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.errores import ConversionDuplicada, NoEstaValidada
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.services import (
    NuevaConversion,
    preparar_conversion,
    registrar_conversion,
)


def registrar_a_mano(*, datos: NuevaConversion, motivo: str, actor: Actor) -> Conversion:
    """Register a sale that no shop sent; its commissions are calculated by event, as any other's.

    A reason is required. Raises as :func:`registrar_conversion`; a refused sale with the same
    reference does not come back by hand: it is a duplicate too.
    """
    datos = replace(datos, motivo=exigir_motivo(motivo))
    with transaction.atomic():
        _exigir_nueva(datos, actor)
        return registrar_conversion(datos=datos, actor=actor)


def _exigir_nueva(datos: NuevaConversion, actor: Actor) -> None:
    """Raises :class:`ConversionDuplicada`, and whatever else registering it would."""
    dicha, _anotacion = preparar_conversion(datos=datos, actor=actor)
    if not dicha.referencia_externa:
        return
    sabida = Conversion.objects.filter(
        campana=dicha.campana, referencia_externa=dicha.referencia_externa
    ).first()
    if sabida is not None:
        raise ConversionDuplicada(dicha, sabida)


def rechazar_validada(
    *, conversion: Conversion, motivo: str, actor: Actor, motivo_codigo: str = ""
) -> MovimientoConversion:
    """Refuse a sale that was validated: all of it is taken back, so that what its commissions owed
    is not owed any more and what they paid is deducted. A reason is required; its code, of the
    list, may go with it.

    Raises :class:`NoEstaValidada` for a sale in any other state.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Conversion.objects.select_for_update().get(pk=conversion.pk)
        if actual.estado != EstadoConversion.VALIDADA:
            raise NoEstaValidada()
        if motivo_codigo:
            actual.motivo_codigo = motivo_codigo
            actual.save(update_fields=["motivo_codigo"])
        return devolver(
            conversion=actual,
            datos=Devolucion(
                id_externo=f"rechazo-{actual.id_publico}",
                motivo=(_("Rechazada después de validarla. %(motivo)s") % {"motivo": motivo})[
                    :MAX_MOTIVO
                ],
            ),
            actor=actor,
        )
