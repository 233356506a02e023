"""What holds of the kernel's rows, which no app lists."""

from alpespartner.comun.propuestas.invariantes import COMPROBACIONES

__all__ = ["COMPROBACIONES"]
