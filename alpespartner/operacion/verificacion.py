"""Checking the invariants: by hand, and every night by the clock, which alarms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import DatabaseError

from alpespartner.comun.db.instantanea import instantanea
from alpespartner.comun.invariantes import Comprobacion, comprobaciones
from alpespartner.operacion.alertas import anotar
from alpespartner.operacion.monitor.problemas import INVARIANTE, Problema

MOSTRADAS = 20
# A row of nobody's service may have an id of any length.
LARGO = 400
# What an alert and its mail say of the rows; the command tells them.
_EN_LA_ALERTA = 5


@dataclass(frozen=True, slots=True)
class Resultado:
    """What a check found: the first rows that break it, and how many more there are."""

    comprobacion: Comprobacion
    filas: list[str]
    resto: int

    @property
    def falla(self) -> bool:
        """Whether it is wrong, and not only late."""
        return bool(self.filas) and not self.comprobacion.aviso


def comprobar(*, todas: bool) -> Iterator[Resultado]:
    """Make the checks, with ``todas`` also those that take long; within one picture of the data,
    which the caller opens."""
    for comprobacion in comprobaciones():
        if todas or not comprobacion.a_peticion:
            filas = _seguras(comprobacion)
            primeras = [fila[:LARGO] for fila in islice(filas, MOSTRADAS)]
            yield Resultado(comprobacion, primeras, sum(1 for _fila in filas))


def verificar_de_noche() -> int:
    """Make every check and open an alert for each that fails; gives how many do."""
    with instantanea():
        fallan = [resultado for resultado in comprobar(todas=True) if resultado.falla]
    anotar(
        vistos=[_problema(resultado) for resultado in fallan],
        juzga=lambda clave: clave.startswith(f"{INVARIANTE}:"),
        # It looks once a night, and what it finds does not come and go.
        miradas=1,
    )
    return len(fallan)


def _problema(resultado: Resultado) -> Problema:
    nombre = resultado.comprobacion.nombre
    de = hashlib.sha256(nombre.encode()).hexdigest()[:16]
    filas = resultado.filas[:_EN_LA_ALERTA]
    return Problema(f"{INVARIANTE}:{de}", {"nombre": nombre, "filas": filas})


def _seguras(comprobacion: Comprobacion) -> Iterator[str]:
    """Its rows; one that it cannot even read is one more, and the other checks are made."""
    try:
        yield from comprobacion.filas()
    except DatabaseError:
        raise
    except Exception as exc:
        yield f"no se pudo comprobar: {type(exc).__name__}: {exc}"
