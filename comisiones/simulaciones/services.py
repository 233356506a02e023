"""All writes of backtests: create, advance a portion at a time, stop. No financial row changes."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import cola, dinero
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.documentos.errores import ErrorDeFichero
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.rondas import Ronda
from comisiones.motor.errores import ErrorMotor
from comisiones.motor.tipos import Terminos, plano
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision
from comisiones.reglas.services import (
    exigir_misma_clase,
    exigir_sin_alcance,
    nombres_de_alcance,
    red_a_publicar,
    terminos_a_publicar,
)
from comisiones.simulaciones.candidatas import candidata_de
from comisiones.simulaciones.estados import SIMULACION, EstadoSimulacion
from comisiones.simulaciones.models import LineaSimulacion, Simulacion
from comisiones.simulaciones.politica import politica_de
from comisiones.simulaciones.recorrido import Recorrido, ganado, ventas_de
from conversiones.campanas.models import Campana

log = logging.getLogger(__name__)

ACTOR = sistema("simulaciones")
MAX_POLITICA = 256 * 1024
# What a backtest looks at unless it is told.
DIAS_INICIALES = 90
# A portion works this long, so that payments and mail of the same worker go in between.
SEGUNDOS_PORCION = 2
# Without news for this long, a backtest lost its task; a new one may never have had one, for the
# embedded site cannot reach the worker's queue.
SEGUNDOS_PERDIDA = 30
SEGUNDOS_EN_COLA = 1
# Up to this span the series goes by day, beyond it by month.
_DIAS_POR_DIA = 92
_POR_SENTENCIA = 500
# Backtests in each state that a sweep queues again.
A_LA_VEZ = 50
_SIN_NOTICIAS = {EstadoSimulacion.ENCOLADA: Ronda(), EstadoSimulacion.EN_CURSO: Ronda()}


def crear_simulacion(
    *,
    nombre: str,
    desde: datetime,
    hasta: datetime,
    actor: Actor,
    politica: str = "",
    regla: Regla | None = None,
    borrador: Mapping[str, Any] | None = None,
    campana: Campana | None = None,
) -> Simulacion:
    """Queue a backtest of a ``politica`` (JSON text), or of a ``borrador`` of ``regla``: the
    arguments of ``publicar_version`` without its dates.

    ``hasta`` in the future is now. Raises :class:`DatoInvalido`, with the line of a bad policy.
    """
    hasta = min(hasta, timezone.now())
    if hasta <= desde:
        raise DatoInvalido(_("Debe ser anterior al final."), campo="desde")
    if regla is None:
        _exigir_politica(politica)
    guardado = {} if regla is None else _borrador(regla, dict(borrador or {}))
    with transaction.atomic():
        simulacion = Simulacion.objects.create(
            id_publico=nuevo_id("sim"),
            nombre=nombre.strip(),
            politica="" if regla else politica,
            regla=regla,
            borrador=guardado,
            campana=campana,
            desde=desde,
            hasta=hasta,
            intervalo="dia" if hasta - desde <= timedelta(days=_DIAS_POR_DIA) else "mes",
            creada_por=str(actor),
        )
        paso(
            entidad="simulacion", entidad_id=simulacion.id_publico, accion="crear", actor=actor,
            estado_nuevo=simulacion.estado,
        ).save()  # fmt: skip
        encolar(simulacion.pk)
    return simulacion


def _exigir_politica(texto: str) -> None:
    if not texto.strip():
        raise DatoInvalido(_("Pega una política o sube su archivo."), campo="politica")
    if len(texto.encode(errors="surrogatepass")) > MAX_POLITICA:
        raise DatoInvalido(
            _("La política pasa de %(n)s KiB.") % {"n": MAX_POLITICA // 1024}, campo="politica"
        )
    try:
        politica_de(texto)
    except ErrorDeFichero as exc:
        raise DatoInvalido(exc, campo="politica") from None


def _borrador(regla: Regla, datos: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a version as JSON, checked as publishing it would."""
    if regla.origen != OrigenRegla.VERSION or datos["tipo"] not in set(TipoComision):
        raise DatoInvalido(
            _("Esto no se prueba así: escribe una política en Simulaciones."), campo="tipo"
        )
    exigir_misma_clase(regla, datos["tipo"])
    afiliado = datos.get("afiliado")
    condiciones = datos.get("condiciones") or {}
    if datos["tipo"] == TipoComision.RED:
        textos = [datos.get(c, "") for c in ("tipo_afiliado", "producto", "cupon", "enlace")]
        exigir_sin_alcance(afiliado, textos, datos.get("nivel", 1))
        terminos, condiciones = Terminos(), red_a_publicar(condiciones)
    else:
        terminos = terminos_a_publicar(
            tipo=datos["tipo"],
            porcentaje=datos.get("porcentaje"),
            monto_fijo=datos.get("monto_fijo"),
            moneda=datos.get("moneda", ""),
            condiciones=condiciones,
        )
    producto, cupon, enlace = nombres_de_alcance(
        producto=datos.get("producto", ""),
        cupon=datos.get("cupon", ""),
        enlace=datos.get("enlace", ""),
    )
    return {
        "tipo": datos["tipo"],
        "porcentaje": None if terminos.porcentaje is None else plano(terminos.porcentaje),
        "monto_fijo": None if terminos.monto_fijo is None else plano(terminos.monto_fijo),
        "moneda": terminos.moneda or "",
        "condiciones": dict(condiciones),
        "afiliado_id": None if afiliado is None else afiliado.pk,
        "tipo_afiliado": datos.get("tipo_afiliado", ""),
        "producto": producto,
        "cupon": cupon,
        "enlace": enlace,
        "nivel": datos.get("nivel", 1),
        "prioridad": datos.get("prioridad", 0),
    }


