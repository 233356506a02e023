"""Posting entries: they balance per currency or nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.dinero import CERO, es_exacto
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.turnos import compartir
from comisiones.libro.errores import AsientoInvalido
from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento
from comisiones.libro.selectors import primer_instante_abierto

# Shared by who posts, taken by who seals: a day is sealed with all that is dated in it.
TURNO_DE_SELLAR = "libro.sellar"

_POR_SENTENCIA = 500


@dataclass(frozen=True, slots=True)
class Linea:
    """Line of an entry to post: debit positive, credit negative."""

    cuenta: Cuenta
    importe: Decimal
    moneda: str
    afiliado: Afiliado | None = None


def asentar(*, tipo: str, origen: str, lineas: Sequence[Linea]) -> None:
    """Post an entry in the caller's transaction. ``origen`` is the public id of its cause.

    Raises :class:`AsientoInvalido`; IntegrityError when the same fact was posted before.
    """
    asentar_todos(tipo=tipo, lineas={origen: lineas})


def otra_vez(origen: str, primero: TipoAsiento, segundo: TipoAsiento) -> TipoAsiento:
    """Kind of an entry of a cause that may be posted twice: ``segundo`` when it was before."""
    return segundo if Asiento.objects.filter(origen=origen, tipo=primero).exists() else primero


def asentar_todos(*, tipo: str, lineas: Mapping[str, Sequence[Linea]]) -> None:
    """:func:`asentar` for the lines of many causes of one kind, in few statements."""
    if not connection.in_atomic_block:
        raise AsientoInvalido("asentar() fuera de una transacción")
    for origen, propias in lineas.items():
        _exigir_cuadre(tipo, origen, propias)
    fecha = fecha_abierta()
    asientos = [
        Asiento(id_publico=nuevo_id("as"), tipo=tipo, origen=origen, creado_en=fecha)
        for origen in lineas
    ]
    if len(asientos) == 1:
        # Its key comes with the insert.
        asientos[0].save()
    else:
        insertar_todas(asientos)
        for inicio in range(0, len(asientos), _POR_SENTENCIA):
            poner_claves(asientos[inicio : inicio + _POR_SENTENCIA])
    insertar_todas(
        [
            Apunte(
                asiento_id=asiento.pk,
                cuenta=linea.cuenta,
                afiliado_id=None if linea.afiliado is None else linea.afiliado.pk,
                importe=linea.importe,
                moneda=linea.moneda,
            )
            for asiento in asientos
            for linea in lineas[asiento.origen]
        ]
    )


def fecha_abierta() -> datetime:
    """Now or, after a clock that was ahead sealed today, the first instant that is not sealed: the
    money goes on, and no seal says less than its day holds."""
    compartir(TURNO_DE_SELLAR)
    ahora, abierto = timezone.now(), primer_instante_abierto()
    return ahora if abierto is None else max(ahora, abierto)


def _exigir_cuadre(tipo: str, origen: str, lineas: Sequence[Linea]) -> None:
    sumas: dict[str, Decimal] = defaultdict(lambda: CERO)
    for linea in lineas:
        if not es_exacto(linea.importe, linea.moneda) or linea.importe == 0:
            raise AsientoInvalido(f"importe {linea.importe} {linea.moneda}")
        if (linea.afiliado is None) == (linea.cuenta == Cuenta.POR_PAGAR):
            raise AsientoInvalido(f"{linea.cuenta} y afiliado no concuerdan")
        sumas[linea.moneda] += linea.importe
    if len(lineas) < 2 or any(sumas.values()):
        raise AsientoInvalido(f"{tipo} {origen} no cuadra: {dict(sumas)}")
