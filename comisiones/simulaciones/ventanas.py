"""What earlier sales of a backtest leave for the later ones: the state of each period, and what was
spent of each cap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from alpespartner.comun.dinero import CERO
from comisiones.calculo.renovaciones import como_renovacion
from comisiones.motor import Acumulado, AmbitoTope, Periodo, Terminos, calcular
from comisiones.motor.congelado import a_json, acumulado_de
from comisiones.motor.errores import ILEGIBLE
from comisiones.motor.periodos import clave_periodo
from comisiones.reglas.models import TipoComision, VersionRegla
from comisiones.reglas.tarifa import Aplicable, terminos_de_version
from conversiones.ventas.models import Conversion


class Ventanas:
    """Pays one sale after another, in order of occurrence, by terms that somebody found.

    ``tambien`` are terms that no rule has yet.
    """

    def __init__(self, *tambien: Terminos) -> None:
        self._estados: dict[str, Acumulado] = {}
        self._gastado: dict[str, Decimal] = {}
        # What some rule caps, and every zone that some rule has.
        self._topes: set[tuple[AmbitoTope, Periodo]] = set()
        self._zonas = {"UTC"}
        guardadas = (
            VersionRegla.objects.exclude(tipo=TipoComision.RED)
            .exclude(condiciones={})
            .iterator(chunk_size=500)
        )
        for terminos in (*tambien, *_legibles(guardadas)):
            self._topes |= {(tope.ambito, tope.periodo) for tope in terminos.topes_gasto or ()}
            self._zonas.add(terminos.zona_horaria or "UTC")

    def pagar(self, conversion: Conversion, pk: int, aplicable: Aplicable) -> Decimal:
        """What a sale earns an affiliate (its key), by all the rules that its lines follow."""
        hecho = CERO
        for una in aplicable.todas:
            hecho += self._de_una_regla(conversion, pk, una, hecho)
        return hecho

    def _de_una_regla(
        self, conversion: Conversion, pk: int, aplicable: Aplicable, ya: Decimal
    ) -> Decimal:
        """What some of the lines earn, when others of the sale earned ``ya``."""
        terminos = aplicable.terminos
        hechos = como_renovacion(aplicable.hechos, terminos, conversion)
        zona = terminos.zona_horaria or "UTC"
        previo, clave = None, ""
        if terminos.acumula:
            ventana = clave_periodo(terminos.periodo or Periodo.TOTAL, zona, hechos.ocurrida_en)
            clave = f"{aplicable.regla.pk} {pk} {hechos.moneda} {ventana}"
            previo = self._estados.get(clave)
        elif terminos.topes_gasto:
            previo = Acumulado(
                gastado=tuple(
                    ya
                    + self._gastado.get(_ventana(t.ambito, t.periodo, zona, conversion, pk), CERO)
                    for t in terminos.topes_gasto
                )
            )
        resultado = calcular(terminos, hechos, previo)
        if clave and resultado.acumulado is not None:
            self._estados[clave] = resultado.acumulado
        return resultado.monto

    def gastar(self, conversion: Conversion, pk: int, monto: Decimal) -> None:
        """Count what a sale earned against the caps of the later ones."""
        for ambito, periodo in self._topes:
            for zona in self._zonas:
                ventana = _ventana(ambito, periodo, zona, conversion, pk)
                self._gastado[ventana] = self._gastado.get(ventana, CERO) + monto

    def recordar(self, memoria: list[Any]) -> None:
        """Periods and spending of an earlier portion."""
        if memoria:
            estados, gastado = memoria
            self._estados = {clave: acumulado_de(estado) for clave, estado in estados.items()}
            self._gastado = {clave: Decimal(monto) for clave, monto in gastado.items()}

    def memoria(self, ultima: datetime) -> list[Any]:
        """Periods and spending still open at an instant."""
        abiertas = vivas(self._zonas, ultima)
        return [
            {c: a_json(e) for c, e in self._estados.items() if c.rpartition(" ")[2] in abiertas},
            {c: str(m) for c, m in self._gastado.items() if c.rpartition(" ")[2] in abiertas},
        ]


def _legibles(versiones: Iterable[VersionRegla]) -> Iterator[Terminos]:
    """Their terms; nobody is paid by those of a version that cannot be read."""
    for version in versiones:
        with suppress(*ILEGIBLE):
            yield terminos_de_version(version)


def vivas(zonas: Iterable[str], instante: datetime) -> set[str]:
    """Keys of the periods that hold an instant: those before it will not come back."""
    return {clave_periodo(p, zona, instante) for zona in zonas for p in Periodo}


def _ventana(
    ambito: AmbitoTope, periodo: Periodo, zona: str, conversion: Conversion, pk: int
) -> str:
    quien = conversion.campana_id if ambito is AmbitoTope.CAMPANA else pk
    clave = clave_periodo(periodo, zona, conversion.ocurrida_en)
    return f"{ambito} {quien} {conversion.moneda} {zona} {clave}"
