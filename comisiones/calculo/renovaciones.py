"""Renewals: what a sale is among those of its customer, and putting them right when that changes.

A customer's sales take turns, so that no two of them count the same sales before them. What came
out of order, or changed later, is drafted as adjustments for a person: nothing that was granted is
rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from alpespartner.comun.actores import sistema
from alpespartner.comun.dinero import CERO, DECIMALES, DIGITOS, MAXIMO, cuantizar, texto
from alpespartner.comun.turnos import tomar
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste, Reverso, TipoAjuste
from comisiones.ajustes.services import descartar_ajuste, proponer_por_hecho
from comisiones.calculo.explicacion import monto_original as _original
from comisiones.calculo.rango import monto_guardable
from comisiones.comision.estados import SIN_EFECTO, SIN_IMPORTE, EstadoComision
from comisiones.comision.models import Comision
from comisiones.motor import Hechos, Renovacion, Terminos, calcular
from comisiones.motor.congelado import acumulado_de, hechos_congelados, terminos_de
from comisiones.motor.errores import ILEGIBLE
from comisiones.motor.renovaciones import VentaDeCliente, en_su_sitio
from comisiones.motor.reversos import revertido_total
from conversiones.ventas.estados import SIN_COMISION, EstadoConversion
from conversiones.ventas.models import (
    COMPRAS,
    DEVOLUCIONES,
    Conversion,
    MovimientoConversion,
)
from conversiones.ventas.motivos import MotivoDecision

# A fact suggests it, whoever made the fact.
ACTOR = sistema("renovaciones")
# Turns of customers: there may be millions of these.
_TURNOS = 4096
# Sales of a customer, the first ones, that are put right: a shop may call everybody «guest».
MAX_VENTAS = 500
_DINERO = DecimalField(max_digits=DIGITOS, decimal_places=DECIMALES)
# SQLite adds in binary: a sum that is nothing may come out a hair off.
_NADA = Decimal(1).scaleb(-DECIMALES) / 2
_FRAUDE = MotivoDecision.FRAUDE
_POR_OTRAS = "Cambió lo que son las ventas de su cliente."


def tomar_turnos_de_clientes(conversiones: Iterable[Conversion]) -> None:
    """Wait until nobody else calculates sales of these customers; before any other turn."""
    _tomar(c.cliente_id for c in conversiones)


def _tomar(clientes: Iterable[int | None]) -> None:
    tomar(f"cliente:{pk % _TURNOS}" for pk in clientes if pk is not None)


def depende_de_su_cliente(conversion: Conversion, terminos: Terminos) -> bool:
    """Whether the amount depends on the other sales of its customer."""
    suya = conversion.cliente_id is not None and conversion.tipo_conversion in COMPRAS
    return suya and terminos.limita_renovaciones


def con_su_renovacion(hechos: Hechos, terminos: Terminos, conversion: Conversion) -> Hechos:
    """Facts of a sale with what it is among those of its customer, where its terms ask for it; its
    turn is the caller's."""
    if not depende_de_su_cliente(conversion, terminos):
        return hechos
    ganadas = _ganadas(conversion)
    return replace(hechos, renovacion=_renovacion(conversion, ganadas, terminos.max_pagos))


def como_renovacion(hechos: Hechos, terminos: Terminos, conversion: Conversion) -> Hechos:
    """As :func:`con_su_renovacion` for a candidate: by it the earlier sales would have earned, too,
    but for those that nobody is paid for. It needs no turn."""
    if not depende_de_su_cliente(conversion, terminos):
        return hechos
    anteriores = _con_efecto(conversion).filter(_antes_de(conversion, "conversion__"))
    return replace(hechos, renovacion=_renovacion(conversion, anteriores, terminos.max_pagos))


def _renovacion(
    conversion: Conversion, ganadas: QuerySet[Comision], maximo: int | None
) -> Renovacion | None:
    primera = (
        _que_pueden_ser_la_primera(conversion.cliente_id)
        .filter(_antes_de(conversion))
        .annotate(fraude=_por_fraude())
        .order_by("ocurrida_en", "id_publico")
        .values_list("ocurrida_en", "fraude")
        .first()
    )
    if primera is None:
        return None
    pagos = 0
    if maximo is not None:
        en_orden = ganadas.order_by("conversion__ocurrida_en", "conversion__id_publico")
        pagos = len(en_orden.values_list("pk", flat=True)[:maximo])
    return Renovacion(*primera, pagos)


def _antes_de(conversion: Conversion, de: str = "") -> Q:
    en, suyo = f"{de}ocurrida_en", f"{de}id_publico__lt"
    cuando = conversion.ocurrida_en
    # The first condition is implied by the other; by it the index is entered.
    return Q((f"{en}__lte", cuando)) & (Q((f"{en}__lt", cuando)) | Q((suyo, conversion.id_publico)))


