"""Taking the clicks of the notebook into the database: each once, whoever takes them and however
often they are tried."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import privado
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.db.sumas import sumar_en
from alpespartner.comun.turnos import tomar
from conversiones.campanas.dias import dia_en
from conversiones.campanas.models import Campana
from conversiones.rastreo.conteo import TURNO, ClaveDeTramo, anotar, guardar, guardar_meses
from conversiones.rastreo.cuaderno import buscar, lineas, por_recoger
from conversiones.rastreo.huellas import VISITA
from conversiones.rastreo.models import SUBIDS, Clic, ClicsDelDia

log = logging.getLogger(__name__)
# What is counted with them is written once for all of a transaction.
_POR_TRANSACCION = 2_000
_POR_PURGA = 5_000
_PURGAS = 40
_MAX_DIAS = 36_500
# No clock is so far ahead of ours.
_ADELANTADO = timedelta(days=2)
_APARTADAS = "apartadas.jsonl"
_CANDADO = "recogida.candado"
_Linea = dict[str, Any]


def recoger(carpeta: Path | None = None) -> int:
    """Take in all that was handed over; gives how many clicks. Whoever comes second leaves it to
    the first. What fails stays there for the next time."""
    carpeta = carpeta or settings.CLICS_DIR
    if not carpeta.is_dir():
        return 0
    cuantos = 0
    with _turno(carpeta) as mio:
        juntas: list[_Linea] = []
        rutas: list[Path] = []
        for ruta in por_recoger(carpeta) if mio else ():
            juntas += lineas(ruta)
            rutas.append(ruta)
            if len(juntas) >= _POR_TRANSACCION:
                cuantos += _guardar_todas(juntas, rutas, carpeta)
                juntas, rutas = [], []
        cuantos += _guardar_todas(juntas, rutas, carpeta)
    return cuantos


def traer(clic: str, carpeta: Path | None = None) -> None:
    """Take in one click if this machine still has it in a notebook, with those that tell of which
    browser it is: somebody names it a moment after it was answered. In a transaction others that
    take clicks in wait for its end."""
    carpeta = carpeta or settings.CLICS_DIR
    if halladas := list(buscar(carpeta, {clic})):
        _guardar(halladas, carpeta)


def _guardar_todas(juntas: Sequence[_Linea], de: Sequence[Path], carpeta: Path) -> int:
    """Take in the lines of some files, and delete those."""
    cuantos = 0
    for inicio in range(0, len(juntas), _POR_TRANSACCION):
        cuantos += _guardar(juntas[inicio : inicio + _POR_TRANSACCION], carpeta)
    for ruta in de:
        # Cut off before this, its clicks are there already when it is read again.
        ruta.unlink(missing_ok=True)
    return cuantos


@contextmanager
def _turno(carpeta: Path) -> Iterator[bool]:
    """Whether nobody else of this machine is at it."""
    fd = os.open(carpeta / _CANDADO, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(fd)


def _guardar(leidas: Sequence[_Linea], carpeta: Path) -> int:
    try:
        return _insertar(leidas, carpeta)
    except (DataError, IntegrityError, KeyError, TypeError, ValueError, OverflowError) as exc:
        if len(leidas) > 1:
            medio = len(leidas) // 2
            return _guardar(leidas[:medio], carpeta) + _guardar(leidas[medio:], carpeta)
        # One that nobody can store must not stop its neighbours.
        log.error("clics: una línea queda aparte (%s)", type(exc).__name__)
        with open(carpeta / _APARTADAS, "a", opener=privado.abridor) as aparte:
            aparte.write(json.dumps(leidas[0]) + "\n")
        return 0


def _insertar(leidas: Sequence[_Linea], carpeta: Path) -> int:
    with transaction.atomic():
        # Of all machines: what a visit was before must be known.
        tomar([TURNO])
        nuevas = _que_faltan(leidas)
        visitantes = _visitantes(nuevas, carpeta)
        en_orden = sorted(nuevas.values(), key=lambda linea: (linea["t"], linea["i"]))
        ultimas = _ultimas(en_orden)
        clics = [_clic(linea, visitantes, ultimas) for linea in en_orden]
        insertar_todas(clics)
        _contar(clics)
    return len(clics)


def _que_faltan(leidas: Sequence[_Linea]) -> dict[str, _Linea]:
    """Those that are not in the database, by their id."""
    ids = [linea["i"] for linea in leidas]
    estan = set(Clic.objects.filter(id_publico__in=ids).values_list("id_publico", flat=True))
    return {linea["i"]: linea for linea in leidas if linea["i"] not in estan}


def _momento(linea: _Linea) -> datetime:
    return datetime.fromtimestamp(linea["t"] / 1_000_000, UTC)


def _visitantes(nuevas: dict[str, _Linea], carpeta: Path) -> dict[str, str]:
    """The visitor of each click: that of the one that its cookie named, if it is one of ours.

    That one may be in another notebook of this machine, which is taken in later: then it comes in
    with them (``nuevas``), so that it does not matter which is read first.
    """
    de: dict[str, str] = {}
    mirados: set[str] = set()
    while previos := {linea["p"] for linea in nuevas.values() if linea["p"]} - mirados:
        mirados |= previos
        filas = Clic.objects.filter(id_publico__in=previos, descartado="", consentimiento=True)
        de.update(filas.values_list("id_publico", "visitante"))
        if sueltos := previos - de.keys() - nuevas.keys():
            nuevas |= _que_faltan(list(buscar(carpeta, sueltos)))
    aqui = {i: linea["p"] for i, linea in nuevas.items() if linea["k"] and not linea["v"]}
    for clic in aqui:
        cadena = [clic]
        # Whatever their clocks said: of two of one browser the later one names the earlier.
        while (previo := aqui[cadena[-1]]) in aqui and previo not in de and previo not in cadena:
            cadena.append(previo)
        visitante = de.get(previo) or cadena[-1]
        de.update(dict.fromkeys(cadena, visitante))
    return de


def _ultimas(nuevas: Sequence[_Linea]) -> dict[str, datetime]:
    """When each visit was last told from a repeated one, by its digest."""
    visitas = {v for linea in nuevas for v in linea["u"]}
    if not visitas:
        return {}
    desde = _momento(nuevas[0]) - VISITA
    filas = Clic.objects.filter(visita__in=visitas, unico=True, momento__gt=desde)
    return dict(filas.order_by().values_list("visita").annotate(Max("momento")))


def _clic(linea: _Linea, visitantes: dict[str, str], ultimas: dict[str, datetime]) -> Clic:
    momento = _momento(linea)
    unico = False
    if linea["u"] and not linea["v"]:
        antes = [ultimas[v] for v in linea["u"] if v in ultimas]
        unico = all(abs(momento - otra) >= VISITA for otra in antes)
        if unico:
            ultimas[linea["u"][0]] = momento
    return Clic(
        id_publico=linea["i"],
        enlace_id=linea["e"],
        afiliado_id=linea["a"],
        campana_id=linea["c"],
        momento=momento,
        visitante=visitantes.get(linea["i"], ""),
        consentimiento=bool(linea["k"]),
        unico=unico,
        descartado=linea["v"],
        avisos=linea["w"],
        ip_dia=linea["d"],
        ip_riesgo=linea["r"],
        agente=linea["g"],
        visita=linea["u"][0] if linea["u"] else "",
        **dict(zip(SUBIDS, linea["s"], strict=True)),
    )


def _contar(clics: Sequence[Clic]) -> None:
    """Add what came to the counts of its days, which outlive it."""
    campanas = Campana.objects.filter(pk__in={clic.campana_id for clic in clics})
    de_cada = {
        pk: (zona, moneda) for pk, zona, moneda in campanas.values_list("pk", "zona", "moneda")
    }
    cuentas: dict[tuple[int, date], list[int]] = {}
    dias: dict[tuple[int, int, date, str], list[int]] = {}
    for clic in clics:
        zona, moneda = de_cada[clic.campana_id]
        dia = dia_en(zona, clic.momento)
        if not clic.descartado:
            suma = dias.setdefault((clic.campana_id, clic.afiliado_id, dia, moneda), [0, 0])
            suma[0] += 1
            suma[1] += clic.unico
        cuenta = cuentas.setdefault((clic.enlace_id, dia), [0, 0, 0])
        cuenta[0] += not clic.descartado
        cuenta[1] += clic.unico
        cuenta[2] += bool(clic.descartado)
    sumar_en(ClicsDelDia, ("enlace_id", "dia"), ("clics", "unicos", "descartados"), cuentas)
    guardar_meses(cuentas)
    tramos: dict[ClaveDeTramo, list[int]] = {}
    for de, (clics_, unicos) in dias.items():
        anotar(tramos, de, clics_, unicos)
    guardar(tramos)


def apartadas(carpeta: Path) -> int:
    """How many lines were put aside."""
    try:
        return (carpeta / _APARTADAS).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def limite_de_purga() -> datetime:
    """Before it clicks are deleted: nobody may credit a sale to them any more, and they are old
    enough."""
    ventanas = [
        modelo._default_manager.aggregate(dias=Max("ventana_atribucion_dias"))["dias"] or 0
        for modelo in (Campana, Afiliado)
    ]
    dias = max(settings.CLICS_DIAS, *(ventana + 1 for ventana in ventanas))
    return timezone.now() - timedelta(days=min(dias, _MAX_DIAS))


def purgar_clics() -> int:
    """Delete the clicks of before ``limite_de_purga``; their counts stay. Gives how many; a long
    pile takes several rounds."""
    limite, pasado_manana = limite_de_purga(), timezone.now() + _ADELANTADO
    cuantos = desde = 0
    for _ronda in range(_PURGAS):
        # They came nearly in their order: the first ones are the oldest.
        filas = Clic.objects.filter(pk__gt=desde).order_by("pk").values_list("pk", "momento")
        primeras = list(filas[:_POR_PURGA])
        # A row of nobody's service may hold no instant.
        viejas = [pk for pk, momento in primeras if momento is not None and momento < limite]
        Clic.objects.filter(pk__in=viejas)._raw_delete(using="default")
        cuantos += len(viejas)
        # Nor is one without an instant, or of a clock that ran ahead, the first that is recent:
        # the old ones are behind it.
        recientes = (m is not None and limite <= m < pasado_manana for _pk, m in primeras)
        if not primeras or (not viejas and any(recientes)):
            break
        desde = primeras[-1][0]
    return cuantos