def cancelar_simulacion(*, simulacion: Simulacion, actor: Actor) -> Simulacion:
    """Stop a backtest; what it found so far stays. Raises ``TransicionInvalida``."""
    with transaction.atomic():
        actual = Simulacion.objects.select_for_update().get(pk=simulacion.pk)
        SIMULACION.transitar(actual, EstadoSimulacion.CANCELADA, accion="cancelar", actor=actor)
    return actual


def encolar(simulacion_pk: int) -> None:
    """Queue the next portion when the transaction commits; the sweeper covers a lost one."""
    cola.encolar("simulaciones.avanzar", simulacion_pk)


def barrer_simulaciones() -> int:
    """Queue again the backtests without news; returns how many."""
    ahora = timezone.now()
    esperas = {
        EstadoSimulacion.ENCOLADA: SEGUNDOS_EN_COLA,
        EstadoSimulacion.EN_CURSO: SEGUNDOS_PERDIDA,
    }
    perdidas = 0
    for estado, segundos in esperas.items():
        sin_noticias = Simulacion.objects.filter(
            estado=estado, actualizado_en__lt=ahora - timedelta(seconds=segundos)
        )
        for pk in _SIN_NOTICIAS[estado].siguientes(sin_noticias, A_LA_VEZ):
            encolar(pk)
            perdidas += 1
    return perdidas


@dataclass
class _Porcion:
    """What a portion found: per affiliate and currency, and per currency and day or month."""

    cursor: list[Any] = field(default_factory=list)
    memoria: list[Any] = field(default_factory=list)
    hechas: int = 0
    excluidas: int = 0
    termino: bool = False
    # Sales, today's amount and the candidate's.
    lineas: dict[tuple[int, str], list[Any]] = field(
        default_factory=lambda: defaultdict(lambda: [0, dinero.CERO, dinero.CERO])
    )
    series: dict[tuple[str, str], list[Any]] = field(
        default_factory=lambda: defaultdict(lambda: [0, dinero.CERO, dinero.CERO])
    )