def _que_pueden_ser_la_primera(cliente: int | None) -> QuerySet[Conversion]:
    """Of one that was refused there is no sale, unless it was for fraud."""
    return Conversion.objects.filter(
        ~Q(estado=EstadoConversion.RECHAZADA) | Q(motivo_codigo=_FRAUDE),
        cliente=cliente,
        afiliado__isnull=False,
        tipo_conversion__in=COMPRAS,
    )


def _por_fraude() -> Q:
    """Whether a sale, or what its seller earned of it, was refused for fraud."""
    suya = Comision.objects.filter(
        conversion=OuterRef("pk"), nivel=1,
        estado=EstadoComision.RECHAZADA, motivo_codigo=_FRAUDE,
    )  # fmt: skip
    return Q(estado__in=SIN_COMISION, motivo_codigo=_FRAUDE) | Q(Exists(suya))


def _con_efecto(conversion: Conversion) -> QuerySet[Comision]:
    """What the sellers of its customer's other sales may earn of them."""
    return (
        Comision.objects.filter(
            conversion__cliente=conversion.cliente_id,
            conversion__tipo_conversion__in=COMPRAS,
            nivel=1,
        )
        .exclude(conversion=conversion.pk)
        .exclude(estado__in=SIN_EFECTO)
        .exclude(conversion__estado__in=SIN_COMISION)
    )


def _ganadas(conversion: Conversion) -> QuerySet[Comision]:
    """Those that have earned, with what was adjusted since."""
    ajustado = (
        _ajustes(Ajuste.objects.filter(comision=OuterRef("pk")))
        .order_by()
        .values("comision")
        .annotate(suma=Sum("monto"))
        .values("suma")
    )
    de_mas = Coalesce(Subquery(ajustado), CERO, output_field=_DINERO)
    return (
        _con_efecto(conversion)
        .annotate(neto=F("monto") + F("revertido") + de_mas)
        .filter(neto__gt=_NADA)
    )


def _ajustes(ajustes: QuerySet[Ajuste]) -> QuerySet[Ajuste]:
    """Those of renewals that count."""
    return ajustes.filter(tipo=TipoAjuste.RENOVACION).exclude(estado=EstadoAjuste.DESCARTADO)


def con_calculadas_despues(conversiones: Sequence[Conversion]) -> set[int]:
    """Customers of some sales that have a later one calculated already: these came late."""
    tardias = [c.pk for c in conversiones if c.cliente_id is not None]
    if not tardias:
        return set()
    despues = Comision.objects.filter(
        conversion__cliente=OuterRef("cliente"),
        conversion__ocurrida_en__gte=OuterRef("ocurrida_en"),
        nivel=1,
    ).exclude(conversion=OuterRef("pk"))
    suyas = Conversion.objects.filter(Exists(despues), pk__in=tardias)
    return {pk for pk in suyas.values_list("cliente", flat=True) if pk is not None}


def repasar_ventas(cuales: Q) -> None:
    """Put right the customers of some sales that changed, if they have one."""
    with transaction.atomic():
        suyas = Conversion.objects.filter(cuales, cliente__isnull=False)
        clientes = set(suyas.values_list("cliente", flat=True))
        _tomar(clientes)
        repasar_clientes(clientes)


def repasar_clientes(clientes: Iterable[int | None]) -> None:
    """Draft the difference between what the sales of some customers earned and what they would in
    their order, as they are now; their turns are the caller's. Any number of times."""
    for cliente in sorted(pk for pk in set(clientes) if pk is not None):
        for suelta in fuera_de_su_sitio(cliente):
            _proponer(suelta)


@dataclass(frozen=True, slots=True)
class FueraDeSitio:
    """A commission that is not what it would be in the order of its customer's sales: it would be
    ``correcto`` before refunds, and ``falta`` is missing besides ``borradores``, to be replaced."""

    comision: Comision
    correcto: Decimal
    falta: Decimal
    borradores: Sequence[Ajuste]


def fuera_de_su_sitio(cliente: int) -> list[FueraDeSitio]:
    """Commissions of a customer that no draft puts right yet; none when no rule limits any."""
    compras = Conversion.objects.filter(
        cliente=cliente, afiliado__isnull=False, tipo_conversion__in=COMPRAS
    ).annotate(fraude=_por_fraude())
    ventas = list(compras.order_by("ocurrida_en", "id_publico")[:MAX_VENTAS])
    de: dict[int, list[Comision]] = defaultdict(list)
    comisiones = list(
        Comision.objects.filter(conversion__in=ventas).select_related("afiliado").order_by("nivel")
    )
    for comision in comisiones:
        de[comision.conversion_id].append(comision)
    if len(ventas) < 2 or not any(map(limita_renovaciones, comisiones)):
        return []
    vivos: dict[int | None, list[Ajuste]] = defaultdict(list)
    for ajuste in _ajustes(Ajuste.objects.filter(comision__in=comisiones)).order_by("pk"):
        vivos[ajuste.comision_id].append(ajuste)
    sitios = dict(
        en_su_sitio(
            [
                VentaDeCliente(venta.pk, venta.ocurrida_en, fraude, _cuenta(venta, de[venta.pk]))
                for venta in ventas
                if (fraude := bool(venta.fraude)) or venta.estado != EstadoConversion.RECHAZADA
            ],
            lambda venta, renovacion: _gana(de[venta], renovacion),
        )
    )
    sueltas = (
        _suelta(venta, comision, sitios.get(venta.pk), vivos[comision.pk])
        for venta in ventas
        for comision in de[venta.pk]
    )
    return [suelta for suelta in sueltas if suelta is not None]


