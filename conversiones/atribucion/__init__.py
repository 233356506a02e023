"""Who brought a sale. Pure: no Django, no clock, no I/O.

``decidir`` says to whom a sale belongs and why each other did not win; ``repartir`` says what each
model would have credited, which is a report and is never paid.
"""

from conversiones.atribucion.decision import decidir
from conversiones.atribucion.modelos import repartir, repartir_por, toques_de
from conversiones.atribucion.tipos import (
    Candidato,
    Clic,
    Cupon,
    Decision,
    Hechos,
    Informe,
    Modelo,
    Motivo,
    Opciones,
    Razon,
    Toque,
)

__all__ = [
    "Candidato",
    "Clic",
    "Cupon",
    "Decision",
    "Hechos",
    "Informe",
    "Modelo",
    "Motivo",
    "Opciones",
    "Razon",
    "Toque",
    "decidir",
    "repartir",
    "repartir_por",
    "toques_de",
]