def avanzar_simulacion(*, simulacion_pk: int, segundos: int = SEGUNDOS_PORCION) -> bool:
    """Work one portion of a backtest and queue the next; False when there was nothing to do.

    The sales are read and priced outside any transaction; the portion is then saved whole, by
    whoever comes first, so it may run any number of times, at once or after a crash.
    """
    simulacion = _empezar(simulacion_pk)
    if simulacion is None:
        return False
    try:
        return _guardar(simulacion, _recorrer(simulacion, segundos))
    except DatabaseError:
        raise
    except (ErrorDeFichero, ErrorMotor, dinero.DineroInvalido) as exc:
        return _fallar(simulacion, str(exc))
    except Exception as exc:
        log.exception("simulación %s", simulacion.id_publico)
        return _fallar(simulacion, type(exc).__name__)


def _empezar(pk: int) -> Simulacion | None:
    simulacion = Simulacion.objects.select_related("regla__campana").get(pk=pk)
    if simulacion.estado != EstadoSimulacion.ENCOLADA:
        return simulacion if simulacion.estado == EstadoSimulacion.EN_CURSO else None
    total = ventas_de(simulacion).count()
    with transaction.atomic():
        actual = Simulacion.objects.select_for_update().get(pk=pk)
        if actual.estado != EstadoSimulacion.ENCOLADA:
            return None
        actual.total = total
        SIMULACION.transitar(
            actual, EstadoSimulacion.EN_CURSO, accion="iniciar", actor=ACTOR, campos=("total",)
        )
    return actual


def _recorrer(simulacion: Simulacion, segundos: int) -> _Porcion:
    limite = time.monotonic() + segundos
    recorrido, candidata = Recorrido(simulacion), candidata_de(simulacion)
    candidata.recordar(simulacion.memoria)
    corte = slice(10) if simulacion.intervalo == "dia" else slice(7)
    porcion = _Porcion(cursor=list(simulacion.cursor))
    ultima = simulacion.desde
    while not porcion.termino and (not porcion.hechas or time.monotonic() < limite):
        tanda = recorrido.siguientes(porcion.cursor)
        if not tanda:
            porcion.termino = True
            break
        candidata.preparar(tanda)
        ganadas = ganado(tanda)
        for conversion in tanda:
            hoy = ganadas.get(conversion.pk)
            if hoy is None or not dinero.es_moneda(conversion.moneda) or not _caben(hoy):
                porcion.excluidas += 1
                continue
            dia = conversion.ocurrida_en.isoformat()[corte]
            try:
                pagos = candidata.pagar(conversion, hoy)
            except DatabaseError:
                raise
            except Exception:
                # One sale that cannot be calculated says nothing of the others.
                porcion.excluidas += 1
                continue
            _sumar(porcion, conversion.moneda, dia, [(h.afiliado, h.monto) for h in hoy], pagos)
        porcion.hechas += len(tanda)
        ultima = tanda[-1].ocurrida_en
    porcion.memoria = candidata.memoria(ultima)
    return porcion


def _caben(hoy: Sequence[Any]) -> bool:
    """Whether amounts are some that a service would have written: others may be past what a sum
    of them can keep."""
    return all(abs(h.monto) <= dinero.MAXIMO for h in hoy)


def _sumar(
    porcion: _Porcion,
    moneda: str,
    dia: str,
    hoy: list[tuple[int, Decimal]],
    pagos: list[tuple[int, Decimal]],
) -> None:
    serie = porcion.series[moneda, dia]
    serie[0] += 1
    for afiliado in {pk for pk, _monto in (*hoy, *pagos)}:
        porcion.lineas[afiliado, moneda][0] += 1
    for lugar, montos in enumerate((hoy, pagos), start=1):
        for afiliado, monto in montos:
            porcion.lineas[afiliado, moneda][lugar] += monto
            serie[lugar] += monto