def _cuenta(venta: Conversion, comisiones: Iterable[Comision]) -> bool:
    return any(not _sin_nada(venta, c) for c in _del_vendedor(comisiones))


def _gana(comisiones: Iterable[Comision], renovacion: Renovacion | None) -> bool:
    return any((monto_de(c, renovacion) or CERO) > CERO for c in _del_vendedor(comisiones))


def _del_vendedor(comisiones: Iterable[Comision]) -> list[Comision]:
    """Without those that ended when the sale went to another affiliate."""
    return [c for c in comisiones if c.nivel == 1 and c.viva]


def _suelta(
    venta: Conversion,
    comision: Comision,
    renovacion: Renovacion | None,
    vivos: Sequence[Ajuste],
) -> FueraDeSitio | None:
    correcto = monto_de(comision, renovacion)
    if correcto is None:
        return None
    falta = CERO if _sin_nada(venta, comision) else _lo_que_queda(venta, comision, correcto)
    falta -= sum((a.monto for a in vivos if a.estado != EstadoAjuste.BORRADOR), CERO)
    borradores = [a for a in vivos if a.estado == EstadoAjuste.BORRADOR]
    if sum((a.monto for a in borradores), CERO) == falta:
        return None
    return FueraDeSitio(comision, correcto, falta, borradores)


def _proponer(suelta: FueraDeSitio) -> None:
    comision, moneda = suelta.comision, suelta.comision.moneda
    for ajuste in suelta.borradores:
        descartar_ajuste(ajuste=ajuste, actor=ACTOR, motivo=_POR_OTRAS)
    if suelta.falta and abs(suelta.falta) <= MAXIMO:
        correcto, calculado = texto(suelta.correcto, moneda), texto(_original(comision), moneda)
        proponer_por_hecho(
            comision=comision,
            tipo=TipoAjuste.RENOVACION,
            monto=suelta.falta,
            motivo=f"{_POR_OTRAS} En su orden ganaría {correcto} {moneda};"
            f" se calculó {calculado} {moneda}.",
            actor=ACTOR,
        )


def limita_renovaciones(comision: Comision) -> bool:
    """Whether it was calculated by terms that limit renewals."""
    try:
        return any(terminos_de(r["terminos"]).limita_renovaciones for r in _registros(comision))
    except ILEGIBLE:
        return False


def _registros(comision: Comision) -> list[dict[str, Any]]:
    return [comision.traza, *comision.traza.get("otras", ())] if comision.traza else []


def monto_de(comision: Comision, renovacion: Renovacion | None) -> Decimal | None:
    """What a commission would pay, before refunds, if its sale were that one of its customer; None
    when its record cannot be read."""
    total = CERO
    try:
        for registro in _registros(comision):
            terminos = terminos_de(registro["terminos"])
            if not terminos.limita_renovaciones:
                total += Decimal(registro["resultado"]["monto"])
                continue
            hechos = replace(hechos_congelados(registro["hechos"]), renovacion=renovacion)
            previo = registro["acumulado"]
            acumulado = None if previo is None else acumulado_de(previo)
            total += calcular(terminos, hechos, acumulado).monto
    except ILEGIBLE:
        return None
    return monto_guardable(total)


def _sin_nada(venta: Conversion, comision: Comision) -> bool:
    """Whether there is nothing that an order of sales could change."""
    return (
        venta.estado in SIN_COMISION
        or comision.estado in SIN_EFECTO
        or comision.motivo_retencion in SIN_IMPORTE
    )


def _lo_que_queda(venta: Conversion, comision: Comision, correcto: Decimal) -> Decimal:
    """The difference with what was calculated, without what refunds took, or would have taken."""
    original = _original(comision)
    diferencia = correcto - original
    if not diferencia or venta.estado != EstadoConversion.REVERTIDA_PARCIAL:
        return diferencia
    if not correcto:
        quitado = Reverso.objects.filter(comision=comision).aggregate(s=Sum("monto"))["s"] or CERO
        return cuantizar(quitado, comision.moneda) - original
    movimientos = MovimientoConversion.objects.filter(conversion=venta, tipo__in=DEVOLUCIONES)
    devuelto = cuantizar(-(movimientos.aggregate(s=Sum("monto"))["s"] or CERO), venta.moneda)
    quitado = revertido_total(abs(diferencia), venta.valor, devuelto, comision.moneda)
    return diferencia - quitado if diferencia > CERO else diferencia + quitado
