"""The invariants of every wing: a list that checks nothing itself."""

from comisiones.ajustes import invariantes as ajustes
from comisiones.calculo import invariantes as calculo
from comisiones.contadores import invariantes as contadores
from comisiones.libro import invariantes as libro
from comisiones.liquidaciones import invariantes as liquidaciones
from comisiones.metricas import invariantes as metricas
from comisiones.pagos import invariantes as pagos
from comisiones.presupuesto import invariantes as presupuesto
from comisiones.reportes import invariantes as reportes
from comisiones.revision import invariantes as revision

COMPROBACIONES = (
    *libro.COMPROBACIONES,
    *calculo.COMPROBACIONES,
    *revision.COMPROBACIONES,
    *presupuesto.COMPROBACIONES,
    *ajustes.COMPROBACIONES,
    *pagos.COMPROBACIONES,
    *liquidaciones.COMPROBACIONES,
    *contadores.COMPROBACIONES,
    *metricas.COMPROBACIONES,
    *reportes.COMPROBACIONES,
)
