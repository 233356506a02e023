"""Erasing an affiliate takes two persons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from afiliados.personales.services import ENTIDAD, borrar_datos, exigir_que_se_pueda
from alpespartner.comun.actores import Actor
from alpespartner.comun.models import Propuesta
from alpespartner.comun.personales import partes
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar


def proponer_borrado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Propuesta:
    """Ask that an affiliate be erased. A reason is required. Raises what borrar_datos would."""
    exigir_que_se_pueda(afiliado)
    return proponer(tipo=BORRAR, entidad_id=afiliado.id_publico, actor=actor, motivo=motivo)


def lineas_de_borrar(afiliado: Afiliado) -> list[Linea]:
    """What goes, what stays, and what nobody would think of."""
    lineas: list[Linea] = [
        (_now("Se borran"), _now("Nombre, correo, teléfono, documento, cuenta, claves y correos.")),
        (_now("Quedan"), _now("Ventas, comisiones, pagos y documentos, a nombre de nadie.")),
    ]
    for parte in partes(ENTIDAD):
        lineas.extend(parte.lineas(afiliado))
    return lineas


def _de(propuesta: Propuesta) -> Afiliado:
    return Afiliado.objects.get(id_publico=propuesta.entidad_id)


def _foto(propuesta: Propuesta) -> Any:
    afiliado = Afiliado.objects.select_for_update().get(id_publico=propuesta.entidad_id)
    return {"estado": afiliado.estado, "borrado": afiliado.borrado_en is not None}


BORRAR = registrar(
    Tipo(
        nombre="borrar_datos",
        titulo=_("Borrar sus datos personales"),
        entidad=ENTIDAD,
        foto=_foto,
        aplicar=lambda p, _sabido: borrar_datos(
            afiliado=_de(p),
            actor=quien_la_hizo(p),
            motivo=p.motivo,
            confirmada_por=p.decidida_por,
        ),
        lineas=lambda p: lineas_de_borrar(_de(p)),
        modelo=lambda: Afiliado,
    )
)
