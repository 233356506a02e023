"""What of automatic approval takes a second person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.formato import DIAS_EFECTO, TOPE_PREVIA, con_moneda, cuantas_y_cuanto
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from comisiones.revision.automatica import (
    de_las_mismas_manos,
    elegibles,
    exigir_hasta,
    publicar_politica,
)
from comisiones.revision.efecto import efecto_de_politica
from comisiones.revision.models import PoliticaAprobacion
from conversiones.campanas.models import Campana


def proponer_politica(
    *, campana: Campana, hasta: Decimal | None, motivo: str, actor: Actor
) -> PoliticaAprobacion | Propuesta:
    """Publish a policy; one that approves more than the present one waits for another person.

    Raises :class:`DatoInvalido`.
    """
    exigir_hasta(hasta, campana)
    vigente = _vigente(campana)
    if hasta is None or (vigente is not None and hasta <= vigente):
        return publicar_politica(campana=campana, hasta=hasta, motivo=motivo, actor=actor)
    return proponer(
        tipo=POLITICA,
        entidad_id=campana.id_publico,
        datos={"hasta": dinero.texto(hasta, campana.moneda)},
        actor=actor,
        motivo=motivo,
    )


def _vigente(campana: Campana) -> Decimal | None:
    """Up to how much commissions are approved by themselves, in the campaign's currency."""
    ultima = campana.politicas.order_by("-numero").first()
    return None if ultima is None or ultima.moneda != campana.moneda else ultima.hasta


def _foto(propuesta: Propuesta) -> Any:
    campana = Campana.objects.select_for_update().get(id_publico=propuesta.entidad_id)
    return {"moneda": campana.moneda, "vigente": _vigente(campana)}


def _publicar(propuesta: Propuesta, _sabido: Any) -> PoliticaAprobacion:
    return publicar_politica(
        campana=Campana.objects.get(id_publico=propuesta.entidad_id),
        hasta=Decimal(propuesta.datos["hasta"]),
        motivo=propuesta.motivo,
        actor=quien_la_hizo(propuesta),
    )


def _lineas(propuesta: Propuesta) -> list[Linea]:
    campana = Campana.objects.get(id_publico=propuesta.entidad_id)
    hasta, antes = Decimal(propuesta.datos["hasta"]), _vigente(campana)
    politica = PoliticaAprobacion(
        campana=campana, hasta=hasta, moneda=campana.moneda, publicada_por=propuesta.propuesta_por
    )
    ahora, suyas = (
        comisiones.order_by().values_list("moneda", "monto")[: TOPE_PREVIA + 1]
        for comisiones in (elegibles(politica), de_las_mismas_manos(politica))
    )
    moneda = campana.moneda
    efecto = efecto_de_politica(
        campana=campana, hasta=hasta, actor=de_texto(propuesta.propuesta_por)
    )
    return [
        (_now("Se aprueban solas hasta"), con_moneda(hasta, moneda)),
        (_now("Antes"), _now("ninguna") if antes is None else con_moneda(antes, moneda)),
        (_now("Aprobaría ya"), cuantas_y_cuanto(ahora)),
        (
            _now("No aprueba lo de quien la propone, ni lo de sus claves"),
            cuantas_y_cuanto(suyas),
        ),
        (
            _now("En los últimos %(dias)s días habrían dejado de pasar por una persona")
            % {"dias": DIAS_EFECTO},
            cuantas_y_cuanto((m.moneda, m.monto) for m in efecto.entran),
        ),
        (
            _now("De ellas, las que alguien rechazó"),
            cuantas_y_cuanto((m.moneda, m.monto) for m in efecto.rechazadas),
        ),
    ]


POLITICA = registrar(
    Tipo(
        nombre="politica",
        titulo=_("Aprobar sin una persona"),
        entidad="campana",
        foto=_foto,
        aplicar=_publicar,
        lineas=_lineas,
        modelo=lambda: Campana,
    )
)
