"""Backtest: what a policy would have paid for a file of conversions. No database, no Django.

Input as ``csv_entrada`` reads it, policy as ``politica`` does. Output columns: ``conversion_id,
afiliado_id, regla, nivel, base, monto, moneda``, in the order of the input, one row per commission;
a conversion without a rule has none. ``evaluador`` says what each level is.

Rows are computed one by one. When a rule accumulates over a period or limits renewals they are
computed in order of occurrence (then of ``conversion_id``), which keeps the whole file in memory.

Text cells that a spreadsheet would take for a formula get a leading apostrophe; amounts do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from alpespartner.comun.dinero import (
    CERO,
    CONTEXTO,
    DineroInvalido,
    texto,
)
from alpespartner.comun.documentos.errores import FilaInvalida
from alpespartner.comun.documentos.ficheros import (
    celda_csv,
    exigir_otra_salida,
    salida_atomica,
)
from comisiones.motor.errores import ErrorMotor
from comisiones.motor.tipos import Renovacion
from comisiones.simulaciones.csv_entrada import Fila, leer_filas, leer_referentes
from comisiones.simulaciones.evaluador import Evaluador, Pagada
from comisiones.simulaciones.politica import Politica, leer_politica

SALIDA: Final = ("conversion_id", "afiliado_id", "regla", "nivel", "base", "monto", "moneda")
CADA: Final = 50_000


def simular(
    politica: Path,
    conversiones: Path,
    salida: Path,
    progreso: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Write what ``politica`` pays for ``conversiones`` to ``salida``; return the totals.

    ``{"totales": {"USD": "1234.50"}, "conversiones": n}``: decimal text per currency, all levels.
    ``progreso`` is called with the number of conversions done, now and then. Raises
    :class:`PoliticaInvalida` or :class:`FilaInvalida` (both ``ErrorDeFichero``: ``archivo``,
    ``linea``, ``motivo``), or ``OSError``. Whatever is raised, ``salida`` is left as it was: it
    appears, complete, only at the end.
    """
    reglas = leer_politica(politica)
    exigir_otra_salida(salida, politica, conversiones)
    simulador = _Simulador(reglas, politica.name, conversiones)
    with salida_atomica(salida) as archivo:
        archivo.write(",".join(SALIDA) + "\n")
        hechas = 0
        for lineas in simulador.evaluar(leer_filas(conversiones)):
            archivo.write(lineas)
            hechas += 1
            if progreso is not None and hechas % CADA == 0:
                progreso(hechas)
    totales = {moneda: texto(monto, moneda) for moneda, monto in sorted(simulador.totales.items())}
    return {"totales": totales, "conversiones": hechas}


class _Clientes:
    """What each customer of a campaign bought first, and how many of its sales have earned; they
    come in order of occurrence when a rule limits renewals."""

    def __init__(self, evaluador: Evaluador, politica: Politica) -> None:
        self._evaluador = evaluador
        self._limita = politica.limites.limita_renovaciones
        self._vistos: dict[tuple[str, str], Renovacion] = {}

    def pagar(self, fila: Fila) -> list[Pagada]:
        """Commissions of one conversion, knowing those of its customer before it."""
        if not self._limita or not fila.cliente:
            return self._evaluador.pagar(fila.hechos)
        quien = (fila.hechos.campana, fila.cliente)
        suya = self._vistos.get(quien)
        pagadas = self._evaluador.pagar(replace(fila.hechos, renovacion=suya))
        suya = suya or Renovacion(fila.hechos.ocurrida_en)
        gana = any(p.nivel == 1 and p.resultado.monto for p in pagadas)
        self._vistos[quien] = replace(suya, pagos=suya.pagos + gana)
        return pagadas


class _Simulador:
    """Rows of conversions as rows of commissions, and their totals."""

    def __init__(self, politica: Politica, nombre: str, conversiones: Path) -> None:
        self.por_periodos = politica.por_periodos
        self.archivo = conversiones.name
        self.totales: dict[str, Decimal] = {}
        referentes = leer_referentes(conversiones) if politica.niveles > 1 else {}
        self.clientes = _Clientes(Evaluador(politica, nombre, referentes), politica)

    def evaluar(self, filas: Iterable[Fila]) -> Iterator[str]:
        """Output rows (CSV text) of each conversion, in the order of the input."""
        if not self.por_periodos:
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
            pagadas = self.clientes.pagar(fila)
        except (ErrorMotor, DineroInvalido) as error:
            raise FilaInvalida(self.archivo, fila.linea, str(error)) from error
        return "".join([self._linea(fila.conversion_id, pagada) for pagada in pagadas])

    def _linea(self, conversion_id: str, pagada: Pagada) -> str:
        afiliado, regla, nivel, resultado = pagada
        moneda = resultado.moneda
        total = self.totales.get(moneda, CERO)
        self.totales[moneda] = CONTEXTO.add(total, resultado.monto)
        base = texto(resultado.base, moneda)
        nombres = f"{celda_csv(conversion_id)},{celda_csv(afiliado)},{celda_csv(regla)}"
        return f"{nombres},{nivel},{base},{resultado.monto:f},{moneda}\n"
