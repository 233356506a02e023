"""Backtest: what a policy would have paid for a file of conversions. No database, no Django.

Input as ``lectura`` reads it, policy as ``politica`` does. Output columns: ``conversion_id,
afiliado_id, regla, nivel, base, monto, moneda``, in the order of the input, one row per commission;
a conversion without a rule has none. Level 1 is the affiliate who sold; level 2 its ``referente``,
and so on, paid by a rule of that level or else by ``red`` (``regla`` is then "red").

Rows are computed one by one. When a rule accumulates over a period they are computed in order of
occurrence (then of ``conversion_id``), which keeps the whole file in memory.

Text cells that a spreadsheet would take for a formula get a leading apostrophe; amounts do not.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TextIO

from alpespartner.comun.dinero import (
    CERO,
    CONTEXTO,
    DineroInvalido,
    texto,
)
from comisiones.lectura import Fila, FilaInvalida, leer_filas, leer_referentes
from comisiones.motor.calculo import calcular
from comisiones.motor.errores import ErrorMotor, TerminosInvalidos
from comisiones.motor.periodos import clave_periodo
from comisiones.motor.precedencia import ReglaResuelta, resolver
from comisiones.motor.red import Ascendiente, ascendientes, repartir
from comisiones.motor.tipos import Acumulado, Hechos, Periodo, Resultado, Terminos, Tipo
from comisiones.motor.validacion import validar_completos
from comisiones.politica import (
    NOMBRE_RED,
    ErrorSimulacion,
    Politica,
    PoliticaInvalida,
    leer_politica,
)

SALIDA: Final = ("conversion_id", "afiliado_id", "regla", "nivel", "base", "monto", "moneda")
CADA: Final = 50_000

# What a cell must be quoted for, a lone CR too: csv.writer forgets it when lines end in LF.
_A_ENTRECOMILLAR: Final = re.compile(r'[,"\r\n]')


def simular(
    politica: Path,
    conversiones: Path,
    salida: Path,
    progreso: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Write what ``politica`` pays for ``conversiones`` to ``salida``; return the totals.

    ``{"totales": {"USD": "1234.50"}, "conversiones": n}``: decimal text per currency, all levels.
    ``progreso`` is called with the number of conversions done, now and then. Raises
    :class:`PoliticaInvalida` or :class:`FilaInvalida` (both ``ErrorSimulacion``: ``archivo``,
    ``linea``, ``motivo``), or ``OSError``. Whatever is raised, ``salida`` is left as it was: it
    appears, complete, only at the end.
    """
    reglas = leer_politica(politica)
    if salida.resolve() in (politica.resolve(), conversiones.resolve()):
        raise ErrorSimulacion(
            salida.name, None, "la salida no puede ser uno de los archivos leídos."
        )
    simulador = _Simulador(reglas, politica.name, conversiones)
    with _salida_atomica(salida) as archivo:
        archivo.write(",".join(SALIDA) + "\n")
        hechas = 0
        for lineas in simulador.liquidar(leer_filas(conversiones)):
            archivo.write(lineas)
            hechas += 1
            if progreso is not None and hechas % CADA == 0:
                progreso(hechas)
    totales = {moneda: texto(monto, moneda) for moneda, monto in sorted(simulador.totales.items())}
    return {"totales": totales, "conversiones": hechas}


