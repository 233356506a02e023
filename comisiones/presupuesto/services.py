"""All writes of what campaigns spend of their budgets.

Of a campaign without a budget nothing is read nor written here. Of one that has it, whoever makes a
commission count, or count for less, takes the row of its budget in the same transaction, after
those of the commissions: two at once never spend the same cents.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.dinero import CERO
from alpespartner.comun.rondas import Ronda
from comisiones.comision.estados import SIN_GASTO, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.presupuesto.selectors import gasta, gastado_de
from conversiones.campanas.models import Campana, PresupuestoCampana

log = logging.getLogger(__name__)

_NUEVOS = Ronda()
# Whoever began before a campaign had a budget has ended by then.
_RECONTAR_TRAS = timedelta(minutes=10)


def tomar_presupuestos(campanas: Iterable[Campana]) -> None:
    """Take the budgets of some campaigns in a fixed order, for whoever will spend of several."""
    con = {campana.pk for campana in campanas if campana.presupuesto is not None}
    if con:
        list(_filas().filter(campana__in=con).order_by("campana_id"))


def apartar(comisiones: Sequence[Comision]) -> list[Comision]:
    """Make room in the budgets of their campaigns for commissions that are about to count, in the
    caller's transaction and before they are written; returns those that found none.

    These have their ``motivo_retencion`` and wait: their caller holds them. The others are spent.
    """
    por_campana: dict[int, list[Comision]] = {}
    for comision in comisiones:
        campana = comision.campana
        limitada = campana.presupuesto is not None and comision.moneda == campana.moneda
        if limitada and comision.monto and comision.motivo_retencion not in SIN_GASTO:
            por_campana.setdefault(campana.pk, []).append(comision)
    sin_sitio: list[Comision] = []
    for campana_pk in sorted(por_campana):
        fila = _bloquear(campana_pk)
        # The sale that occurred first, and of one whoever sold before whoever referred.
        for comision in sorted(por_campana[campana_pk], key=_turno):
            if not _cabe(fila, comision.monto):
                comision.motivo_retencion = MotivoRetencion.PRESUPUESTO_AGOTADO
                sin_sitio.append(comision)
            else:
                fila.gastado += comision.monto
        fila.save(update_fields=["gastado"])
    return sin_sitio


def _turno(comision: Comision) -> tuple[datetime, str, int]:
    venta = comision.conversion
    return venta.ocurrida_en, venta.id_publico, comision.nivel


def _cabe(fila: PresupuestoCampana, monto: Decimal) -> bool:
    limite = fila.campana.presupuesto
    # Without a limit by now there is room for all.
    return limite is None or fila.gastado + monto <= limite


def por_soltar(comisiones: Iterable[Comision]) -> list[tuple[Comision, Decimal]]:
    """Of commissions that are about to stop counting, those that have a budget, with what each
    gives back of it: for :func:`soltar`, once they are written."""
    return [
        (comision, comision.monto if gasta(comision) else CERO)
        for comision in comisiones
        if comision.campana.presupuesto is not None
    ]


def soltar(quitas: Iterable[tuple[Comision, Decimal]]) -> None:
    """Give back to the budgets what some commissions, written by the caller, count less for. Of one
    that only waits, less room is needed. What waits is looked at again."""
    por_campana: dict[int, Decimal] = {}
    for comision, monto in quitas:
        if comision.campana.presupuesto is not None and comision.moneda == comision.campana.moneda:
            por_campana[comision.campana_id] = por_campana.get(comision.campana_id, CERO) + monto
    for campana_pk, monto in sorted(por_campana.items()):
        fila, contada = _bloquear_y_contar(campana_pk)
        # What is counted just now knows already what was taken.
        if not contada:
            fila.gastado -= monto
        fila.hay_sitio = True
        fila.save(update_fields=["gastado", "hay_sitio"])
        cola.encolar("presupuestos.liberar", campana_pk)


def hay_mas_sitio(*, campanas_ids: Iterable[str]) -> None:
    """The budgets of some campaigns (public ids) changed: what is spent is counted, if nobody did,
    and what waits is looked at again."""
    # One that has none any more has no limit.
    con = Campana.objects.filter(id_publico__in=set(campanas_ids)).filter(
        Q(presupuesto__isnull=False) | Q(consumo__isnull=False)
    )
    for campana_pk in con.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            fila = _bloquear(campana_pk)
            fila.hay_sitio = True
            fila.save(update_fields=["hay_sitio"])
            cola.encolar("presupuestos.liberar", campana_pk)


def tomar_presupuesto(campana_pk: int) -> PresupuestoCampana:
    """Take the budget of a campaign until the caller's transaction ends."""
    return _bloquear(campana_pk)


def nada_cabe(fila: PresupuestoCampana) -> None:
    """Note that nothing of what waits fits in a budget that its caller took."""
    if fila.hay_sitio:
        fila.hay_sitio = False
        fila.save(update_fields=["hay_sitio"])


def recontar(*, ahora: datetime, limite: int = 50) -> int:
    """Count once more the budgets that are new: a sale that was being calculated when there was
    none did not see it. Returns how many."""
    nuevos = PresupuestoCampana.objects.filter(recontar_en__lte=ahora)
    contados = 0
    for pk in _NUEVOS.siguientes(nuevos, limite):
        try:
            with transaction.atomic():
                _recontar(pk)
            contados += 1
        except Exception:
            # One that cannot be counted must not stop those behind it.
            log.exception("presupuesto %s: no se pudo contar", pk)
    return contados


def _recontar(pk: int) -> None:
    fila = _filas().get(pk=pk)
    fila.gastado = gastado_de(fila.campana)
    fila.contado_desde, fila.recontar_en = fila.campana.presupuesto_desde, None
    fila.hay_sitio = True
    fila.save(update_fields=["gastado", "contado_desde", "recontar_en", "hay_sitio"])


def _filas() -> QuerySet[PresupuestoCampana]:
    # The campaign as it is now, and not locked: whoever writes a commission shares its row.
    return PresupuestoCampana.objects.select_related("campana").select_for_update(of=("self",))


def _bloquear(campana_pk: int) -> PresupuestoCampana:
    return _bloquear_y_contar(campana_pk)[0]


def _bloquear_y_contar(campana_pk: int) -> tuple[PresupuestoCampana, bool]:
    """The row of a budget, locked, and whether it was counted just now: nobody had since there is
    a budget."""
    fila = _filas().filter(campana_id=campana_pk).first()
    if fila is None:
        _crear(campana_pk)
        fila = _filas().get(campana_id=campana_pk)
    desde = fila.campana.presupuesto_desde
    if fila.contado_desde == desde:
        return fila, False
    fila.gastado = gastado_de(fila.campana)
    fila.contado_desde = desde
    fila.recontar_en = timezone.now() + _RECONTAR_TRAS
    fila.save(update_fields=["gastado", "contado_desde", "recontar_en"])
    return fila, True


def _crear(campana_pk: int) -> None:
    """Insert the row of a budget unless somebody did. Whoever finds it takes it whole: a refused
    INSERT would leave a shared lock, and two that want more than that would deadlock."""
    con_nombre = connection.features.supports_update_conflicts_with_target
    PresupuestoCampana.objects.bulk_create(
        [PresupuestoCampana(campana_id=campana_pk)],
        update_conflicts=True,
        update_fields=["campana"],
        unique_fields=["campana"] if con_nombre else None,
    )
