"""Writes of batches once they are proposed: freeze, release, execute, send back, close.

One person prepares a batch and another releases it. What was frozen is hashed from the live rows,
and hashed again when it is released and when it is executed: whatever changed sends it back.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from alpespartner.comun import cola, dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO
from alpespartner.comun.errores import CuatroOjos, TransicionInvalida
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.separacion import manos, son_las_mismas
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.comision.models import Comision
from comisiones.pagos.errores import LoteDescuadrado, LoteVacio
from comisiones.pagos.estados import LOTE, LOTE_COMPROMETIDO, EstadoLote, EstadoPago
from comisiones.pagos.lotes.antecedentes import antecedentes
from comisiones.pagos.lotes.contenido import huella_de
from comisiones.pagos.lotes.fichero import emitir_fichero
from comisiones.pagos.models import ItemPago, LotePago
from comisiones.pagos.pago.bloqueo import bloquear_lote
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pasarelas.interfaz import pasarela_de
from comisiones.separacion.selectors import por_sus_manos
from outbox.publicacion import publicar

log = logging.getLogger(__name__)
_CAMBIO = "Lo congelado cambió."
# Batches that a sweep moves on.
A_LA_VEZ = 100
_LIBERADOS, _EN_MARCHA = Ronda(), Ronda()


def congelar_lote(*, lote: LotePago, actor: Actor) -> LotePago:
    """Freeze a draft: its content is hashed and waits for a second person.

    Raises TransicionInvalida, :class:`LoteVacio`, and :class:`LoteDescuadrado` when its lines do
    not add up to its payments.
    """
    with transaction.atomic():
        actual = bloquear_lote(lote.pk)
        LOTE.exigir(actual, EstadoLote.CONGELADO)
        importes = list(actual.pagos.values_list("importe", flat=True))
        if not importes:
            raise LoteVacio()
        # In Python: SQLite would add them as binary fractions.
        total = sum(importes, CERO)
        retenidos = actual.pagos.values_list("retenido", flat=True)
        de_items = ItemPago.objects.filter(pago__lote=actual).values_list("importe", flat=True)
        if sum(de_items, CERO) != total + sum(retenidos, CERO):
            raise LoteDescuadrado()
        actual.huella = huella_de(actual)
        actual.total = total
        actual.numero_pagos = len(importes)
        actual.congelado_por = str(actor)
        LOTE.transitar(
            actual,
            EstadoLote.CONGELADO,
            accion="congelar",
            actor=actor,
            datos={"huella": actual.huella, "total": dinero.texto(total, actual.moneda)},
            campos=("huella", "total", "numero_pagos", "congelado_por"),
        )
    return actual


def liberar_lote(*, lote: LotePago, actor: Actor) -> LotePago:
    """Release a frozen batch: it is executed as soon as this commits.

    Raises TransicionInvalida and :class:`CuatroOjos` for who prepared or froze it, who said that
    something of it had not arrived when it was in a file for the bank before, and for who
    approved something of it unless ``PAGOS_LIBERA_QUIEN_APROBO``. When what was frozen changed the
    batch goes back to a draft, which is what the returned one says.
    """
    with transaction.atomic():
        actual = bloquear_lote(lote.pk)
        LOTE.exigir(actual, EstadoLote.APROBADO)
        if motivo := por_que_no_libera(actual, actor):
            raise CuatroOjos(motivo)
        presencia.exigir(actor)
        if huella_de(actual) != actual.huella:
            return _devolver(actual, actor, _CAMBIO)
        actual.liberado_por = str(actor)
        LOTE.transitar(
            actual,
            EstadoLote.APROBADO,
            accion="liberar",
            actor=actor,
            datos={"huella": actual.huella},
            campos=("liberado_por",),
        )
        publicar(
            eventos.LoteAprobado(
                lote_id=actual.id_publico,
                pagos=actual.numero_pagos,
                total=dinero.texto(actual.total, actual.moneda),
                moneda=actual.moneda,
            ),
            version=actual.version,
        )
        cola.encolar("pagos.ejecutar_lote", actual.pk)
    return actual


def por_que_no_libera(lote: LotePago, actor: Actor) -> str:
    """Why somebody cannot release a batch that others may; "" when they can."""
    if any(son_las_mismas(otro, actor) for otro in (lote.preparado_por, lote.congelado_por)):
        return _("Quien preparó el lote no puede liberarlo: lo libera otra persona.")
    if any(son_las_mismas(previo.por, actor) for previo in antecedentes(lote)):
        return _("Diste por no pagado algo que este lote paga otra vez: lo libera otra persona.")
    items = ItemPago.objects.filter(pago__lote=lote)
    if por_sus_manos(Comision.objects.filter(items_pago__in=items), actor).exists():
        return _(
            "Tú, una clave que creaste u otra de su titular, registró o calculó algo de lo que "
            "paga este lote: lo libera otra persona."
        )
    if settings.PAGOS_LIBERA_QUIEN_APROBO:
        return ""
    suyas = {str(actor), *manos(actor)}
    if (
        items.filter(comision__aprobada_por__in=suyas).exists()
        or items.filter(ajuste__aprobado_por__in=suyas).exists()
    ):
        return _(
            "Tú, o una clave que creaste, aprobó algo de lo que paga este lote: lo libera otra "
            "persona."
        )
    return ""


def devolver_lote(*, lote: LotePago, actor: Actor, motivo: str) -> LotePago:
    """Send a frozen batch back to a draft. A reason is required.

    Raises TransicionInvalida for one that is not frozen, a half proposed one too.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = bloquear_lote(lote.pk)
        if actual.estado not in LOTE_COMPROMETIDO:
            raise TransicionInvalida(_("Solo se devuelve un lote congelado."), estado=actual.estado)
        return _devolver(actual, actor, motivo)