def _guardar(leida: Simulacion, porcion: _Porcion) -> bool:
    with transaction.atomic():
        actual = Simulacion.objects.select_for_update().get(pk=leida.pk)
        if actual.porcion != leida.porcion or actual.estado != EstadoSimulacion.EN_CURSO:
            # Another worker did this portion, or a person stopped it.
            return False
        _guardar_lineas(actual, porcion)
        _acumular(actual.resultado, porcion)
        actual.cursor, actual.memoria = porcion.cursor, porcion.memoria
        actual.hechas += porcion.hechas
        actual.excluidas += porcion.excluidas
        actual.porcion += 1
        campos = ("cursor", "memoria", "hechas", "excluidas", "porcion", "resultado")
        if porcion.termino:
            actual.cursor, actual.memoria = [], []
            SIMULACION.transitar(
                actual,
                EstadoSimulacion.TERMINADA,
                accion="terminar",
                actor=ACTOR,
                campos=campos,
            )
        else:
            actual.actualizado_en = timezone.now()
            actual.save(update_fields=["actualizado_en", *campos])
            encolar(actual.pk)
    return True


def _guardar_lineas(simulacion: Simulacion, porcion: _Porcion) -> None:
    guardadas = {
        (linea.afiliado_id, linea.moneda): linea
        for linea in LineaSimulacion.objects.filter(
            simulacion=simulacion, afiliado__in={pk for pk, _moneda in porcion.lineas}
        )
    }
    nuevas, cambiadas = [], []
    for (afiliado, moneda), (ventas, hoy, candidata) in sorted(porcion.lineas.items()):
        linea = guardadas.get((afiliado, moneda))
        if linea is None:
            linea = LineaSimulacion(simulacion=simulacion, afiliado_id=afiliado, moneda=moneda)
            nuevas.append(linea)
        else:
            cambiadas.append(linea)
        linea.ventas += ventas
        linea.hoy = dinero.cuantizar(linea.hoy + hoy, moneda)
        linea.candidata = dinero.cuantizar(linea.candidata + candidata, moneda)
        linea.diferencia = linea.candidata - linea.hoy
    LineaSimulacion.objects.bulk_create(nuevas, batch_size=_POR_SENTENCIA)
    LineaSimulacion.objects.bulk_update(
        cambiadas, ["ventas", "hoy", "candidata", "diferencia"], batch_size=_POR_SENTENCIA
    )


def _acumular(resultado: dict[str, Any], porcion: _Porcion) -> None:
    for (moneda, dia), (ventas, hoy, candidata) in sorted(porcion.series.items()):
        de_moneda = resultado.setdefault(
            moneda, {"ventas": 0, "hoy": "0", "candidata": "0", "serie": {}}
        )
        de_moneda["ventas"] += ventas
        previos = de_moneda["serie"].get(dia, ["0", "0"])
        de_moneda["serie"][dia] = [
            _mas(previos[0], hoy, moneda), _mas(previos[1], candidata, moneda),
        ]  # fmt: skip
        de_moneda["hoy"] = _mas(de_moneda["hoy"], hoy, moneda)
        de_moneda["candidata"] = _mas(de_moneda["candidata"], candidata, moneda)


def _mas(previo: str, monto: Decimal, moneda: str) -> str:
    return dinero.texto(Decimal(previo) + monto, moneda)


def _fallar(simulacion: Simulacion, problema: str) -> bool:
    with transaction.atomic():
        actual = Simulacion.objects.select_for_update().get(pk=simulacion.pk)
        if actual.estado != EstadoSimulacion.EN_CURSO:
            return False
        actual.problema = problema[:500]
        SIMULACION.transitar(
            actual, EstadoSimulacion.FALLIDA, accion="fallar", actor=ACTOR, motivo=actual.problema,
            campos=("problema",),
        )  # fmt: skip
    return True
