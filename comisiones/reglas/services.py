"""All writes of rules: a rule is stable, its terms are published in immutable versions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from comisiones.eventos import VersionReglaPublicada
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from conversiones.models import Campana
from outbox.services import publicar


def crear_regla(*, nombre: str, campana: Campana | None, actor: Actor) -> Regla:
    """Create a rule for a campaign, or the programme's default; it pays nothing until a version
    is published."""
    with transaction.atomic():
        regla = Regla.objects.create(id_publico=nuevo_id("regla"), nombre=nombre, campana=campana)
        paso(entidad="regla", entidad_id=regla.id_publico, accion="crear", actor=actor).save()
    return regla


def publicar_version(
    *,
    regla: Regla,
    tipo: str,
    actor: Actor,
    porcentaje: Decimal | None = None,
    monto_fijo: Decimal | None = None,
    moneda: str = "",
    vigente_desde: datetime | None = None,
    vigente_hasta: datetime | None = None,
) -> VersionRegla:
    """Publish new terms; they apply to conversions that occurred within the dates (from now on by
    default) and are calculated after this. Raises :class:`DatoInvalido`.
    """
    vigente_desde = vigente_desde or timezone.now()
    if tipo == TipoComision.PORCENTUAL:
        if porcentaje is None or not 0 <= porcentaje <= 100:
            raise DatoInvalido(_("El porcentaje va de 0 a 100."), campo="porcentaje")
        monto_fijo, moneda = None, ""
    else:
        porcentaje = None
        try:
            valido = (
                monto_fijo is not None and monto_fijo >= 0 and dinero.es_exacto(monto_fijo, moneda)
            )
        except dinero.DineroInvalido as exc:
            raise DatoInvalido(exc, campo="moneda") from None
        if not valido:
            raise DatoInvalido(_("No es un importe válido en esa moneda."), campo="monto_fijo")
    if vigente_hasta is not None and vigente_hasta <= vigente_desde:
        raise DatoInvalido(_("Debe ser posterior al inicio."), campo="vigente_hasta")
    with transaction.atomic():
        regla = Regla.objects.select_for_update().get(pk=regla.pk)
        if regla.origen != OrigenRegla.VERSION:
            raise Conflicto(_("Esta regla del sistema no tiene versiones."), codigo="sin_versiones")
        ultimo = regla.versiones.aggregate(ultimo=Max("numero"))["ultimo"] or 0
        version = VersionRegla(
            regla=regla,
            numero=ultimo + 1,
            tipo=tipo,
            porcentaje=porcentaje,
            monto_fijo=monto_fijo,
            moneda=moneda,
            vigente_desde=vigente_desde,
            vigente_hasta=vigente_hasta,
            publicada_por=str(actor),
        )
        version.save()
        paso(
            entidad="regla", entidad_id=regla.id_publico, accion="publicar", actor=actor,
            datos={"version": version.numero},
        ).save()  # fmt: skip
        publicar(
            VersionReglaPublicada(
                regla_id=regla.id_publico,
                numero=version.numero,
                campana_id=regla.campana.id_publico if regla.campana else None,
            ),
            version=version.numero,
        )
    return version
