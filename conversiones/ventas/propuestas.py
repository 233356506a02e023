"""What of sales takes a second person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import con_moneda, fecha_y_hora
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from conversiones.ventas.asignacion import asignar_conversion, exigir_asignable, pide_otra_persona
from conversiones.ventas.models import Conversion


def asignar_o_proponer(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Conversion | Propuesta:
    """Say whose a sale is, or ask another person to confirm it where it is worth more than its
    limit. Raises as :func:`asignar_conversion`, and :class:`YaPropuesto`."""
    exigir_asignable(conversion, afiliado)
    if not pide_otra_persona(conversion):
        return asignar_conversion(
            conversion=conversion, afiliado=afiliado, motivo=motivo, actor=actor
        )
    return proponer(
        tipo=ASIGNAR,
        entidad_id=conversion.id_publico,
        actor=actor,
        motivo=motivo,
        datos={"afiliado_id": afiliado.id_publico},
    )


def _foto(propuesta: Propuesta) -> Any:
    """How the sale is, locked: nobody says meanwhile whose it is."""
    venta = (
        Conversion.objects.select_for_update()
        .filter(id_publico=propuesta.entidad_id)
        .values("afiliado_id", "estado", "valor", "moneda")
        .first()
    )
    return venta


def _aplicar(propuesta: Propuesta, _sabido: Any) -> object:
    return asignar_conversion(
        conversion=Conversion.objects.get(id_publico=propuesta.entidad_id),
        afiliado=Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"]),
        motivo=propuesta.motivo,
        actor=quien_la_hizo(propuesta),
    )


def _lineas(propuesta: Propuesta) -> list[Linea]:
    venta = Conversion.objects.select_related("campana").get(id_publico=propuesta.entidad_id)
    return [
        (_now("Será de"), Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"])),
        (_now("Campaña"), venta.campana),
        (_now("Valor"), con_moneda(venta.valor, venta.moneda)),
        (_now("Ocurrida"), fecha_y_hora(venta.ocurrida_en)),
    ]


ASIGNAR = registrar(
    Tipo(
        nombre="asignar_conversion",
        titulo=_("Asignar a un afiliado"),
        entidad="conversion",
        foto=_foto,
        aplicar=_aplicar,
        lineas=_lineas,
        modelo=lambda: Conversion,
    )
)
