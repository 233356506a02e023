"""What is counted, and how a row of it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from alpespartner.comun.dinero import CERO, DECIMALES, MAXIMO
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion
from outbox.registro import TIPOS

# A counter is of all rows, or of those of one of these.
CAMPANA, AFILIADO = "campana", "afiliado"
CORTES = (CAMPANA, AFILIADO)
TODO = ("", 0)
# Of every month.
SIEMPRE = 0
_MAYOR = 2**63 - 1


class Dicho(NamedTuple):
    """What a row adds to the counters; ``importe`` in ten-thousandths, ``mes`` as
    :func:`numero_de_mes` or 0."""

    estado: str
    moneda: str
    campana: int
    afiliado: int
    importe: int
    mes: int = SIEMPRE


class Casilla(NamedTuple):
    """Which counter."""

    corte: str
    quien: int
    mes: int
    estado: str
    moneda: str


@dataclass(frozen=True)
class Tabla:
    """A table whose rows are counted: its name in the counters, the column that is added up, and
    the fields of the events that name a row. A row is of the month of the first of ``fechas`` that
    it has, in the cuts ``por_mes``. ``listada``: all its rows are counted, so lists of it ask."""

    nombre: str
    modelo: type[Model]
    importe: str
    sujetos: tuple[str, ...]
    fechas: tuple[str, ...] = ()
    por_mes: tuple[str, ...] = ()
    listada: bool = True

    def tipos(self) -> frozenset[str]:
        """Events after which a row may count otherwise: all those of its aggregates."""
        return frozenset(t.nombre for t in TIPOS.values() if t.sujeto in self.sujetos)

    def filas(self) -> QuerySet[Any]:
        """The rows that are counted."""
        return self.modelo._default_manager.all()

    def claves_de(self, sujetos: Collection[str]) -> list[int]:
        """Primary keys of the rows that the subjects of some events name."""
        return list(self.filas().filter(id_publico__in=sujetos).values_list("pk", flat=True))

    def leer(self, **cuales: Any) -> dict[int, tuple[str, Dicho]]:
        """By primary key, whose events tell of some rows and what each says now."""
        columnas = ("pk", "id_publico", "estado", "moneda", "campana_id", "afiliado_id")
        filas = self.filas().filter(**cuales).order_by("pk")
        return {
            pk: (
                id_publico,
                dicho(
                    estado, moneda, campana, afiliado, en_diezmilesimas(importe),
                    next(filter(None, map(mes, dias)), SIEMPRE),
                ),
            )
            for pk, id_publico, estado, moneda, campana, afiliado, importe, *dias in (
                filas.values_list(*columnas, self.importe, *self.fechas)
            )
        }  # fmt: skip

    def casillas(self, suyo: Dicho) -> Iterator[Casilla]:
        """The counters that a row is in."""
        for corte, quien in (TODO, (CAMPANA, suyo.campana), (AFILIADO, suyo.afiliado)):
            if quien or not corte:
                yield Casilla(corte, quien, SIEMPRE, suyo.estado, suyo.moneda)
                if suyo.mes and corte in self.por_mes:
                    yield Casilla(corte, quien, suyo.mes, suyo.estado, suyo.moneda)


def numero_de_mes(ano: int, mes_del_ano: int) -> int:
    """A month as the counters name it: 202603."""
    return ano * 100 + mes_del_ano


def mes(cuando: Any) -> int:
    """The month (UTC) of an instant; 0 of none."""
    if not isinstance(cuando, datetime):
        return SIEMPRE
    suyo = cuando.astimezone(UTC) if cuando.tzinfo else cuando
    return numero_de_mes(suyo.year, suyo.month)


def dicho(
    estado: Any, moneda: Any, campana: Any, afiliado: Any, importe: int, mes: Any = SIEMPRE
) -> Dicho:
    """What a row adds, whatever was written in it around the services."""
    return Dicho(
        str(estado or ""), str(moneda or ""), en_rango(campana), en_rango(afiliado),
        en_rango(importe), en_rango(mes),
    )  # fmt: skip


def en_rango(valor: Any) -> int:
    """A whole number that its column holds; 0 for what is none."""
    return max(-_MAYOR, min(_MAYOR, valor)) if isinstance(valor, int) else 0


def en_diezmilesimas(importe: Decimal) -> int:
    """An amount as the counters add it; nothing for one that no service writes, which
    ``verificar`` names."""
    return int((importe if abs(importe) <= MAXIMO else CERO).scaleb(DECIMALES))


def en_unidades(importe: int) -> Decimal:
    """An amount of the counters in the currency's main unit."""
    return Decimal(importe).scaleb(-DECIMALES)


# By the month in which they were paid or, until then, may be.
COMISIONES = Tabla(
    "comision", Comision, "monto", ("comision_id",), fechas=("pagada_en", "madura_en"),
    por_mes=("", CAMPANA),
)  # fmt: skip
VENTAS = Tabla("conversion", Conversion, "valor", ("conversion_id",))
