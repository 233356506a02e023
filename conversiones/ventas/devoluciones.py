"""All writes of refunds: what is taken back from a sale, and refunds that come before it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso, ErrorDominio
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.medidas import medido
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_largo, normalizar
from conversiones import eventos
from conversiones.campanas.models import Campana
from conversiones.clientes.errores import FechaFutura
from conversiones.ventas.desglose import (
    ParteDevuelta,
    comprobar_partes,
    exigir_que_quepan,
    partes_de_json,
)
from conversiones.ventas.errores import DevolucionDuplicada, DevolucionExcesiva
from conversiones.ventas.estados import CONVERSION, EstadoConversion
from conversiones.ventas.models import (
    DEVOLUCIONES,
    MAX_REFERENCIA,
    Conversion,
    DevolucionPendiente,
    MovimientoConversion,
    TipoMovimiento,
)
from conversiones.ventas.selectors import esperan_a_una_que_llego
from outbox.publicacion import publicar

log = logging.getLogger(__name__)
_TOLERANCIA_FUTURO = timedelta(minutes=5)
# Kept refunds are applied by the system; who reported them is in their row.
REGISTRO = sistema("devoluciones")
_OLVIDADAS = Ronda()


@dataclass(frozen=True, kw_only=True)
class Devolucion:
    """A refund as reported: ``monto`` positive, in the sale's currency; None for all that is left.

    ``id_externo`` is the partner's id of it, unique in the campaign. ``de`` says what it is of,
    and adds up to ``monto``; empty, it is of all of the sale in proportion.
    """

    id_externo: str
    monto: Decimal | None = None
    de: Sequence[ParteDevuelta] = ()
    tipo: str = TipoMovimiento.DEVOLUCION
    motivo: str = ""
    ocurrido_en: datetime | None = None


@medido
def devolver(*, conversion: Conversion, datos: Devolucion, actor: Actor) -> MovimientoConversion:
    """Take back part of a sale, or all that is left; its commissions follow by event.

    Raises :class:`DevolucionDuplicada`, :class:`DevolucionExcesiva` for more than what is left, so
    a second full refund too, TransicionInvalida for a refused sale, and :class:`DatoInvalido`.
    """
    datos = _en_su_forma(datos)
    with transaction.atomic():
        actual = _bloqueada(conversion.pk)
        _exigir_nuevo(actual.campana_id, datos.id_externo)
        movimiento = _mover(actual, datos, actor)
    conversion.refresh_from_db()
    return movimiento


def _bloqueada(pk: int) -> Conversion:
    return (
        Conversion.objects.select_related("campana", "afiliado")
        .select_for_update(of=("self",))
        .get(pk=pk)
    )


def guardar_pendiente(
    *, campana: Campana, referencia: str, datos: Devolucion, actor: Actor
) -> DevolucionPendiente | MovimientoConversion:
    """Keep a refund whose sale has not come; one that came meanwhile takes it at once.

    Its amount waits as it was given: only the sale says in which currency. Raises as
    :func:`devolver`.
    """
    referencia = exigir_largo(normalizar(referencia), MAX_REFERENCIA, "referencia_externa")
    with transaction.atomic():
        # A sale in progress holds its campaign by its foreign key: after this lock its sales are
        # either committed, and seen here, or will look for what waits once this has committed.
        Campana.objects.select_for_update().get(pk=campana.pk)
        venta = Conversion.objects.filter(campana=campana, referencia_externa=referencia).first()
        if venta is not None:
            return devolver(conversion=venta, datos=datos, actor=actor)
        return _esperar(campana, referencia, _en_su_forma(datos), actor)


def _esperar(
    campana: Campana, referencia: str, datos: Devolucion, actor: Actor
) -> DevolucionPendiente:
    exigir_ajena(referencia, "referencia_externa")
    ocurrido_en = _comprobar(datos)
    _exigir_nuevo(campana.pk, datos.id_externo)
    try:
        with transaction.atomic():
            pendiente = DevolucionPendiente.objects.create(
                campana=campana,
                referencia_externa=referencia,
                tipo=datos.tipo,
                id_externo=datos.id_externo,
                monto=comprobar_partes(datos.de, datos.monto, None),
                de=[parte.a_json(None) for parte in datos.de],
                motivo=datos.motivo,
                actor=str(actor),
                ocurrido_en=ocurrido_en,
            )
    except IntegrityError:
        raise DevolucionDuplicada(datos.id_externo) from None
    paso(
        entidad="devolucion", entidad_id=str(pendiente.pk), accion="registrar", actor=actor,
        datos={"referencia_externa": referencia},
    ).save()  # fmt: skip
    return pendiente


def _pendientes_de(referencias: Collection[str]) -> QuerySet[DevolucionPendiente]:
    return DevolucionPendiente.objects.filter(
        referencia_externa__in=referencias, resuelta_en=None
    ).order_by("pk")


_DE_UNA = ConsultaFija(_pendientes_de([""]))


def pedir_pendientes(remesa: Remesa, conversion: Conversion) -> list[DevolucionPendiente]:
    """Ask which refunds may wait for a sale, after its INSERT: of whatever campaign."""
    referencia = conversion.referencia_externa
    return remesa.leer(_DE_UNA, referencia) if referencia else []


def aplicar_pendientes(conversiones: Sequence[Conversion]) -> None:
    """Apply the refunds kept for sales just registered, in the order in which they came.

    One that does not fit its sale is left with its ``problema``: it must not stop the sale.
    """
    por_referencia = {
        (c.campana_id, c.referencia_externa): c for c in conversiones if c.referencia_externa
    }
    if not por_referencia:
        return
    pendientes = list(
        _pendientes_de({str(r) for _c, r in por_referencia}).select_for_update(of=("self",))
    )
    if pendientes:
        poner_claves(conversiones)
    for pendiente in pendientes:
        conversion = por_referencia.get((pendiente.campana_id, pendiente.referencia_externa))
        if conversion is not None:
            _aplicar(pendiente, conversion)


def barrer_pendientes(*, limite: int = 200) -> int:
    """Apply the refunds that wait for a sale that is there; returns how many were.

    None should: whoever comes second sees the other. It is what mends rows of another time.
    """
    aplicadas = 0
    for pk in _OLVIDADAS.siguientes(esperan_a_una_que_llego(), limite):
        try:
            aplicadas += _aplicar_olvidada(pk)
        except Exception:
            log.exception("la devolución %s no se pudo aplicar", pk)
    return aplicadas


def _aplicar_olvidada(pk: int) -> bool:
    espera = esperan_a_una_que_llego().filter(pk=pk).first()
    if espera is None:
        return False
    with transaction.atomic():
        conversion = _bloqueada(espera.venta)  # type: ignore[attr-defined]
        pendientes = DevolucionPendiente.objects.select_for_update()
        pendiente = pendientes.filter(pk=pk, resuelta_en=None).first()
        if pendiente is not None:
            _aplicar(pendiente, conversion)
    return pendiente is not None


def _aplicar(pendiente: DevolucionPendiente, conversion: Conversion) -> None:
    """A locked refund on its locked sale; what does not fit keeps its reason."""
    datos = Devolucion(
        id_externo=pendiente.id_externo,
        monto=pendiente.monto,
        de=partes_de_json(pendiente.de),
        tipo=pendiente.tipo,
        motivo=pendiente.motivo,
        ocurrido_en=pendiente.ocurrido_en,
    )
    try:
        with transaction.atomic():
            _mover(conversion, datos, REGISTRO)
    except ErrorDominio as exc:
        pendiente.problema = exc.mensaje[:500]
    pendiente.resuelta_en = timezone.now()
    pendiente.save(update_fields=["resuelta_en", "problema"])


def queda_de(conversion: Conversion) -> Decimal:
    """What is left of a sale after its refunds."""
    suma = conversion.movimientos.exclude(tipo=TipoMovimiento.VENTA).aggregate(s=Sum("monto"))["s"]
    # SQLite adds in binary: a sum of exact amounts comes back a hair off.
    return dinero.visible(conversion.valor + (suma or dinero.CERO), conversion.moneda)


def _exigir_nuevo(campana: int, id_externo: str) -> None:
    igual = Q(campana=campana, id_externo=id_externo)
    if (
        MovimientoConversion.objects.filter(igual).exists()
        or DevolucionPendiente.objects.filter(igual).exists()
    ):
        raise DevolucionDuplicada(id_externo)


def _en_su_forma(datos: Devolucion) -> Devolucion:
    id_externo = exigir_largo(normalizar(datos.id_externo), MAX_REFERENCIA, "id_externo")
    if not id_externo:
        raise DatoInvalido(_("No puede estar vacío."), campo="id_externo")
    return replace(datos, id_externo=exigir_ajena(id_externo, "id_externo"))


def _comprobar(datos: Devolucion) -> datetime:
    """What does not depend on the sale."""
    ahora = timezone.now()
    if datos.tipo not in DEVOLUCIONES:
        raise DatoInvalido(_("No es un tipo de devolución."), campo="tipo")
    if datos.monto is not None:
        if not 0 < datos.monto <= dinero.MAXIMO:
            raise DatoInvalido(_("Debe ser mayor que cero."), campo="monto")
        if datos.monto != round(datos.monto, dinero.DECIMALES):
            raise DemasiadoPreciso(_("Admite hasta 4 decimales."), campo="monto")
    ocurrido_en = datos.ocurrido_en or ahora
    if ocurrido_en > ahora + _TOLERANCIA_FUTURO:
        raise FechaFutura(campo="ocurrido_en")
    return ocurrido_en


def _exigir_exacto(monto: Decimal, moneda: str) -> None:
    if not dinero.es_exacto(monto, moneda):
        raise DemasiadoPreciso(
            _("%(moneda)s admite %(n)s decimales.")
            % {"moneda": moneda, "n": dinero.exponente(moneda)},
            campo="monto",
        )


def _mover(conversion: Conversion, datos: Devolucion, actor: Actor) -> MovimientoConversion:
    """Write the movement of a locked conversion, with its state, history and event."""
    ocurrido_en = _comprobar(datos)
    dicho = comprobar_partes(datos.de, datos.monto, conversion.moneda)
    if dicho is not None:
        _exigir_exacto(dicho, conversion.moneda)
    queda = queda_de(conversion)
    monto = queda if dicho is None else dicho
    if not queda or monto > queda:
        raise DevolucionExcesiva(
            _("De la venta quedan %(queda)s %(moneda)s: no se puede devolver más.")
            % {"queda": dinero.texto(queda, conversion.moneda), "moneda": conversion.moneda},
            queda=dinero.texto(queda, conversion.moneda),
        )
    destino = EstadoConversion.REVERTIDA
    if monto < queda:
        destino = EstadoConversion.REVERTIDA_PARCIAL
    exigir_que_quepan(conversion, datos.de)
    de = [parte.a_json(conversion.moneda) for parte in datos.de]
    anotar_venta(conversion)
    movimiento = MovimientoConversion(
        id_publico=nuevo_id("mov"),
        campana=conversion.campana,
        conversion=conversion,
        tipo=datos.tipo,
        id_externo=datos.id_externo,
        monto=-monto,
        moneda=conversion.moneda,
        de=de,
        motivo=datos.motivo,
        actor=str(actor),
        ocurrido_en=ocurrido_en,
    )
    try:
        with transaction.atomic():
            movimiento.save()
    except IntegrityError:
        raise DevolucionDuplicada(datos.id_externo) from None
    CONVERSION.transitar(
        conversion,
        destino,
        accion="revertir",
        actor=actor,
        motivo=datos.motivo,
        datos={
            "movimiento_id": movimiento.id_publico,
            "monto": dinero.texto(monto, conversion.moneda),
        },
    )
    publicar(
        eventos.ConversionRevertida(
            conversion_id=conversion.id_publico,
            movimiento_id=movimiento.id_publico,
            tipo=movimiento.tipo,
            monto=dinero.texto(monto, conversion.moneda),
            queda=dinero.texto(queda - monto, conversion.moneda),
            moneda=conversion.moneda,
            de=de,
            estado=conversion.estado,
            ocurrido_en=ocurrido_en,
        ),
        version=conversion.version,
    )
    return movimiento


def anotar_venta(conversion: Conversion) -> None:
    """Write the sale's own movement before the first of the others."""
    if conversion.movimientos.exists():
        return
    MovimientoConversion(
        id_publico=nuevo_id("mov"),
        campana=conversion.campana,
        conversion=conversion,
        tipo=TipoMovimiento.VENTA,
        id_externo=conversion.id_publico,
        monto=conversion.valor,
        moneda=conversion.moneda,
        actor=str(REGISTRO),
        ocurrido_en=conversion.ocurrida_en,
    ).save()
