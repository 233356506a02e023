"""Corrections of what sales are worth, of a file of decisions: looked at, and done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import DineroInvalido
from alpespartner.comun.errores import DatoInvalido, ErrorDominio
from alpespartner.comun.formato import con_moneda
from alpespartner.comun.textos import MAX_MOTIVO
from comisiones.ajustes.reversos import quitarian
from comisiones.comision.models import Comision
from comisiones.revision.estados import CausaFila, Resultado
from comisiones.revision.examen import Dicho
from comisiones.revision.models import DecisionEnMasa, LineaEnMasa
from conversiones.ventas.correccion import corregir_venta, exigir_correccion, quedan_de
from conversiones.ventas.errores import ValorDistinto, ValorQueSube
from conversiones.ventas.models import Conversion
from conversiones.ventas.motivos import en_palabras

# Each writes a movement, a state and an event.
PORCION = 100


@dataclass(frozen=True, slots=True)
class Correccion:
    """What a line makes of a sale, and what its commissions, of all levels, lose by it."""

    valor: Decimal
    nuevo: Decimal
    quita: Decimal


@dataclass(frozen=True, slots=True)
class NoCorrige:
    """Why a line corrects nothing."""

    causa: str
    detalle: str = ""


class Mesa:
    """The sales of some lines, read together: what is left of each, and what corrections take."""

    def __init__(self, pedidas: Collection[tuple[Comision, Decimal]]) -> None:
        claves = {comision.conversion_id for comision, _nuevo in pedidas}
        self._ventas = Conversion.objects.only("id_publico", "valor", "moneda", "estado").in_bulk(
            claves
        )
        self._quedan = _lo_que_queda(self._ventas.values())
        # One sale may be in several lines: each is asked for by itself, and one at most is done.
        rebajas: dict[int, Decimal] = {}
        for comision, nuevo in pedidas:
            if not isinstance(self._mirar(comision, nuevo), NoCorrige):
                rebajas[comision.conversion_id] = self._quedan[comision.conversion_id] - nuevo
        self._quitas = quitarian(rebajas)

    def mirar(self, comision: Comision, nuevo: Decimal) -> Correccion | NoCorrige:
        """What leaving the sale of a commission at a value would do."""
        mirada = self._mirar(comision, nuevo)
        if isinstance(mirada, NoCorrige):
            return mirada
        return Correccion(mirada, nuevo, self._quitas.get(comision.conversion_id, Decimal(0)))

    def _mirar(self, comision: Comision, nuevo: Decimal) -> Decimal | NoCorrige:
        venta = self._ventas[comision.conversion_id]
        queda = self._quedan.get(venta.pk)
        if queda is None:
            return NoCorrige(Resultado.FALLO)
        if queda == nuevo:
            return NoCorrige(Resultado.YA)
        try:
            exigir_correccion(venta, queda=queda, nuevo=nuevo)
        except ValorQueSube as exc:
            return NoCorrige(CausaFila.SUBE, exc.mensaje)
        except DatoInvalido as exc:
            return NoCorrige(CausaFila.VALOR_INVALIDO, exc.mensaje)
        except ErrorDominio as exc:
            return NoCorrige(_resultado(exc), exc.mensaje[:500])
        return queda


def _lo_que_queda(ventas: Collection[Conversion]) -> dict[int, Decimal]:
    """But of those that no service wrote."""
    try:
        return quedan_de(ventas)
    except DineroInvalido:
        if len(ventas) == 1:
            return {}
        return {pk: q for venta in ventas for pk, q in _lo_que_queda([venta]).items()}


def _resultado(exc: ErrorDominio) -> Resultado:
    return Resultado(exc.codigo) if exc.codigo in Resultado.values else Resultado.FALLO


def corregir_juntas(
    decision: DecisionEnMasa, actor: Actor, claves: Sequence[int]
) -> dict[int, Dicho]:
    """Correct the sales of some lines in the caller's transaction; what became of each. The sales
    are locked by key: their commissions are nobody's business here."""
    lineas = list(LineaEnMasa.objects.filter(pk__in=claves).order_by("comision"))
    de_venta = dict(
        Comision.objects.filter(pk__in=[linea.comision_id for linea in lineas]).values_list(
            "pk", "conversion_id"
        )
    )
    ventas = {
        venta.pk: venta
        for venta in Conversion.objects.select_for_update()
        .filter(pk__in=set(de_venta.values()))
        .order_by("pk")
    }
    return {
        linea.pk: _corregir(decision, linea, ventas[de_venta[linea.comision_id]], actor)
        for linea in lineas
    }


def _corregir(
    decision: DecisionEnMasa, linea: LineaEnMasa, venta: Conversion, actor: Actor
) -> Dicho:
    if linea.valor is None or linea.valor_nuevo is None:
        return Resultado.FALLO, ""
    try:
        corregir_venta(
            conversion=venta,
            esperado=linea.valor,
            nuevo=linea.valor_nuevo,
            id_externo=f"correccion-{decision.id_publico}-{venta.id_publico}",
            motivo=_motivo(decision, linea),
            actor=actor,
        )
    except ValorDistinto as exc:
        if exc.queda == linea.valor_nuevo:
            return Resultado.YA, ""
        return Resultado.CAMBIO, exc.mensaje
    except ErrorDominio as exc:
        return _resultado(exc), exc.mensaje[:500]
    return Resultado.HECHA, _("De %(antes)s a %(ahora)s.") % {
        "antes": con_moneda(linea.valor, venta.moneda),
        "ahora": con_moneda(linea.valor_nuevo, venta.moneda),
    }


def _motivo(decision: DecisionEnMasa, linea: LineaEnMasa) -> str:
    codigo = en_palabras("", linea.motivo_codigo)
    return (": ".join(filter(None, (codigo, linea.motivo))) or decision.motivo)[:MAX_MOTIVO]