@contextmanager
def _salida_atomica(salida: Path) -> Iterator[TextIO]:
    temporal = salida.with_name(f".{salida.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporal.open("x", encoding="utf-8", newline="") as archivo:
            yield archivo
            archivo.flush()
            os.fsync(archivo.fileno())
        os.replace(temporal, salida)
    except BaseException:
        temporal.unlink(missing_ok=True)
        raise


class _Simulador:
    """Rules resolved once per combination of what they look at, and the state of each period."""

    def __init__(self, politica: Politica, nombre: str, conversiones: Path) -> None:
        self.politica = politica
        self.nombre = nombre
        self.archivo = conversiones.name
        self.totales: dict[str, Decimal] = {}
        self.periodos: dict[tuple[str, str, str, str], Acumulado] = {}
        self.resueltas: dict[tuple[str, ...], tuple[ReglaResuelta | None, ...]] = {}
        alcances = [regla.alcance for regla in politica.reglas]
        self.afiliados = {alcance.afiliado for alcance in alcances}
        self.tipos = {alcance.tipo_afiliado for alcance in alcances}
        self.productos = {alcance.producto for alcance in alcances}
        self.campanas = {alcance.campana for alcance in alcances}
        self.cadenas: dict[str, tuple[Ascendiente, ...]] = {}
        self.niveles = politica.niveles
        self.niveles_con_regla = {regla.nivel for regla in politica.reglas}
        self.referentes = leer_referentes(conversiones) if self.niveles > 1 else {}

    def liquidar(self, filas: Iterable[Fila]) -> Iterator[str]:
        """Output rows (CSV text) of each conversion, in the order of the input."""
        if not self.politica.por_periodos:
            yield from map(self._fila, filas)
            return
        # Each row gives its place to its result, so that both are never in memory together.
        lugares: list[Any] = list(filas)
        orden = sorted(
            range(len(lugares)),
            key=lambda i: (lugares[i].hechos.ocurrida_en, lugares[i].conversion_id),
        )
        for lugar in orden:
            lugares[lugar] = self._fila(lugares[lugar])
        yield from lugares

    def _fila(self, fila: Fila) -> str:
        try:
            return "".join(self._comisiones(fila))
        except (ErrorMotor, DineroInvalido) as error:
            raise FilaInvalida(self.archivo, fila.linea, str(error)) from error

    def _comisiones(self, fila: Fila) -> list[str]:
        hechos = fila.hechos
        regla = self._resolver(hechos, 1)
        if regla is None:
            return []
        venta = self._calcular(regla, hechos)
        lineas = [self._linea(fila, hechos.afiliado, regla.version.regla, 1, venta)]
        if self.referentes:
            lineas += self._red(fila, regla.terminos)
        return lineas

    def _red(self, fila: Fila, terminos: Terminos) -> list[str]:
        hechos = fila.hechos
        cadena = self._cadena(hechos.afiliado)
        lineas: dict[int, str] = {}
        for nivel, (afiliado, _) in enumerate(cadena, start=2):
            if nivel not in self.niveles_con_regla:
                continue
            # The type of the ancestor is not in the row of the sale.
            propios = replace(hechos, afiliado=afiliado, tipo_afiliado="")
            regla = self._resolver(propios, nivel)
            if regla is not None:
                resultado = self._calcular(regla, propios)
                lineas[nivel] = self._linea(fila, afiliado, regla.version.regla, nivel, resultado)
        for pago in repartir(self.politica.red, cadena, terminos, hechos, saltar=lineas):
            lineas[pago.nivel] = self._linea(
                fila, pago.afiliado, NOMBRE_RED, pago.nivel, pago.resultado
            )
        return [lineas[nivel] for nivel in sorted(lineas)]

    def _cadena(self, afiliado: str) -> tuple[Ascendiente, ...]:
        cadena = self.cadenas.get(afiliado)
        if cadena is None:
            nombres = ascendientes(afiliado, self.referentes, self.niveles - 1)
            cadena = self.cadenas[afiliado] = tuple(map(Ascendiente, nombres))
        return cadena

    def _resolver(self, hechos: Hechos, nivel: int) -> ReglaResuelta | None:
        # Values that no rule names are alike: the keys stay as few as the rules.
        clave = (
            hechos.afiliado if hechos.afiliado in self.afiliados else "",
            hechos.tipo_afiliado if hechos.tipo_afiliado in self.tipos else "",
            hechos.producto if hechos.producto in self.productos else "",
            hechos.campana if hechos.campana in self.campanas else "",
            hechos.moneda,
        )
        niveles = self.resueltas.get(clave)
        if niveles is None:
            niveles = tuple(self._resolver_nivel(hechos, n) for n in range(1, self.niveles + 1))
            self.resueltas[clave] = niveles
        return niveles[nivel - 1]

    def _resolver_nivel(self, hechos: Hechos, nivel: int) -> ReglaResuelta | None:
        regla = resolver(self.politica.reglas, hechos, nivel)
        if regla is not None:
            try:
                validar_completos(regla.terminos)
            except TerminosInvalidos as error:
                nombre = regla.version.regla
                raise PoliticaInvalida(
                    self.nombre, self.politica.lineas[nombre], f"regla «{nombre}»: {error}"
                ) from error
        return regla

    def _calcular(self, regla: ReglaResuelta, hechos: Hechos) -> Resultado:
        terminos = regla.terminos
        if terminos.tipo is not Tipo.ESCALONADA or terminos.periodo in (None, Periodo.ORDEN):
            return calcular(terminos, hechos)
        periodo = clave_periodo(terminos.periodo, self.politica.zona_horaria, hechos.ocurrida_en)
        clave = (regla.version.regla, hechos.afiliado, hechos.moneda, periodo)
        resultado = calcular(terminos, hechos, self.periodos.get(clave))
        if resultado.acumulado is not None:
            self.periodos[clave] = resultado.acumulado
        return resultado

    def _linea(
        self, fila: Fila, afiliado: str, regla: str, nivel: int, resultado: Resultado
    ) -> str:
        moneda = resultado.moneda
        total = self.totales.get(moneda, CERO)
        self.totales[moneda] = CONTEXTO.add(total, resultado.monto)
        base = texto(resultado.base, moneda)
        nombres = f"{_celda(fila.conversion_id)},{_celda(afiliado)},{_celda(regla)}"
        return f"{nombres},{nivel},{base},{resultado.monto:f},{moneda}\n"


def _celda(valor: str) -> str:
    if valor.startswith(("=", "+", "-", "@", "\t", "\r")):
        valor = "'" + valor
    if _A_ENTRECOMILLAR.search(valor):
        valor = '"' + valor.replace('"', '""') + '"'
    return valor
