"""All writes of automatic approval: publishing a policy, and approving by the ones that hold."""

from __future__ import annotations

import logging
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.separacion import manos
from alpespartner.comun.textos import exigir_motivo
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.eventos import PoliticaAprobacionPublicada
from comisiones.libro.models import Asiento, TipoAsiento
from comisiones.reglas.models import OrigenRegla
from comisiones.revision.models import PoliticaAprobacion
from comisiones.revision.services import aprobar_comision
from comisiones.separacion.selectors import hechas_por_sus_manos, vetos_de
from conversiones.campanas.models import Campana
from conversiones.ventas.models import TipoMovimiento
from outbox.publicacion import publicar

log = logging.getLogger(__name__)


def publicar_politica(
    *, campana: Campana, hasta: Decimal | None, motivo: str, actor: Actor
) -> PoliticaAprobacion:
    """Say up to which amount, in the campaign's currency, its commissions are approved without a
    person; None turns it off. A reason is required. Raises :class:`DatoInvalido`."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        exigir_hasta(hasta, actual)
        ultimo = actual.politicas.aggregate(ultimo=Max("numero"))["ultimo"] or 0
        politica = PoliticaAprobacion(
            id_publico=nuevo_id("pol"),
            campana=actual,
            numero=ultimo + 1,
            hasta=hasta,
            moneda=actual.moneda,
            motivo=motivo,
            publicada_por=str(actor),
        )
        politica.save()
        paso(
            entidad="politica", entidad_id=politica.id_publico, accion="publicar", actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        publicar(
            PoliticaAprobacionPublicada(
                politica_id=politica.id_publico,
                campana_id=actual.id_publico,
                numero=politica.numero,
                hasta=None if hasta is None else dinero.texto(hasta, actual.moneda),
                moneda=actual.moneda,
            ),
            version=1,
        )
    return politica


def exigir_hasta(hasta: Decimal | None, campana: Campana) -> None:
    """Raises :class:`DatoInvalido` for an amount that no policy of a campaign may have."""
    if hasta is not None and (hasta <= 0 or not dinero.es_exacto(hasta, campana.moneda)):
        raise DatoInvalido(_("No es un importe válido en esa moneda."), campo="hasta")


def vigentes() -> QuerySet[PoliticaAprobacion]:
    """The policy that holds in each campaign, unless it approves none."""
    ultima = (
        PoliticaAprobacion.objects.filter(campana=OuterRef("campana"))
        .order_by("-numero")
        .values("pk")[:1]
    )
    return PoliticaAprobacion.objects.filter(pk=Subquery(ultima), hasta__isnull=False)


def elegibles(politica: PoliticaAprobacion) -> QuerySet[Comision]:
    """What waits in a policy's campaign and meets all of :func:`requisitos`."""
    return _en_espera(politica).filter(*(cumple for _que, cumple in requisitos(politica)))


def de_las_mismas_manos(politica: PoliticaAprobacion) -> QuerySet[Comision]:
    """What a policy would approve if it were not of whoever priced it, or made the key of its
    sale."""
    *demas, (_que, de_otras) = requisitos(politica)
    return _en_espera(politica).filter(*(cumple for _que, cumple in demas)).exclude(de_otras)


def requisitos(politica: PoliticaAprobacion) -> list[tuple[str, Q]]:
    """What a commission must meet for a policy to approve it, each with what is said of one that
    does not: an amount that a person set needs a second person, and a sale that a person refused,
    or a commission that one sent back, needs one to say that it is good after all. A policy
    approves in the name of whoever published it: the last is of other hands."""
    autor = de_texto(politica.publicada_por)
    return [
        (_("todavía no se puede pagar"), Q(madura_en__lte=timezone.now())),
        (
            _("pasa de lo que aprueba la política"),
            Q(monto__lte=politica.hasta, moneda=politica.moneda),
        ),
        (_("su afiliado no está activo"), Q(afiliado__estado=EstadoAfiliado.ACTIVO)),
        (_("sus condiciones se fijaron a mano"), ~Q(regla__origen=OrigenRegla.MANUAL)),
        (
            _("su venta se rechazó y volvió"),
            ~Q(conversion__movimientos__tipo=TipoMovimiento.REPOSICION),
        ),
        (
            _("una persona la devolvió a revisión"),
            Q(~Exists(_devoluciones().filter(origen=OuterRef("id_publico")))),
        ),
        (
            _("un ajuste que espera le quitaría algo"),
            Q(~Exists(_quitas().filter(comision=OuterRef("pk")))),
        ),
        (
            _(
                "quien publicó la política publicó también su regla, o registró su venta, o creó "
                "la clave que la registró o la calculó"
            ),
            ~Q(version_regla__publicada_por__in=manos(autor)) & ~hechas_por_sus_manos(autor),
        ),
    ]


def _devoluciones() -> QuerySet[Asiento]:
    return Asiento.objects.filter(tipo=TipoAsiento.DEVOLUCION)


def _quitas() -> QuerySet[Ajuste]:
    return Ajuste.objects.filter(estado=EstadoAjuste.BORRADOR, monto__lt=0)


def por_que_no_sola(comision: Comision) -> list[str]:
    """Why the policy in force does not approve a commission that waits; none without a policy."""
    politica = vigentes().filter(campana=comision.campana_id).first()
    if politica is None or comision.estado != EstadoComision.PENDIENTE:
        return []
    suya = Comision.objects.filter(pk=comision.pk)
    causas = [que for que, cumple in requisitos(politica) if not suya.filter(cumple).exists()]
    if not causas:
        vetos = vetos_de(comision, de_texto(politica.publicada_por))
        causas = [
            _("quien publicó la política %(que)s") % {"que": relacion.label} for relacion in vetos
        ]
    return causas


def _en_espera(politica: PoliticaAprobacion) -> QuerySet[Comision]:
    return Comision.objects.filter(campana=politica.campana_id, estado=EstadoComision.PENDIENTE)


def aprobar_por_politicas(*, actor: Actor, limite: int = 500) -> int:
    """Approve what the policies allow, at most ``limite`` per campaign; returns how many."""
    aprobadas = 0
    for politica in vigentes().select_related("campana").order_by("pk"):
        claves = elegibles(politica).order_by("madura_en", "pk").values_list("pk", flat=True)
        quedan = limite
        # Those that wait for a person must not stand in front of the rest.
        for pk in list(claves):
            if not quedan:
                break
            try:
                hecha = _aprobar(pk, politica, actor)
            except Exception:
                # One that cannot be approved must not stop those behind it.
                log.exception("comisión %s: no se pudo aprobar", pk)
                continue
            quedan -= hecha
            aprobadas += hecha
    return aprobadas


def _aprobar(pk: int, politica: PoliticaAprobacion, actor: Actor) -> bool:
    with transaction.atomic():
        # Looked at again under its lock: a person may hold it, or a newer policy be published.
        if not vigentes().filter(pk=politica.pk).exists():
            return False
        comision = elegibles(politica).select_for_update(of=("self",)).filter(pk=pk).first()
        if comision is None:
            return False
        # The policy approves in the name of whoever published it.
        if vetos_de(comision, de_texto(politica.publicada_por)):
            return False
        aprobar_comision(
            comision=comision,
            actor=actor,
            motivo=_("Política %(id)s: madura y de hasta %(hasta)s %(moneda)s.")
            % {
                "id": politica.id_publico,
                "hasta": dinero.texto(politica.hasta or dinero.CERO, politica.moneda),
                "moneda": politica.moneda,
            },
        )
    return True
