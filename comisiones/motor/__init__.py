"""Commission engine: pure functions on frozen dataclasses. No Django, no clock, no I/O.

``calcular(terminos, hechos, acumulado=None)`` is the heart; the modules around it pick the rule
(``precedencia``), check it (``validacion``, ``tramos``), name its periods (``periodos``), pay the
network (``red``), take back refunds (``reversos``), put late orders right (``ajustes``), tell how
an amount came about (``explicacion``) and replay it (``congelado``).
"""

from comisiones.motor.ajustes import AjustePeriodo, OrdenPeriodo, RepasoPeriodo, repasar_periodo
from comisiones.motor.calculo import calcular, lleva_montos
from comisiones.motor.congelado import congelar, discrepancias, recalcular
from comisiones.motor.errores import (
    CicloEnRed,
    CongeladoInvalido,
    ErrorMotor,
    HechosInvalidos,
    MonedaDistinta,
    RedInvalida,
    ReversoInvalido,
    TerminosInvalidos,
    TramosInvalidos,
)
from comisiones.motor.explicacion import explicar, explicar_traza
from comisiones.motor.periodos import clave_periodo, limites_periodo
from comisiones.motor.precedencia import ReglaResuelta, resolver
from comisiones.motor.red import Ascendiente, ComisionRed, Red, Suspendido, repartir
from comisiones.motor.reversos import Reverso, revertir, revertir_todas
from comisiones.motor.tipos import (
    MAXIMO_ITEMS,
    MULTIPLICADORES_NIVEL,
    Acumulado,
    Alcance,
    AmbitoTope,
    Base,
    Concepto,
    Hechos,
    Metrica,
    Modo,
    Paso,
    Periodo,
    Por,
    Renovacion,
    Resultado,
    Terminos,
    Tipo,
    TopeGasto,
    Tramo,
    VersionRegla,
)
from comisiones.motor.validacion import validar

__all__ = [
    "MAXIMO_ITEMS",
    "MULTIPLICADORES_NIVEL",
    "Acumulado",
    "AjustePeriodo",
    "Alcance",
    "AmbitoTope",
    "Ascendiente",
    "Base",
    "CicloEnRed",
    "ComisionRed",
    "Concepto",
    "CongeladoInvalido",
    "ErrorMotor",
    "Hechos",
    "HechosInvalidos",
    "Metrica",
    "Modo",
    "MonedaDistinta",
    "OrdenPeriodo",
    "Paso",
    "Periodo",
    "Por",
    "Red",
    "RedInvalida",
    "ReglaResuelta",
    "Renovacion",
    "RepasoPeriodo",
    "Resultado",
    "Reverso",
    "ReversoInvalido",
    "Suspendido",
    "Terminos",
    "TerminosInvalidos",
    "Tipo",
    "TopeGasto",
    "Tramo",
    "TramosInvalidos",
    "VersionRegla",
    "calcular",
    "clave_periodo",
    "congelar",
    "discrepancias",
    "explicar",
    "explicar_traza",
    "limites_periodo",
    "lleva_montos",
    "recalcular",
    "repartir",
    "repasar_periodo",
    "resolver",
    "revertir",
    "revertir_todas",
    "validar",
]
