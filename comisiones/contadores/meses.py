"""What the ledger says of an affiliate, a campaign or the programme, in all and month by month
(UTC, as its statements), read from the counters: a few dozen rows whatever there is to add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from alpespartner.comun.dinero import CERO, visible
from comisiones.comision.estados import EstadoComision
from comisiones.contadores.libro import LIBRO, Concepto
from comisiones.contadores.models import Contador, Recuento
from comisiones.contadores.tablas import (
    AFILIADO,
    CAMPANA,
    COMISIONES,
    SIEMPRE,
    TODO,
    en_unidades,
    numero_de_mes,
)


@dataclass(slots=True)
class Movido:
    """What moved in a currency: all positive in their usual direction, ``ajustado`` in the
    affiliate's favour. ``saldo`` is what is left to pay of it."""

    ganado: Decimal = CERO
    revertido: Decimal = CERO
    ajustado: Decimal = CERO
    pagado: Decimal = CERO

    @property
    def saldo(self) -> Decimal:
        """Owed of what moved: negative when the affiliate owes it."""
        return self.ganado - self.revertido + self.ajustado - self.pagado


@dataclass(slots=True)
class EnMoneda:
    """What moved in a currency: since always, and in each of the months asked for, in order."""

    moneda: str
    siempre: Movido = field(default_factory=Movido)
    meses: dict[int, Movido] = field(default_factory=dict)

    def del_ano(self, ano: int) -> Movido:
        """In the months of a year, if they were asked for."""
        suyos = [movido for mes, movido in self.meses.items() if mes // 100 == ano]
        return Movido(
            *(
                sum((getattr(m, nombre) for m in suyos), CERO)
                for nombre in ("ganado", "revertido", "ajustado", "pagado")
            )
        )


def estan_enteros() -> bool:
    """Whether the counters may be read: not while they are made anew."""
    return not Recuento.objects.filter(rehecho_hasta__isnull=False).exists()


def ultimos_meses(cuantos: int, ahora: datetime) -> list[int]:
    """The month of an instant (UTC) and those before it, oldest first."""
    hoy = ahora.astimezone(UTC)
    desde = hoy.year * 12 + hoy.month - cuantos
    return [numero_de_mes(n // 12, n % 12 + 1) for n in range(desde, desde + cuantos)]


def por_meses(corte: str, quien: int, meses: Sequence[int]) -> list[EnMoneda]:
    """What moved in each currency, in order. What is paid of a campaign is what its commissions
    say: a payment is of no campaign."""
    cuadros: dict[str, EnMoneda] = {}

    def de(moneda: str, mes: int) -> Movido:
        cuadro = cuadros.get(moneda)
        if cuadro is None:
            cuadro = cuadros[moneda] = EnMoneda(moneda, meses={mes: Movido() for mes in meses})
        return cuadro.siempre if mes == SIEMPRE else cuadro.meses[mes]

    suyos = Contador.objects.filter(corte=corte, quien=quien, mes__in=[SIEMPRE, *meses])
    campos = ("mes", "moneda", "estado", "importe")
    for mes, moneda, concepto, importe in suyos.filter(de=LIBRO.nombre).values_list(*campos):
        movido, suma = de(moneda, mes), visible(en_unidades(importe), moneda)
        if concepto == Concepto.GANADO:
            movido.ganado += suma
        elif concepto == Concepto.REVERTIDO:
            movido.revertido -= suma
        elif concepto == Concepto.PAGADO:
            movido.pagado -= suma
        else:
            movido.ajustado += suma
    if corte == CAMPANA:
        pagadas = suyos.filter(de=COMISIONES.nombre, estado=EstadoComision.PAGADA)
        for mes, moneda, _estado, importe in pagadas.values_list(*campos):
            de(moneda, mes).pagado += visible(en_unidades(importe), moneda)
    return [cuadros[moneda] for moneda in sorted(cuadros)]


def debido_a(afiliados: Collection[int]) -> list[tuple[str, Decimal]]:
    """What some affiliates are owed, each and in each currency; not what any of them owes."""
    saldos: dict[tuple[int, str], Decimal] = defaultdict(lambda: CERO)
    filas = Contador.objects.filter(
        de=LIBRO.nombre, corte=AFILIADO, quien__in=afiliados, mes=SIEMPRE
    ).values_list("quien", "moneda", "importe")
    for quien, moneda, importe in filas:
        saldos[quien, moneda] += visible(en_unidades(importe), moneda)
    return [(moneda, saldo) for (_quien, moneda), saldo in saldos.items() if saldo > 0]


def por_vencer(estados: Collection[str]) -> dict[str, dict[str, dict[int, Decimal]]]:
    """What the commissions in some states add up to by currency, state and the month (UTC) from
    which they can be paid."""
    suyo: dict[str, dict[str, dict[int, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    corte, quien = TODO
    filas = Contador.objects.filter(
        de=COMISIONES.nombre, corte=corte, quien=quien, mes__gt=SIEMPRE, estado__in=estados
    ).values_list("moneda", "estado", "mes", "importe")
    for moneda, estado, mes, importe in filas:
        if importe:
            suyo[moneda][estado][mes] = visible(en_unidades(importe), moneda)
    return suyo


def en_revision_y_pago(corte: str, quien: int) -> dict[str, dict[str, tuple[int, Decimal]]]:
    """How many commissions are in each state and what they add up to, by currency."""
    estados: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    filas = Contador.objects.filter(
        de=COMISIONES.nombre, corte=corte, quien=quien, mes=SIEMPRE
    ).values_list("moneda", "estado", "cuantas", "importe")
    for moneda, estado, cuantas, importe in filas:
        estados[moneda][estado] = (cuantas, visible(en_unidades(importe), moneda))
    return dict(estados)
