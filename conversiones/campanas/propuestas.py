"""What of campaigns takes a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import TOPE_PREVIA, VACIO, cuantas_y_cuanto
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from conversiones.campanas.models import Campana
from conversiones.campanas.services import predeterminar_campana

_RECIENTES = timedelta(days=30)


def proponer_predeterminada(*, campana: Campana, actor: Actor, motivo: str) -> Propuesta:
    """Ask that a campaign take the conversions that name none: another person confirms it."""
    return proponer(tipo=PREDETERMINAR, entidad_id=campana.id_publico, actor=actor, motivo=motivo)


def lineas_de_predeterminar(campana: Campana) -> list[Linea]:
    """Which campaign it takes the place of, and what came to that one lately."""
    actual = Campana.objects.filter(predeterminada=True).exclude(pk=campana.pk).first()
    lineas: list[Linea] = [(_now("Sustituye a"), actual or VACIO)]
    if actual is not None:
        desde = timezone.now() - _RECIENTES
        ventas = actual.conversiones.order_by("-pk").values_list("moneda", "valor", "ocurrida_en")
        recientes = [
            (moneda, valor)
            for moneda, valor, cuando in ventas[: TOPE_PREVIA + 1]
            # A row of nobody's service may hold no instant.
            if cuando is not None and cuando >= desde
        ]
        lineas.append((_now("Ventas de esa en 30 días"), cuantas_y_cuanto(recientes)))
    return lineas


def _foto(propuesta: Propuesta) -> Any:
    filas = Campana.objects.select_for_update().filter(
        Q(id_publico=propuesta.entidad_id) | Q(predeterminada=True)
    )
    return {
        "predeterminada": [c.id_publico for c in filas.order_by("pk") if c.predeterminada],
    }


PREDETERMINAR = registrar(
    Tipo(
        nombre="predeterminar",
        titulo=_("Hacer predeterminada"),
        entidad="campana",
        foto=_foto,
        aplicar=lambda p, _sabido: predeterminar_campana(
            campana=Campana.objects.get(id_publico=p.entidad_id), actor=quien_la_hizo(p)
        ),
        lineas=lambda p: lineas_de_predeterminar(Campana.objects.get(id_publico=p.entidad_id)),
        modelo=lambda: Campana,
    )
)
