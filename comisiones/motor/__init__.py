"""Pure calculation of commissions: no Django, no clock, no I/O."""

from comisiones.motor.calculo import Resultado, Terminos, calcular

__all__ = ["Resultado", "Terminos", "calcular"]
