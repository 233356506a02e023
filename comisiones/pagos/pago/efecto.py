"""What another withholding would have kept of the payments made lately, and of what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, es_moneda
from alpespartner.comun.formato import DIAS_EFECTO, TOPE_PREVIA, con_moneda, entero
from alpespartner.comun.propuestas.tipos import Linea
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.pagos.estados import PAGO_SIN_EFECTO
from comisiones.pagos.models import Pago
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.propuestas import registrar_efecto
from comisiones.retenciones.services import que_alcanza, retenido_de


class PagoCambiado(NamedTuple):
    """A payment of which something else would have been withheld."""

    pk: int
    id_publico: str
    afiliado: int
    moneda: str
    bruto: Decimal
    retenido: Decimal
    con: Decimal


class Retenido(NamedTuple):
    """What was withheld of a gross amount, and what would be with another withholding."""

    bruto: Decimal = CERO
    ahora: Decimal = CERO
    con: Decimal = CERO

    def mas(self, bruto: Decimal, ahora: Decimal, con: Decimal) -> Retenido:
        """With another amount."""
        return Retenido(self.bruto + bruto, self.ahora + ahora, self.con + con)


@dataclass(frozen=True, slots=True)
class EfectoDeRetencion:
    """Of ``miradas`` payments, the newest, those that change; ``pagados`` adds them all up by
    currency, and ``debido`` what is approved and waits for its payment. ``hay_mas`` and
    ``debe_mas``: there were more payments, or commissions, than are looked at."""

    miradas: int
    hay_mas: bool
    cambiados: list[PagoCambiado]
    pagados: dict[str, Retenido]
    debido: dict[str, Retenido]
    debe_mas: bool


def efecto_de_retencion(otra: RetencionFiscal) -> EfectoDeRetencion:
    """What a withholding that is not published would have kept of the payments of the last
    ``DIAS_EFECTO`` days, and would of what is owed today; nothing is written. It reads
    ``TOPE_PREVIA`` payments and as many commissions at most, by an index."""
    afiliado = otra.afiliado
    pagos = Pago.objects.order_by("-pk").values_list(
        "pk", "id_publico", "afiliado_id", "moneda", "importe", "retenido", "estado", "creado_en"
    )
    aprobadas = Comision.objects.filter(estado=EstadoComision.APROBADA).order_by("-pk")
    if afiliado is not None:
        pagos, aprobadas = pagos.filter(afiliado=afiliado), aprobadas.filter(afiliado=afiliado)
    ultimos = list(pagos[: TOPE_PREVIA + 1])
    esperan = list(aprobadas.values_list("afiliado_id", "moneda", "monto")[: TOPE_PREVIA + 1])
    desde_cuando = timezone.now() - timedelta(days=DIAS_EFECTO)
    hechos = [
        (pk, id_publico, de, moneda, importe + retenido, retenido)
        for pk, id_publico, de, moneda, importe, retenido, estado, creado in ultimos[:TOPE_PREVIA]
        if creado >= desde_cuando and estado not in PAGO_SIN_EFECTO and es_moneda(moneda)
    ]
    debidos: dict[tuple[int, str], Decimal] = defaultdict(lambda: CERO)
    for de, moneda, monto in esperan[:TOPE_PREVIA]:
        if es_moneda(moneda):
            debidos[de, moneda] += monto
    ahora, con = _tablas({p[2] for p in hechos} | {de for de, _m in debidos}, otra)
    cambiados = []
    pagados: dict[str, Retenido] = defaultdict(Retenido)
    for pk, id_publico, de, moneda, bruto, retenido in hechos:
        # Who is not reached keeps what was withheld then, whatever the table says today.
        nuevo = retenido_de(bruto, moneda, otra) if con.get(de) is otra else retenido
        pagados[moneda] = pagados[moneda].mas(bruto, retenido, nuevo)
        if nuevo != retenido:
            cambiados.append(PagoCambiado(pk, id_publico, de, moneda, bruto, retenido, nuevo))
    debido: dict[str, Retenido] = defaultdict(Retenido)
    for (de, moneda), bruto in debidos.items():
        debido[moneda] = debido[moneda].mas(
            bruto,
            retenido_de(bruto, moneda, ahora.get(de)),
            retenido_de(bruto, moneda, con.get(de)),
        )
    return EfectoDeRetencion(
        miradas=len(hechos),
        hay_mas=len(ultimos) > TOPE_PREVIA,
        cambiados=sorted(cambiados, key=lambda p: (-abs(p.con - p.retenido), -p.pk)),
        pagados=dict(pagados),
        debido=dict(debido),
        debe_mas=len(esperan) > TOPE_PREVIA,
    )


def _tablas(
    claves: Collection[int], otra: RetencionFiscal
) -> tuple[dict[int, RetencionFiscal], dict[int, RetencionFiscal]]:
    """What reaches each affiliate as it is today, and with another besides."""
    afiliados = list(Afiliado.objects.only("documento_tipo").filter(pk__in=claves))
    return que_alcanza(afiliados), que_alcanza(afiliados, con=otra)


def _lineas(otra: RetencionFiscal) -> list[Linea]:
    """For whoever confirms it."""
    efecto = efecto_de_retencion(otra)
    suyos = len({pago.afiliado for pago in efecto.cambiados})
    lineas: list[Linea] = [
        (
            _("En los últimos %(dias)s días, pagos y afiliados que cambian")
            % {"dias": DIAS_EFECTO},
            f"{entero(len(efecto.cambiados))} · {entero(suyos)}",
        )
    ]
    for moneda, suma in sorted(efecto.pagados.items()):
        lineas.append(
            (
                _("Retenido en ellos, y con esta"),
                f"{con_moneda(suma.ahora, moneda)} → {con_moneda(suma.con, moneda)}",
            )
        )
    return lineas


registrar_efecto(_lineas)
