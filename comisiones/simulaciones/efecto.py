"""What other terms of an affiliate would have paid for the sales it made lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from afiliados.afiliado.condiciones import como_era, leer
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, es_moneda
from alpespartner.comun.formato import DIAS_EFECTO, TOPE_PREVIA
from comisiones.motor.errores import ILEGIBLE
from comisiones.reglas.tarifa import Aplicable, Tarifario
from comisiones.simulaciones.candidatas import Hoy
from comisiones.simulaciones.recorrido import TANDA, ganado
from comisiones.simulaciones.ventanas import Ventanas
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion


class VentaCambiada(NamedTuple):
    """A sale that would have earned its seller something else, in its ``moneda``."""

    pk: int
    id_publico: str
    moneda: str
    valor: Decimal
    ahora: Decimal
    con: Decimal


@dataclass(frozen=True, slots=True)
class EfectoDeCondiciones:
    """Of ``miradas`` sales, the newest, those that change, by how much the first; ``sumas`` adds
    up by currency what all of them earned, and would have. ``hay_mas``: there were more of them
    than are looked at."""

    miradas: int
    hay_mas: bool
    cambiadas: list[VentaCambiada]
    sumas: dict[str, tuple[Decimal, Decimal]]


def efecto_de_condiciones(afiliado: Afiliado, quedaria: Afiliado) -> EfectoDeCondiciones:
    """What its sales of the last ``DIAS_EFECTO`` days would have earned an affiliate, had it been
    as a copy of it says; nothing is written. It reads ``TOPE_PREVIA`` sales at most, by an index.

    Each is priced by the rules of its moment, with what the earlier ones of these days left of its
    period and caps. One that the change does not reach keeps what it earned, and so does one that
    was priced by hand. What those who referred it earn is not looked at.
    """
    hasta = timezone.now()
    suyas = (
        Conversion.objects.filter(
            afiliado=afiliado,
            ocurrida_en__gte=hasta - timedelta(days=DIAS_EFECTO),
            ocurrida_en__lte=hasta,
        )
        .exclude(estado__in=SIN_COMISION)
        .select_related("campana")
    )
    ultimas = list(suyas.order_by("-ocurrida_en", "-pk")[: TOPE_PREVIA + 1])
    ventas = sorted(ultimas[:TOPE_PREVIA], key=lambda v: (v.ocurrida_en, v.id_publico))
    miradas = 0
    cambiadas = []
    sumas: dict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (CERO, CERO))
    for venta, ahora, con in _pagar(ventas, afiliado, quedaria):
        miradas += 1
        antes, despues = sumas[venta.moneda]
        sumas[venta.moneda] = antes + ahora, despues + con
        if ahora != con:
            cambiadas.append(
                VentaCambiada(venta.pk, venta.id_publico, venta.moneda, venta.valor, ahora, con)
            )
    return EfectoDeCondiciones(
        miradas=miradas,
        hay_mas=len(ultimas) > TOPE_PREVIA,
        cambiadas=sorted(cambiadas, key=lambda v: (-abs(v.con - v.ahora), -v.pk)),
        sumas=dict(sumas),
    )


def _pagar(
    ventas: Sequence[Conversion], afiliado: Afiliado, quedaria: Afiliado
) -> Iterator[tuple[Conversion, Decimal, Decimal]]:
    """Each sale that earned something, what it earned and what it would have."""
    filas = leer([afiliado])
    tarifario = Tarifario({v.campana_id for v in ventas}, {afiliado.pk})
    ventanas = Ventanas()
    for desde in range(0, len(ventas), TANDA):
        tanda = ventas[desde : desde + TANDA]
        ganadas = ganado(tanda)
        for venta in tanda:
            suyos = [h for h in ganadas.get(venta.pk, ()) if h.nivel == 1]
            if not suyos or not es_moneda(venta.moneda):
                continue
            venta.afiliado = como_era(afiliado, venta.ocurrida_en, filas)
            ahora = sum((h.monto for h in suyos), CERO)
            con = _con(venta, suyos, quedaria, tarifario, ventanas)
            con = ahora if con is None else con
            ventanas.gastar(venta, afiliado.pk, con)
            yield venta, ahora, con


def _con(
    venta: Conversion,
    suyos: Sequence[Hoy],
    quedaria: Afiliado,
    tarifario: Tarifario,
    ventanas: Ventanas,
) -> Decimal | None:
    """What a sale would have earned; None where the change does not reach it, or nobody can say."""
    if any(h.manual for h in suyos):
        return None
    antes = tarifario.para(venta, venta.vendedor)
    despues = tarifario.para(venta, quedaria)
    if _mismas(antes, despues):
        return None
    if despues is None:
        return CERO
    if despues.problema:
        return None
    try:
        return ventanas.pagar(venta, quedaria.pk, despues)
    except ILEGIBLE:
        return None


def _mismas(antes: Aplicable | None, despues: Aplicable | None) -> bool:
    """Whether two affiliates are paid alike for a sale."""
    return _cuales(antes) == _cuales(despues)


def _cuales(aplicable: Aplicable | None) -> list[object]:
    return [
        (
            una.regla, una.version, una.terminos, una.productos,
            una.terminos.multiplicadores and una.hechos.nivel_afiliado,
        )
        for una in (aplicable.todas if aplicable is not None else ())
    ]  # fmt: skip
