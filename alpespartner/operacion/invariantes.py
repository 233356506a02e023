"""What holds of the kernel's rows, which no app lists."""

from alpespartner.comun.busqueda.reconstruccion import como_las_filas
from alpespartner.comun.invariantes import Comprobacion
from alpespartner.comun.propuestas.invariantes import COMPROBACIONES as DE_PROPUESTAS

COMPROBACIONES = (
    *DE_PROPUESTAS,
    Comprobacion("Cada fila se encuentra por lo que dice, y por nada más", como_las_filas),
)