def _devolver(lote: LotePago, actor: Actor, motivo: str) -> LotePago:
    lote.huella = ""
    lote.congelado_por = lote.liberado_por = ""
    LOTE.transitar(
        lote,
        EstadoLote.BORRADOR,
        accion="devolver",
        actor=actor,
        motivo=motivo,
        campos=("huella", "congelado_por", "liberado_por"),
    )
    return lote


def ejecutar_lote(*, lote_pk: int, actor: Actor) -> LotePago:
    """Start a released batch whose content is still the frozen one; another goes back to a draft.

    Its payments are queued, or written in one file for the bank. Repeating it changes nothing.
    """
    with transaction.atomic():
        lote = bloquear_lote(lote_pk)
        if lote.estado != EstadoLote.APROBADO:
            return lote
        if huella_de(lote) != lote.huella:
            return _devolver(lote, actor, _CAMBIO)
        LOTE.transitar(lote, EstadoLote.EN_EJECUCION, accion="ejecutar", actor=actor)
        if pasarela_de(lote.pasarela).por_fichero:
            emitir_fichero(lote, actor)
            return lote
        cola.encolar_cada(
            "pagos.ejecutar",
            list(
                lote.pagos.filter(estado=EstadoPago.LISTO)
                .order_by("pk")
                .values_list("pk", flat=True)
            ),
        )
    return lote


def cerrar_lote(*, lote: LotePago, actor: Actor, motivo: str = "") -> LotePago:
    """File a settled batch: its failed payments are not retried in it any more."""
    with transaction.atomic():
        actual = bloquear_lote(lote.pk)
        LOTE.transitar(
            actual, EstadoLote.CERRADO, accion="cerrar", actor=actor, motivo=motivo.strip()
        )
    return actual


def _libre(lote_pk: int) -> bool:
    """Whether nobody is at work on a batch: to wait for its task would only keep a worker busy."""
    with transaction.atomic():
        suyos = LotePago.objects.select_for_update(skip_locked=True).filter(pk=lote_pk)
        return suyos.first() is not None


def barrer_lotes(*, antes_de: datetime, actor: Actor) -> None:
    """Move on batches whose task got lost: the released are started, the finished settled."""
    parados = LotePago.objects.filter(actualizado_en__lt=antes_de)
    for pk in _LIBERADOS.siguientes(parados.filter(estado=EstadoLote.APROBADO), A_LA_VEZ):
        try:
            if _libre(pk):
                ejecutar_lote(lote_pk=pk, actor=actor)
        except Exception:
            # One whose file cannot be written must not stop the others.
            log.exception("lote %s: no se pudo empezar", pk)
    for pk in _EN_MARCHA.siguientes(parados.filter(estado=EstadoLote.EN_EJECUCION), A_LA_VEZ):
        try:
            terminar_lote(lote_pk=pk, actor=actor)
        except Exception:
            log.exception("lote %s: no se pudo terminar", pk)
