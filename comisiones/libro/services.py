"""Posting entries: they balance per currency or nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
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


def asentar_veces(
    primero: TipoAsiento, otra: TipoAsiento, lineas: Mapping[str, Sequence[Linea]],
    *, quizas: Collection[str],
) -> None:  # fmt: skip
    """Post a fact that may happen to a cause more than once, in few statements: as ``primero`` and
    after it, numbered, as ``otra``. Of causes outside ``quizas`` the caller knows that it is the
    first time; the caller holds their rows, so no other counts them at once."""
    antes: Counter[str] = Counter()
    suyos = [origen for origen in lineas if origen in quizas]
    for inicio in range(0, len(suyos), _POR_SENTENCIA):
        parte = suyos[inicio : inicio + _POR_SENTENCIA]
        previos = Asiento.objects.filter(origen__in=parte, tipo__in={primero, otra})
        antes.update(previos.values_list("origen", flat=True))
    primeras = {origen: suyas for origen, suyas in lineas.items() if not antes[origen]}
    asentar_todos(tipo=primero, lineas=primeras)
    otras = {origen: suyas for origen, suyas in lineas.items() if antes[origen]}
    veces = {origen: antes[origen] + (primero == otra) for origen in otras}
    asentar_todos(tipo=otra, lineas=otras, veces=veces)


def asentar_todos(
    *, tipo: str, lineas: Mapping[str, Sequence[Linea]], veces: Mapping[str, int] | None = None
) -> None:
    """:func:`asentar` for the lines of many causes of one kind, in few statements. ``veces`` says
    which time it is of each cause to which that happens more than once."""
    if not connection.in_atomic_block:
        raise AsientoInvalido("asentar() fuera de una transacción")
    if not lineas:
        return
    for origen, propias in lineas.items():
        _exigir_cuadre(tipo, origen, propias)
    fecha = fecha_abierta()
    asientos = [
        Asiento(
            id_publico=nuevo_id("as"), tipo=tipo, origen=origen, creado_en=fecha,
            vez=(veces or {}).get(origen, 1),
        )
        for origen in lineas
    ]  # fmt: skip
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
