"""What always holds of proposals."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone

from alpespartner.comun.invariantes import TARDE, Comprobacion
from alpespartner.comun.models import EstadoPropuesta, Propuesta
from alpespartner.comun.separacion import manos_de

_POR_CONFIRMAR = EstadoPropuesta.POR_CONFIRMAR


def _de_dos() -> Iterator[str]:
    confirmadas = Propuesta.objects.filter(estado=EstadoPropuesta.CONFIRMADA)
    for propuesta in confirmadas.filter(decidida_por=F("propuesta_por")).iterator():
        yield f"{propuesta.id_publico}: la confirmó quien la propuso"
    # Only keys may be the same hands under another name.
    for propuesta in confirmadas.filter(
        propuesta_por__startswith="clave:", decidida_por__startswith="clave:"
    ).exclude(decidida_por=F("propuesta_por")).iterator():  # fmt: skip
        if propuesta.decidida_por in manos_de(propuesta.propuesta_por):
            yield f"{propuesta.id_publico}: la confirmaron las mismas manos"


def _viva_la_que_espera() -> Iterator[str]:
    for propuesta in Propuesta.objects.filter(
        (Q(estado=_POR_CONFIRMAR) & (Q(viva=None) | ~Q(decidida_por="")))
        | (~Q(estado=_POR_CONFIRMAR) & (Q(viva=True) | Q(decidida_por="")))
    ).iterator():
        yield f"{propuesta.id_publico}: está {propuesta.estado} y no lo dicen sus campos"


def _vencidas() -> Iterator[str]:
    for propuesta in Propuesta.objects.filter(
        estado=_POR_CONFIRMAR, caduca_en__lt=timezone.now() - 24 * TARDE
    ).iterator():
        yield f"{propuesta.id_publico}: caducó y sigue por confirmar"


COMPROBACIONES = (
    Comprobacion("Nadie confirma lo que propuso", _de_dos),
    Comprobacion("Una propuesta espera o la decidió alguien", _viva_la_que_espera),
    Comprobacion("Las propuestas caducan a tiempo", _vencidas, aviso=True),
)
