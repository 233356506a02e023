"""Making payments: what is due to each affiliate in each currency, netted, in few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from afiliados.afiliado.configuracion import minimos_en_vigor
from afiliados.afiliado.models import Afiliado
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.dinero import CERO, MAXIMO, es_moneda
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Historial
from comisiones import eventos
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste
from comisiones.comision.estados import COMISION, EstadoComision
from comisiones.comision.models import Comision
from comisiones.pagos.estados import MotivoExclusion
from comisiones.pagos.models import ItemPago, LotePago, Pago
from comisiones.pagos.pago.minimo import alcanza_minimo
from comisiones.pagos.pago.requisitos import por_que_no_cobra
from comisiones.pagos.pasarelas.interfaz import Pasarela
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.services import retenciones_de, retenido_de
from outbox.publicacion import publicar_todos

_POR_SENTENCIA = 500


@dataclass(slots=True)
class Debido:
    """What one affiliate is owed in one currency, locked by :func:`reunir`.

    ``retencion`` is what applies to it today, and the affiliate's ``minimo_pago`` the one in force.
    """

    afiliado: Afiliado
    moneda: str
    comisiones: list[Comision] = field(default_factory=list)
    ajustes: list[Ajuste] = field(default_factory=list)
    retencion: RetencionFiscal | None = None

    @property
    def bruto(self) -> Decimal:
        """Commissions plus adjustments, in the main unit of ``moneda``; it may be negative."""
        return sum((c.monto for c in self.comisiones), CERO) + sum(
            (a.monto for a in self.ajustes), CERO
        )

    @property
    def retenido(self) -> Decimal:
        """What is kept of it."""
        return retenido_de(self.bruto, self.moneda, self.retencion)

    @property
    def importe(self) -> Decimal:
        """What would be sent."""
        return self.bruto - self.retenido


def pagables(*, hasta: object = None) -> QuerySet[Comision]:
    """Commissions approved, with an amount that can be paid, and matured (until ``hasta``, now by
    default)."""
    return Comision.objects.filter(
        estado=EstadoComision.APROBADA,
        madura_en__lte=hasta or timezone.now(),
        monto__gt=0,
        monto__lte=MAXIMO,
    )


def ajustes_pendientes() -> QuerySet[Ajuste]:
    """Posted adjustments, of an amount that there can be, that no live payment holds."""
    return Ajuste.objects.filter(
        estado=EstadoAjuste.CONTABILIZADO, item_vivo=None, monto__range=(-MAXIMO, MAXIMO)
    )


def reunir(comisiones: QuerySet[Comision], ajustes: QuerySet[Ajuste]) -> list[Debido]:
    """Lock some commissions and adjustments and group them by affiliate and currency.

    What somebody decided or paid meanwhile is left out, and so is what is in no currency: nobody
    can be paid in it.
    """
    debidos: dict[tuple[int, str], Debido] = {}
    for comision in _bloquear(comisiones):
        if not es_moneda(comision.moneda):
            continue
        clave = (comision.afiliado_id, comision.moneda)
        if clave not in debidos:
            debidos[clave] = Debido(comision.afiliado, comision.moneda)
        debidos[clave].comisiones.append(comision)
    bloqueados = list(
        Ajuste.objects.filter(pk__in=list(ajustes.values_list("pk", flat=True)))
        .select_related("afiliado")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    # Asked again, as above.
    tomados = set(
        ItemPago.objects.filter(ajuste_vivo__in=[a.pk for a in bloqueados]).values_list(
            "ajuste_vivo", flat=True
        )
    )
    for ajuste in bloqueados:
        if ajuste.pk in tomados or not es_moneda(ajuste.moneda):
            continue
        clave = (ajuste.afiliado_id, ajuste.moneda)
        if clave not in debidos:
            debidos[clave] = Debido(ajuste.afiliado, ajuste.moneda)
        debidos[clave].ajustes.append(ajuste)
    retenciones = retenciones_de([d.afiliado for d in debidos.values()])
    minimos = minimos_en_vigor({d.afiliado.pk for d in debidos.values()})
    for debido in debidos.values():
        # Read here, never saved: a task gives it to its column within a minute.
        debido.afiliado.minimo_pago = minimos.get(debido.afiliado.pk, debido.afiliado.minimo_pago)
        debido.retencion = retenciones.get(debido.afiliado.pk)
    return list(debidos.values())


def _bloquear(comisiones: QuerySet[Comision]) -> Iterator[Comision]:
    """By key: who changes a state holds the row and asks for the entry of the state's index, so
    whoever took that entry first and then asked for the row would lose a deadlock to them."""
    claves = sorted(comisiones.values_list("pk", flat=True))
    for desde in range(0, len(claves), _POR_SENTENCIA):
        suyas = claves[desde : desde + _POR_SENTENCIA]
        filas = list(
            # What it was computed from is most of a row, and nothing here reads it.
            Comision.objects.filter(pk__in=suyas)
            .defer("traza")
            .select_related("afiliado")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        # Asked again with the lock held: the first answer may be older than somebody's commit.
        siguen = set(comisiones.filter(pk__in=suyas).values_list("pk", flat=True))
        yield from (fila for fila in filas if fila.pk in siguen)


def ajustes_de(comisiones: QuerySet[Comision]) -> QuerySet[Ajuste]:
    """Pending adjustments of the affiliates of some commissions."""
    afiliados = set(comisiones.values_list("afiliado", flat=True))
    return ajustes_pendientes().filter(afiliado__in=afiliados)


def exclusion(debido: Debido, *, pasarela: Pasarela, cuenta: CuentaBancaria | None) -> str:
    """Why an affiliate is not paid now, or "" when it is; ``cuenta`` is its account, if any."""
    afiliado = debido.afiliado
    if motivo := por_que_no_cobra(afiliado, cuenta, debido.importe, pasarela):
        return motivo
    if debido.importe <= 0:
        return MotivoExclusion.SALDO_NEGATIVO
    if debido.bruto > MAXIMO:
        return MotivoExclusion.IMPORTE_NO_CABE
    if not alcanza_minimo(
        debido.bruto,
        debido.moneda,
        minimo=afiliado.minimo_pago,
        moneda_minimo=afiliado.moneda_comision,
    ):
        return MotivoExclusion.BAJO_MINIMO
    return ""


def separar(
    debidos: Sequence[Debido], pasarela: Pasarela
) -> tuple[list[Debido], list[tuple[Debido, str]]]:
    """Those to pay through a gateway, and those left out with the reason."""
    cuentas = {
        cuenta.afiliado_id: cuenta
        for cuenta in CuentaBancaria.objects.filter(afiliado__in=[d.afiliado.pk for d in debidos])
    }
    pagar: list[Debido] = []
    fuera: list[tuple[Debido, str]] = []
    for debido in debidos:
        motivo = exclusion(debido, pasarela=pasarela, cuenta=cuentas.get(debido.afiliado.pk))
        if motivo:
            fuera.append((debido, motivo))
        else:
            pagar.append(debido)
    return pagar, fuera


def crear_pagos(
    debidos: Sequence[Debido],
    *,
    pasarela: str,
    actor: Actor,
    lote: LotePago | None = None,
    reintento_de: Pago | None = None,
) -> list[Pago]:
    """A payment for each, in the caller's transaction; their commissions become ``programada``.

    A unique constraint refuses what another live payment holds.
    """
    pagos = [
        Pago(
            id_publico=nuevo_id("pago"),
            lote=lote,
            reintento_de=reintento_de,
            afiliado=debido.afiliado,
            importe=debido.importe,
            retenido=debido.retenido,
            retencion=debido.retencion,
            moneda=debido.moneda,
            pasarela=pasarela,
        )
        for debido in debidos
    ]
    Pago.objects.bulk_create(pagos, batch_size=_POR_SENTENCIA)
    poner_claves(pagos)
    items: list[ItemPago] = []
    en_pago: dict[str, dict[str, str]] = {}
    comisiones: list[Comision] = []
    for pago, debido in zip(pagos, debidos, strict=True):
        for comision in debido.comisiones:
            items.append(
                ItemPago(
                    pago=pago,
                    comision=comision,
                    comision_viva=comision,
                    importe=comision.monto,
                    moneda=comision.moneda,
                )
            )
            comisiones.append(comision)
            en_pago[comision.id_publico] = {"pago_id": pago.id_publico}
        for ajuste in debido.ajustes:
            items.append(
                ItemPago(
                    pago=pago,
                    ajuste=ajuste,
                    ajuste_vivo=ajuste,
                    importe=ajuste.monto,
                    moneda=ajuste.moneda,
                )
            )
    ItemPago.objects.bulk_create(items, batch_size=_POR_SENTENCIA)
    Historial.objects.bulk_create(
        [
            paso(
                entidad="pago",
                entidad_id=pago.id_publico,
                accion="programar",
                actor=actor,
                estado_nuevo=pago.estado,
                datos={"lote_id": lote.id_publico} if lote else None,
            )
            for pago in pagos
        ],
        batch_size=_POR_SENTENCIA,
    )
    COMISION.transitar_todos(
        comisiones, EstadoComision.PROGRAMADA, accion="programar", actor=actor, datos=en_pago
    )
    publicar_todos(
        (
            eventos.ComisionProgramada(comision_id=c.id_publico, **en_pago[c.id_publico]),
            c.version,
        )
        for c in comisiones
    )
    return pagos


def soltar(pagos: Collection[Pago], *, actor: Actor) -> None:
    """Free what payments without effect held: their commissions are approved again."""
    items = ItemPago.objects.filter(pago__in=pagos)
    comisiones = list(
        Comision.objects.filter(item_vivo__pago__in=pagos)
        .defer("traza")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    en_pago = {
        comision: {"pago_id": pago}
        for comision, pago in items.exclude(comision_viva=None).values_list(
            "comision__id_publico", "pago__id_publico"
        )
    }
    items.filter(Q(comision_viva__isnull=False) | Q(ajuste_vivo__isnull=False)).update(
        comision_viva=None, ajuste_vivo=None
    )
    COMISION.transitar_todos(
        comisiones,
        EstadoComision.APROBADA,
        accion="devolver_a_aprobada",
        actor=actor,
        datos=en_pago,
    )
    publicar_todos(
        (
            eventos.ComisionDesprogramada(comision_id=c.id_publico, **en_pago[c.id_publico]),
            c.version,
        )
        for c in comisiones
    )
