"""What of payments takes a second person: that one did not arrive, and so may be paid again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import VACIO, con_moneda, cuantas_y_cuanto
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from comisiones.pagos.errores import PagoNoIncierto
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.bloqueo import bloquear
from comisiones.pagos.pago.resolucion import decidir_pago, es_decidible, preguntar_antes


def proponer_no_pagado(*, pago: Pago, actor: Actor, motivo: str) -> Propuesta:
    """Say that a payment did not arrive: what it pays is free again when another person confirms.

    The gateway is asked first, now and then. Raises what :func:`preguntar_antes` does.
    """
    preguntar_antes(pago=pago, actor=actor)
    with transaction.atomic():
        propuesta = proponer(tipo=NO_PAGADO, entidad_id=pago.id_publico, actor=actor, motivo=motivo)
        if not propuesta.visto["decidible"]:
            raise PagoNoIncierto()
    return propuesta


def lineas_de_no_pagado(pago: Pago) -> list[Linea]:
    """What would be paid again, to whom, and in which file it was."""
    items = pago.items.values_list("moneda", "importe")
    return [
        (_now("Afiliado"), pago.afiliado),
        (_now("Importe"), con_moneda(pago.importe, pago.moneda)),
        (_now("Lote"), pago.lote or VACIO),
        (_now("Se podrá pagar otra vez"), cuantas_y_cuanto(items)),
    ]


def _pago(propuesta: Propuesta) -> Pago:
    return Pago.objects.select_related("afiliado", "lote").get(id_publico=propuesta.entidad_id)


def _foto(propuesta: Propuesta) -> Any:
    pago = bloquear(_pago(propuesta).pk)
    return {"decidible": es_decidible(pago), "importe": f"{pago.importe:.4f}"}


def _aplicar(propuesta: Propuesta, preguntado: Any) -> Pago:
    return decidir_pago(
        pago=_pago(propuesta),
        pagado=False,
        actor=quien_la_hizo(propuesta),
        motivo=propuesta.motivo,
        preguntado=preguntado,
    )


NO_PAGADO = registrar(
    Tipo(
        nombre="no_pagado",
        titulo=_("Dar por no pagado"),
        entidad="pago",
        foto=_foto,
        # A call to the gateway must not wait with rows locked.
        antes=lambda p: preguntar_antes(pago=_pago(p), actor=quien_la_hizo(p)),
        aplicar=_aplicar,
        lineas=lambda p: lineas_de_no_pagado(_pago(p)),
        modelo=lambda: Pago,
        permiso="comisiones.decidir_pago",
    )
)
