"""Consumer ``comisiones``: reacts to what happens to conversions, affiliates and commissions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.conf import settings
from django.db.models import Q

from alpespartner.comun.actores import sistema
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.renovaciones import repasar_ventas
from comisiones.calculo.reposicion import MOTIVO_RECHAZO, reponer_comisiones
from comisiones.calculo.services import calcular_comisiones, recalcular_sin_importe
from comisiones.comision.estados import COMISION, SIN_IMPORTE, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.liquidaciones.services import emitir
from comisiones.pagos.pago.services import programar_pagos
from comisiones.presupuesto.services import hay_mas_sitio
from comisiones.revision.services import anular_comision, liberar_comision
from conversiones.ventas.estados import EstadoConversion
from outbox.consumo import Consumidor, Sobre, registrar

ACTOR = sistema("comisiones")


def _conversiones_registradas(sobres: list[Sobre]) -> None:
    calcular_comisiones(conversiones_ids=[s.sujeto for s in sobres], actor=ACTOR)


def _conversiones_rechazadas(sobres: list[Sobre]) -> None:
    for sobre in sobres:
        for comision in Comision.objects.filter(
            conversion__id_publico=sobre.sujeto,
            # It may count again by now: then this event comes late.
            conversion__estado=EstadoConversion.RECHAZADA,
            estado__in=COMISION.origenes(EstadoComision.ANULADA),
        ):
            anular_comision(comision=comision, actor=ACTOR, motivo=MOTIVO_RECHAZO)
    repasar_ventas(Q(id_publico__in=[s.sujeto for s in sobres]))


def _conversiones_repuestas(sobres: list[Sobre]) -> None:
    reponer_comisiones(conversiones_ids=[s.sujeto for s in sobres], actor=ACTOR)
    repasar_ventas(Q(id_publico__in=[s.sujeto for s in sobres]))


def _conversiones_revertidas(sobres: list[Sobre]) -> None:
    aplicar_devoluciones(conversiones_ids=[s.sujeto for s in sobres], actor=ACTOR)
    repasar_ventas(Q(id_publico__in=[s.sujeto for s in sobres]))


def _afiliados_activados(sobres: list[Sobre]) -> None:
    for comision in Comision.objects.filter(
        afiliado__id_publico__in=[s.sujeto for s in sobres],
        estado=EstadoComision.RETENIDA,
        motivo_retencion__in=(
            MotivoRetencion.AFILIADO_PENDIENTE,
            MotivoRetencion.AFILIADO_NO_ACTIVO,
        ),
    ).order_by("id"):
        liberar_comision(comision=comision, actor=ACTOR, motivo="El afiliado fue activado.")


def _recalcular_sin_importe(alcance: Q) -> None:
    sin_importe = Comision.objects.filter(
        alcance, estado=EstadoComision.RETENIDA, motivo_retencion__in=SIN_IMPORTE
    )
    for comision in sin_importe.select_related("conversion").order_by("id"):
        if recalcular_sin_importe(comision=comision, actor=ACTOR):
            aplicar_devoluciones(conversiones_ids=[comision.conversion.id_publico], actor=ACTOR)


def _reglas_publicadas(sobres: list[Sobre]) -> None:
    campanas = [sobre.datos["campana_id"] for sobre in sobres]
    # The programme's default rule concerns every campaign.
    alcance = Q() if None in campanas else Q(campana__id_publico__in=campanas)
    _recalcular_sin_importe(alcance)


def _tarifas_actualizadas(sobres: list[Sobre]) -> None:
    _recalcular_sin_importe(Q(afiliado__id_publico__in=[s.sujeto for s in sobres]))


def _campanas_creadas(sobres: list[Sobre]) -> None:
    hay_mas_sitio(campanas_ids=[s.sujeto for s in sobres])


def _campanas_actualizadas(sobres: list[Sobre]) -> None:
    hay_mas_sitio(campanas_ids=[s.sujeto for s in sobres if "presupuesto" in s.datos["campos"]])


def _comisiones_aprobadas(sobres: list[Sobre]) -> None:
    if settings.PAGOS_AUTOMATICOS:
        programar_pagos(comisiones_ids=[s.sujeto for s in sobres], actor=ACTOR)


def _pagos_resueltos(sobres: list[Sobre]) -> None:
    emitir(pagos_ids=[s.sujeto for s in sobres], actor=ACTOR)


_REACCIONES = {
    "ConversionRegistrada": _conversiones_registradas,
    "ConversionAsignada": _conversiones_registradas,
    "ConversionRechazada": _conversiones_rechazadas,
    "ConversionRepuesta": _conversiones_repuestas,
    "ConversionRevertida": _conversiones_revertidas,
    "AfiliadoActivado": _afiliados_activados,
    "CampanaCreada": _campanas_creadas,
    "CampanaActualizada": _campanas_actualizadas,
    "ConfiguracionComisionesActualizada": _tarifas_actualizadas,
    "VersionReglaPublicada": _reglas_publicadas,
    "ComisionAprobada": _comisiones_aprobadas,
    "PagoConfirmado": _pagos_resueltos,
    "PagoDevuelto": _pagos_resueltos,
}


def _manejar(sobres: Sequence[Sobre]) -> None:
    # Runs of one type keep the order between types.
    for tipo, grupo in groupby(sobres, key=lambda s: s.tipo):
        _REACCIONES[tipo](list(grupo))


COMISIONES = registrar(Consumidor("comisiones", frozenset(_REACCIONES), _manejar))
