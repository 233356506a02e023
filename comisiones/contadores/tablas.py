"""What is counted, and how a row of it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Model

from alpespartner.comun.dinero import CERO, DECIMALES, MAXIMO
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion
from outbox.registro import TIPOS

# A counter is of all rows, or of those of one of these.
CORTES = ("campana", "afiliado")
TODO = ("", 0)
_MAYOR = 2**63 - 1


class Dicho(NamedTuple):
    """What a row adds to the counters; ``importe`` in ten-thousandths."""

    estado: str
    moneda: str
    campana: int
    afiliado: int
    importe: int

    def casillas(self) -> Iterator[Casilla]:
        """The counters that it is in."""
        for corte, quien in (TODO, ("campana", self.campana), ("afiliado", self.afiliado)):
            yield Casilla(corte, quien, self.estado, self.moneda)


class Casilla(NamedTuple):
    """Which counter."""

    corte: str
    quien: int
    estado: str
    moneda: str


@dataclass(frozen=True)
class Tabla:
    """A table whose rows are counted: its name in the counters, the column that is added up, and
    the field of the events that names a row."""

    nombre: str
    modelo: type[Model]
    importe: str
    sujeto: str

    def tipos(self) -> frozenset[str]:
        """Events after which a row may count otherwise: all those of its aggregate."""
        return frozenset(t.nombre for t in TIPOS.values() if t.sujeto == self.sujeto)

    def leer(self, **cuales: Any) -> dict[int, tuple[str, Dicho]]:
        """By primary key, the public id of some rows and what each says now."""
        columnas = ("pk", "id_publico", "estado", "moneda", "campana_id", "afiliado_id")
        filas = self.modelo._default_manager.filter(**cuales).order_by("pk")
        return {
            pk: (id_publico, dicho(estado, moneda, campana, afiliado, en_diezmilesimas(importe)))
            for pk, id_publico, estado, moneda, campana, afiliado, importe in filas.values_list(
                *columnas, self.importe
            )
        }


def dicho(estado: Any, moneda: Any, campana: Any, afiliado: Any, importe: int) -> Dicho:
    """What a row adds, whatever was written in it around the services."""
    return Dicho(
        str(estado or ""), str(moneda or ""), en_rango(campana), en_rango(afiliado),
        en_rango(importe),
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


COMISIONES = Tabla("comision", Comision, "monto", "comision_id")
VENTAS = Tabla("conversion", Conversion, "valor", "conversion_id")
TABLAS = (COMISIONES, VENTAS)
