"""The chain of the ledger: each closed day is sealed with what it holds and the seal before it.

Whoever changes an old entry would have to make every later seal anew, and the statements that name
one say otherwise. SHA-256 of UTF-8 text:

- entry: its fields and its lines in order, as compact JSON (see :func:`huella_de`)
- day: the hexadecimal digests of its entries one after another, in the order of the ledger, and
  after them those of the late entries that were accepted in it (see :func:`huella_de_tardio`)
- seal: previous seal, day, number of entries and digest of the day, each on a line of its own
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from alpespartner.comun.turnos import tomar
from comisiones.libro.models import (
    Apunte,
    Asiento,
    Eslabon,
    EslabonTardio,
    SaldoSellado,
    SelloDiario,
)
from comisiones.libro.selectors import saldos_desde, ultimo_posible, ultimo_sello
from comisiones.libro.services import TURNO_DE_SELLAR

# Longer than any transaction: an entry dated before midnight is committed by then.
MARGEN = timedelta(hours=1)
_POR_SENTENCIA = 1000
# There was no ledger before.
_DESDE = datetime(2000, 1, 1, tzinfo=UTC)


def sellar_dias(*, ahora: datetime | None = None) -> list[SelloDiario]:
    """Seal every closed day (UTC) since the last seal, or since the first entry, up to that of the
    newest entry, also the ones without entries in between. It may run any number of times, and in
    several places at once.

    A day after the newest entry waits (:func:`dias_en_espera`): nothing happened that tells a quiet
    day from a clock that is ahead.
    """
    limite = _limite(ahora)
    ultimo = ultimo_sello()
    sellos = []
    dia = _siguiente(ultimo)
    while dia is not None and dia < limite:
        try:
            ultimo = _sellar(dia, ultimo)
        except IntegrityError:
            # Another one sealed it and goes on.
            break
        sellos.append(ultimo)
        dia += timedelta(days=1)
    return sellos


def _limite(ahora: datetime | None) -> date:
    """The first day that is not sealed yet, by the clock and by the newest entry."""
    cerrado = _cerrado(ahora)
    ultimo = _fechas().order_by("-creado_en").first()
    if ultimo is None:
        return cerrado
    return min(cerrado, ultimo.astimezone(UTC).date() + timedelta(days=1))


def _cerrado(ahora: datetime | None) -> date:
    return ((ahora or timezone.now()) - MARGEN).astimezone(UTC).date()


def dias_en_espera(*, ahora: datetime | None = None) -> int:
    """Closed days, by the clock, that are not sealed because no entry came in or after them."""
    desde = _siguiente(ultimo_sello())
    if desde is None:
        return 0
    return max(0, (_cerrado(ahora) - max(desde, _limite(ahora))).days)


def _siguiente(ultimo: SelloDiario | None) -> date | None:
    if ultimo is not None:
        return ultimo.dia + timedelta(days=1)
    primero = _fechas().order_by("creado_en").first()
    return primero.astimezone(UTC).date() if primero else None


def _fechas() -> QuerySet[Asiento, datetime]:
    """When entries were made, but for what nobody can have made: centuries of days to seal, or
    none."""
    posibles = Asiento.objects.filter(creado_en__gte=_DESDE, creado_en__date__lte=ultimo_posible())
    return posibles.values_list("creado_en", flat=True)


def _sellar(dia: date, anterior: SelloDiario | None) -> SelloDiario:
    with transaction.atomic():
        # Whoever is posting dates in this day, or sees that it is sealed.
        tomar([TURNO_DE_SELLAR])
        eslabones = [(pk, huella) for pk, _id, huella in huellas_del_dia(dia)]
        sello = SelloDiario(
            dia=dia,
            asientos=len(eslabones),
            huella=_huella_del_dia((huella for _pk, huella in eslabones), _tardias_de(dia)),
            anterior=anterior.sello if anterior else "",
        )
        sello.sello = sello_de(sello)
        sello.save()
        SaldoSellado.objects.bulk_create(
            [
                SaldoSellado(sello=sello, cuenta=cuenta, moneda=moneda, importe=importe)
                for (cuenta, moneda), importe in saldos_desde(anterior, hasta=dia).items()
            ]
        )
        Eslabon.objects.bulk_create(
            [Eslabon(sello=sello, asiento_id=pk, huella=huella) for pk, huella in eslabones],
            batch_size=_POR_SENTENCIA,
        )
    return sello


def sello_de(sello: SelloDiario) -> str:
    """The seal that its own figures give."""
    texto = f"{sello.anterior}\n{sello.dia:%Y-%m-%d}\n{sello.asientos}\n{sello.huella}"
    return hashlib.sha256(texto.encode()).hexdigest()


def huellas_del_dia(dia: date) -> Iterator[tuple[int, str, str]]:
    """(key, public id, digest) of each entry of a day, in the order of the ledger."""
    inicio = datetime.combine(dia, time.min, UTC)
    filas = (
        Apunte.objects.filter(
            asiento__creado_en__gte=inicio, asiento__creado_en__lt=inicio + timedelta(days=1)
        )
        .order_by("asiento_id", "id")
        .values_list(
            "asiento_id", "asiento__id_publico", "asiento__tipo", "asiento__origen",
            "asiento__creado_en", "cuenta", "afiliado_id", "importe", "moneda",
        )
    )  # fmt: skip
    for cabeza, apuntes in groupby(filas.iterator(chunk_size=_POR_SENTENCIA), key=lambda f: f[:5]):
        pk, id_publico, tipo, origen, creado_en = cabeza
        lineas = [[cuenta, quien, f"{importe:.4f}", moneda]
                  for *_, cuenta, quien, importe, moneda in apuntes]  # fmt: skip
        yield pk, id_publico, huella_de([id_publico, tipo, origen, _instante(creado_en), lineas])


def _instante(momento: datetime) -> str:
    return momento.astimezone(UTC).isoformat(timespec="microseconds")


def huella_de(datos: list[Any]) -> str:
    """Digest of ``[public id, type, cause, instant in UTC, [[account, affiliate's key or null,
    amount with four decimals, currency], …]]``."""
    texto = json.dumps(datos, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(texto.encode()).hexdigest()


def _huella_del_dia(huellas: Iterable[str], tardias: Iterable[str]) -> str:
    resumen = hashlib.sha256()
    for huella in chain(huellas, tardias):
        resumen.update(huella.encode())
    return resumen.hexdigest()


def primera_rotura() -> str | None:
    """The first day whose seal does not hold, and its first entry that says otherwise; None when
    the whole chain holds. It reads the ledger once."""
    anterior: SelloDiario | None = None
    for sello in SelloDiario.objects.order_by("dia").iterator():
        fallo = _fallo(sello, anterior)
        if fallo is not None:
            return f"{sello.dia:%Y-%m-%d}: {fallo}"
        anterior = sello
    return None


def _fallo(sello: SelloDiario, anterior: SelloDiario | None) -> str | None:
    if anterior is None:
        primero = Asiento.objects.order_by("creado_en").first()
        if primero is not None and primero.creado_en.astimezone(UTC).date() < sello.dia:
            return f"{primero.id_publico} es anterior al primer sello"
        if sello.anterior:
            return "falta el sello anterior"
    elif sello.dia != anterior.dia + timedelta(days=1):
        return f"faltan los sellos desde {anterior.dia + timedelta(days=1):%Y-%m-%d}"
    elif sello.anterior != anterior.sello:
        return "no sigue al sello anterior"
    actuales = list(huellas_del_dia(sello.dia))
    tardias = dict(
        EslabonTardio.objects.filter(asiento__in=[pk for pk, _id, _huella in actuales]).values_list(
            "asiento_id", "huella"
        )
    )
    sellados = huellas_selladas(sello) if tardias else {}
    for pk, id_publico, huella in actuales:
        if pk in tardias and pk not in sellados and tardias[pk] != huella:
            return f"{id_publico} cambió después de aceptarse"
    actuales = [a for a in actuales if a[0] not in tardias or a[0] in sellados]
    entera = _huella_del_dia((huella for _pk, _id, huella in actuales), _tardias_de(sello.dia))
    if (len(actuales), entera) != (sello.asientos, sello.huella):
        return _asiento_distinto(sello, actuales)
    if sello.sello != sello_de(sello):
        return "su sello no es el de su contenido"
    return None


def _asiento_distinto(sello: SelloDiario, actuales: list[tuple[int, str, str]]) -> str:
    # By key: the entry itself may be gone.
    dia = huellas_selladas(sello)
    for pk, id_publico, huella in actuales:
        sellada = dia.pop(pk, None)
        if sellada is None:
            return f"{id_publico} se añadió después del sello"
        if sellada != huella:
            return f"{id_publico} cambió después del sello"
    if dia:
        return f"falta el asiento de clave {min(dia)}"
    return "su sello dice otro contenido"


def _tardias_de(dia: date) -> list[str]:
    """Digests of the late entries accepted in a day, in order."""
    inicio = datetime.combine(dia, time.min, UTC)
    aceptados = EslabonTardio.objects.filter(
        creado_en__gte=inicio, creado_en__lt=inicio + timedelta(days=1)
    ).order_by("pk")
    return [huella_de_tardio(tardio) for tardio in aceptados]


def huella_de_tardio(tardio: EslabonTardio) -> str:
    """Digest of ``[entry's digest, reason, author, instant in UTC]``."""
    return huella_de([tardio.huella, tardio.motivo, tardio.autor, _instante(tardio.creado_en)])


def tardios() -> Iterator[tuple[SelloDiario, int, str, str]]:
    """(seal of its day, key, public id, digest) of each entry dated in a sealed day that its seal
    does not count and that nobody accepted."""
    ultimo = ultimo_sello()
    if ultimo is None:
        return
    fin = datetime.combine(ultimo.dia + timedelta(days=1), time.min, UTC)
    sueltos = dict(
        Asiento.objects.filter(eslabon=None, tardio=None, creado_en__lt=fin).values_list(
            "pk", "creado_en"
        )
    )
    dias = {momento.astimezone(UTC).date() for momento in sueltos.values()}
    for sello in SelloDiario.objects.filter(dia__in=dias).order_by("dia"):
        for pk, id_publico, huella in huellas_del_dia(sello.dia):
            if pk in sueltos:
                yield sello, pk, id_publico, huella


def huellas_selladas(sello: SelloDiario) -> dict[int, str]:
    """Digest of each entry (by key) when its day was sealed."""
    return dict(Eslabon.objects.filter(sello=sello).values_list("asiento_id", "huella"))
