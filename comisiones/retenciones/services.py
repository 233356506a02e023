"""All writes of the withholding table, and what it withholds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import exigir_motivo
from comisiones.eventos import RetencionFiscalPublicada
from comisiones.retenciones.models import RetencionFiscal
from outbox.publicacion import publicar


def publicar_retencion(
    *,
    nombre: str,
    porcentaje: Decimal,
    desde: date,
    motivo: str,
    actor: Actor,
    afiliado: Afiliado | None = None,
    documento_tipo: str = "",
) -> RetencionFiscal:
    """Withhold a percentage (15 means 15 %) from the payments made since a day (UTC); 0 ends it.

    A reason is required. Raises :class:`DatoInvalido` for a percentage outside [0, 100), two
    scopes at once, or a day that has passed: its payments were made.
    """
    motivo = exigir_motivo(motivo)
    exigir_retencion(
        porcentaje=porcentaje, desde=desde, afiliado=afiliado, documento_tipo=documento_tipo
    )
    with transaction.atomic():
        retencion = RetencionFiscal(
            id_publico=nuevo_id("ret"),
            nombre=nombre.strip(),
            porcentaje=porcentaje,
            afiliado=afiliado,
            documento_tipo=documento_tipo.strip(),
            desde=desde,
            motivo=motivo,
            publicada_por=str(actor),
        )
        retencion.save()
        paso(
            entidad="retencion", entidad_id=retencion.id_publico, accion="publicar", actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        publicar(
            RetencionFiscalPublicada(
                retencion_id=retencion.id_publico,
                nombre=retencion.nombre,
                porcentaje=f"{porcentaje:f}",
                afiliado_id=afiliado.id_publico if afiliado else None,
                documento_tipo=retencion.documento_tipo,
                desde=desde.isoformat(),
            ),
            version=1,
        )
    return retencion


def exigir_retencion(
    *, porcentaje: Decimal, desde: date, afiliado: Afiliado | None, documento_tipo: str
) -> None:
    """Raises :class:`DatoInvalido` for what no withholding may say."""
    if not 0 <= porcentaje < 100:
        raise DatoInvalido(_("Un porcentaje desde 0 y menor que 100."), campo="porcentaje")
    if afiliado is not None and documento_tipo:
        raise DatoInvalido(
            _("De un afiliado o de un tipo de documento, no de ambos."), campo="documento_tipo"
        )
    if desde < hoy():
        raise DatoInvalido(_("Los pagos de ese día ya se hicieron."), campo="desde")


def hoy() -> date:
    """The day of the table: in UTC, as the ledger's."""
    return timezone.now().astimezone(UTC).date()


def retenciones_de(afiliados: Collection[Afiliado]) -> dict[int, RetencionFiscal]:
    """What is withheld today from some affiliates, by key; who has none is not there.

    What was said of the affiliate goes before what was said of its type of document, and that
    before what was said of everybody: a 0 % for one affiliate exempts it.
    """
    return {pk: suya for pk, suya in que_alcanza(afiliados).items() if suya.porcentaje}


def que_alcanza(
    afiliados: Collection[Afiliado], *, con: RetencionFiscal | None = None
) -> dict[int, RetencionFiscal]:
    """The one of the table that reaches each affiliate today, by key, of 0 % too; ``con``: as if
    this one had been published besides."""
    por_alcance: dict[tuple[int | None, str], RetencionFiscal] = {}
    for retencion in RetencionFiscal.objects.filter(
        Q(afiliado=None) | Q(afiliado__in=[a.pk for a in afiliados]), desde__lte=hoy()
    ).order_by("desde", "pk"):
        por_alcance[retencion.afiliado_id, retencion.documento_tipo] = retencion
    if con is not None:
        por_alcance[con.afiliado_id, con.documento_tipo] = con
    alcanzan = {}
    for afiliado in afiliados:
        alcances = ((afiliado.pk, ""), (None, afiliado.documento_tipo), (None, ""))
        propia = next((por_alcance[a] for a in alcances if a in por_alcance), None)
        if propia is not None:
            alcanzan[afiliado.pk] = propia
    return alcanzan


def retenido_de(bruto: Decimal, moneda: str, retencion: RetencionFiscal | None) -> Decimal:
    """What is withheld of a gross amount, half up to the currency; nothing of a debt."""
    if retencion is None or bruto <= 0:
        return dinero.CERO
    return dinero.cuantizar(bruto * retencion.porcentaje / 100, moneda)
