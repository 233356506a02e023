"""Repair of the chain: entries that a wrong clock dated in a day already sealed are accepted.

Nothing is deleted or sealed again. Each accepted entry gets a row with its digest, the reason and
the author, which the seal of the present day covers; the seal of its own day goes on saying what it
held. The balances kept with the seals are worked out anew: they are copies of the ledger.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import exigir_motivo
from alpespartner.comun.turnos import tomar
from comisiones.libro.cadena import tardios
from comisiones.libro.models import EslabonTardio, SaldoSellado, SelloDiario
from comisiones.libro.selectors import saldos_desde
from comisiones.libro.services import TURNO_DE_SELLAR, fecha_abierta


def aceptar_tardios(*, motivo: str, actor: Actor) -> list[str]:
    """Accept every entry dated in a sealed day that its seal does not count; their public ids.

    Recorded in the history. Raises :class:`DatoInvalido` without a reason. Entries that were sealed
    and changed afterwards are not repaired: those were tampered with.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        tomar([TURNO_DE_SELLAR])
        fecha = fecha_abierta()
        hallados = list(tardios())
        for sello, pk, id_publico, huella in hallados:
            EslabonTardio(
                asiento_id=pk, huella=huella, motivo=motivo, autor=str(actor), creado_en=fecha
            ).save()
            paso(
                entidad="libro", entidad_id=id_publico, accion="aceptar_tardio", actor=actor,
                motivo=motivo,
                datos={"dia": f"{sello.dia}", "sello": sello.sello, "huella": huella},
            ).save()  # fmt: skip
        if hallados:
            _rehacer_saldos(hallados[0][0])
    return [id_publico for _sello, _pk, id_publico, _huella in hallados]


def _rehacer_saldos(desde: SelloDiario) -> None:
    anterior = SelloDiario.objects.filter(dia__lt=desde.dia).order_by("-dia").first()
    for sello in SelloDiario.objects.filter(dia__gte=desde.dia).order_by("dia"):
        # A plain query set: the table's own refuses to delete, and these are no facts.
        QuerySet(SaldoSellado).filter(sello=sello).delete()
        SaldoSellado.objects.bulk_create(
            [
                SaldoSellado(sello=sello, cuenta=cuenta, moneda=moneda, importe=importe)
                for (cuenta, moneda), importe in saldos_desde(anterior, hasta=sello.dia).items()
            ]
        )
        anterior = sello
