"""What holds of adjustments and refunds at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Q

from alpespartner.comun.invariantes import Comprobacion
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import MANUALES, Ajuste, Reverso, TipoAjuste
from comisiones.comision.estados import SIN_EFECTO, EstadoComision
from comisiones.comision.models import Comision
from outbox.invariantes import exigir_evento

exigir_evento(
    "AjusteContabilizado", lambda: Ajuste.objects.filter(estado=EstadoAjuste.CONTABILIZADO)
)


def _devoluciones() -> Iterator[str]:
    """Reversals never pass the original; a full refund ends at exactly 0; rows of a payment stay.

    What a refund has still to take is on its way as an event: it is late, not wrong.
    """
    quitados: dict[int, list[Decimal]] = {}
    for reverso in Reverso.objects.select_related("movimiento").iterator():
        suma = quitados.setdefault(reverso.comision_id, [Decimal(0), Decimal(0), Decimal(0)])
        suma[0] += reverso.monto
        suma[1] += Decimal(0) if reverso.ajuste_id else reverso.monto
        suma[2] -= reverso.movimiento.monto
        if reverso.ajuste is not None and reverso.ajuste.monto != -reverso.monto:
            yield f"{reverso.id_publico}: su ajuste no es de {-reverso.monto}"
    for comision in Comision.objects.filter(
        Q(pk__in=list(quitados)) | ~Q(revertido=0)
    ).select_related("conversion").iterator():  # fmt: skip
        total, reducido, devuelto = quitados.get(comision.pk, [Decimal(0)] * 3)
        original = comision.monto + comision.revertido
        if total > original or reducido != comision.revertido:
            yield f"{comision.id_publico}: reversos {total} de {original}"
        if devuelto == comision.conversion.valor and total != original:
            yield f"{comision.id_publico}: devuelta entera y quedan {original - total}"


def _separacion() -> Iterator[str]:
    for ajuste in Ajuste.objects.filter(tipo__in=MANUALES, aprobado_por=F("creado_por")).iterator():
        yield f"{ajuste.id_publico}: redactado y aprobado por {ajuste.aprobado_por}"


def _traspasos() -> Iterator[str]:
    """What was taken from one affiliate another got, unless nobody took its place; and what is
    not paid is of whose sale it is."""
    de_cada_una: dict[int | None, Decimal] = {}
    for de, monto in Ajuste.objects.filter(
        tipo=TipoAjuste.REASIGNACION, estado=EstadoAjuste.CONTABILIZADO
    ).values_list("comision", "monto").iterator():  # fmt: skip
        de_cada_una[de] = de_cada_una.get(de, Decimal(0)) + monto
    for comision in Comision.objects.filter(pk__in=list(de_cada_una)).iterator():
        queda = de_cada_una[comision.pk]
        if queda > 0 or (queda and comision.viva):
            yield f"{comision.id_publico}: sus traspasos suman {queda}"
    soltadas = Comision.objects.filter(viva=None)
    for comision in soltadas.exclude(estado__in=(*SIN_EFECTO, EstadoComision.PAGADA)).iterator():
        yield f"{comision.id_publico}: está {comision.estado} y su venta es de otro"
    ajenas = Comision.objects.filter(viva=True, nivel=1).exclude(estado=EstadoComision.PAGADA)
    for comision in ajenas.exclude(afiliado=F("conversion__afiliado")).iterator():
        yield f"{comision.id_publico}: es de quien no vendió"


COMPROBACIONES = (
    Comprobacion("Lo que se quita a un afiliado por una venta es de otro", _traspasos),
    Comprobacion("Las devoluciones quitan lo justo", _devoluciones),
    Comprobacion("Nadie aprueba el ajuste que redactó", _separacion),
)
