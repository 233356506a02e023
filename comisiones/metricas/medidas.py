"""What is measured, and how it is read: whatever happens to a sale is of the day of the sale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Model

from alpespartner.comun.dinero import CERO
from alpespartner.comun.granos import TODOS, Grano, tramos_de
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.ajustes.selectors import a_quien_pasaron
from comisiones.comision.estados import YA_APROBADA, EstadoComision
from comisiones.comision.models import Comision
from comisiones.contadores.tablas import en_diezmilesimas
from comisiones.metricas.horas import plazo
from comisiones.metricas.models import TipoCodigo
from conversiones.campanas.dias import dia_en
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import DEVOLUCIONES, Conversion, MovimientoConversion
from outbox.registro import TIPOS

# Taken back of a commission that was in a payment. What one affiliate gave to another is nothing.
QUITAN = (TipoAjuste.REVERSO, TipoAjuste.CLAWBACK, TipoAjuste.REASIGNACION)
ESTADOS = tuple(EstadoComision.values)


class Dicha(NamedTuple):
    """What a row adds to the figures, with the names of :class:`Medida`."""

    dia: date
    campana: int
    afiliado: int
    canal: str
    moneda: str
    estado: str
    importe: int
    quitado: int
    plazo: int | None = None
    cupon: str = ""
    enlace: str = ""


class Casilla(NamedTuple):
    """Which figures."""

    campana: int
    afiliado: int
    grano: str
    desde: date
    canal: str
    moneda: str


class CasillaDeCodigo(NamedTuple):
    """Which figures, of what came with a coupon or by a link."""

    tipo: str
    codigo: str
    campana: int
    afiliado: int
    grano: str
    desde: date
    canal: str
    moneda: str


@dataclass(frozen=True)
class Medible:
    """A table whose rows are measured: its name in the figures, the fields of the events that name
    a row, how to find it by them, and how to read some."""

    nombre: str
    modelo: type[Model]
    sujetos: tuple[str, ...]
    leer: Callable[..., dict[int, tuple[str, Dicha | None]]]

    def tipos(self) -> frozenset[str]:
        """Events after which a row may be measured otherwise."""
        return frozenset(t.nombre for t in TIPOS.values() if t.sujeto in self.sujetos)

    def claves_de(self, sujetos: Collection[str]) -> list[int]:
        """Primary keys of the rows that the subjects of some events name."""
        filas = self.modelo._default_manager.filter(id_publico__in=sujetos)
        claves = set(filas.values_list("pk", flat=True))
        if "ajuste_id" in self.sujetos:
            ajustes = Ajuste.objects.filter(id_publico__in=sujetos, comision__isnull=False)
            claves.update(ajustes.values_list("comision_id", flat=True))
        return sorted(claves)


def _leer_ventas(**cuales: Any) -> dict[int, tuple[str, Dicha | None]]:
    """Sales by key, with whose events tell of each; nothing is said of one that is nobody's or was
    refused."""
    filas = list(
        Conversion.objects.filter(**cuales).order_by("pk").values_list(
            "pk", "id_publico", "ocurrida_en", "campana__zona", "campana_id", "afiliado_id",
            "canal_origen", "moneda", "estado", "valor", "cupon", "enlace",
        )
    )  # fmt: skip
    devuelto: dict[int, int] = defaultdict(int)
    movimientos = MovimientoConversion.objects.filter(
        conversion__in=[fila[0] for fila in filas], tipo__in=DEVOLUCIONES
    )
    for venta, monto in movimientos.values_list("conversion_id", "monto"):
        devuelto[venta] -= en_diezmilesimas(monto)
    return {
        pk: (
            id_publico,
            None
            if afiliado is None or ocurrida is None or estado == EstadoConversion.RECHAZADA
            else Dicha(
                dia_en(zona, ocurrida), campana, afiliado, canal, moneda, estado,
                en_diezmilesimas(valor), devuelto[pk], None, cupon, enlace,
            ),
        )
        for (
            pk, id_publico, ocurrida, zona, campana, afiliado, canal, moneda, estado, valor, cupon,
            enlace,
        ) in filas
    }  # fmt: skip


def _leer_comisiones(**cuales: Any) -> dict[int, tuple[str, Dicha | None]]:
    """Commissions by key, each of the day and the channel of its sale, and of whoever has it."""
    filas = list(
        Comision.objects.filter(**cuales).order_by("pk").values_list(
            "pk", "id_publico", "conversion__ocurrida_en", "campana__zona", "campana_id",
            "afiliado_id", "conversion__canal_origen", "moneda", "estado", "monto", "creada_en",
            "aprobada_en", "conversion__cupon", "conversion__enlace",
        )
    )  # fmt: skip
    quitado: dict[int, int] = defaultdict(int)
    ajustes = Ajuste.objects.filter(
        comision__in=[fila[0] for fila in filas], tipo__in=QUITAN,
        estado=EstadoAjuste.CONTABILIZADO,
    )  # fmt: skip
    for comision, monto in ajustes.values_list("comision_id", "monto"):
        quitado[comision] -= en_diezmilesimas(monto or CERO)
    pasaron = a_quien_pasaron([fila[0] for fila in filas])
    leidas: dict[int, tuple[str, Dicha | None]] = {}
    for (
        pk, id_publico, ocurrida, zona, campana, afiliado, canal, moneda, estado, monto, creada,
        aprobada, cupon, enlace,
    ) in filas:  # fmt: skip
        if ocurrida is None or estado not in ESTADOS:
            # No service wrote it.
            leidas[pk] = (id_publico, None)
            continue
        aprobada = aprobada if estado in YA_APROBADA else None
        leidas[pk] = (
            id_publico,
            Dicha(
                dia_en(zona, ocurrida), campana, pasaron.get(pk, afiliado), canal, moneda, estado,
                en_diezmilesimas(monto), quitado[pk],
                plazo(creada, aprobada) if aprobada and creada else None, cupon, enlace,
            ),
        )  # fmt: skip
    return leidas


VENTAS = Medible("venta", Conversion, ("conversion_id",), _leer_ventas)
COMISIONES = Medible("comision", Comision, ("comision_id", "ajuste_id"), _leer_comisiones)
MEDIBLES = (VENTAS, COMISIONES)


def casillas(suya: Dicha, granos: Sequence[Grano] = TODOS) -> Iterator[Casilla]:
    """The figures that a row is in, of some kinds of stretches."""
    for grano, desde in tramos_de(suya.dia, granos):
        for campana in (0, suya.campana):
            for afiliado in (0, suya.afiliado):
                yield Casilla(campana, afiliado, grano, desde, suya.canal, suya.moneda)


def casillas_de_codigos(suya: Dicha, granos: Sequence[Grano] = TODOS) -> Iterator[CasillaDeCodigo]:
    """Those of the coupon and of the link that its sale came with."""
    for tipo, codigo in ((TipoCodigo.CUPON, suya.cupon), (TipoCodigo.ENLACE, suya.enlace)):
        if codigo:
            for grano, desde in tramos_de(suya.dia, granos):
                yield CasillaDeCodigo(
                    str(tipo), codigo, suya.campana, suya.afiliado, grano, desde, suya.canal,
                    suya.moneda,
                )  # fmt: skip


def sumandos(de: str, suya: Dicha) -> dict[str, int]:
    """What a row adds, by the columns of the figures."""
    if de == VENTAS.nombre:
        return {"conversiones": 1, "valor": suya.importe, "devuelto": suya.quitado}
    return {suya.estado: suya.importe, "ajustado": suya.quitado}
