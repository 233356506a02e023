"""Working through a confirmed bulk decision: a portion of commissions in one transaction, and what
was refused set aside with its cause.

A portion is done whole or not at all, so it may be begun again after any crash.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor, de_texto, sistema
from alpespartner.comun.db.reintento import es_pasajero, reintentar
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda
from comisiones.comision.models import Comision
from comisiones.revision import correcciones, pasos
from comisiones.revision.en_masa import (
    apartar_resto,
    encolar,
    olvidar_sin_confirmar,
    puede_decidir,
)
from comisiones.revision.estados import (
    DECISION,
    SIN_APARTAR,
    AccionEnMasa,
    EstadoDecision,
    Resultado,
)
from comisiones.revision.examen import COLUMNAS, Dicho, por_que_no, ya_esta
from comisiones.revision.fichero import olvidar_ficheros
from comisiones.revision.models import DecisionEnMasa, LineaEnMasa
from comisiones.separacion.selectors import ajenas

log = logging.getLogger(__name__)

ACTOR = sistema("en_masa")
# Commissions of a transaction.
PORCION = 1_000
PORCIONES = {AccionEnMasa.CORREGIR.value: correcciones.PORCION}
# For how long a task goes on before others have their turn.
SEGUNDOS = 5.0
# Without news for this long, a decision may have lost its task, or never had one.
SEGUNDOS_SIN_NOTICIAS = 1

_PARADAS = Ronda()

_APLICAR: dict[AccionEnMasa, Callable[..., None]] = {
    AccionEnMasa.APROBAR: pasos.aprobar,
    AccionEnMasa.RECHAZAR: pasos.rechazar,
    AccionEnMasa.RETENER: pasos.retener,
}


def avanzar_decision(*, decision_pk: int, segundos: float = SEGUNDOS) -> None:
    """Go on with a decision, and queue the rest after ``segundos``. It may run any number of times,
    at once or after a crash."""
    por_porciones(
        lambda: reintentar(lambda: _avanzar_porcion(decision_pk)),
        segundos=segundos,
        seguir=lambda: encolar(decision_pk),
    )


def barrer_decisiones() -> int:
    """Queue again the decisions without news, and forget what nobody confirmed; returns how many
    were queued."""
    paradas = DecisionEnMasa.objects.filter(
        estado=EstadoDecision.EN_CURSO,
        actualizado_en__lt=timezone.now() - timedelta(seconds=SEGUNDOS_SIN_NOTICIAS),
    )
    encoladas = 0
    for pk in _PARADAS.siguientes(paradas, 50):
        encolar(pk)
        encoladas += 1
    olvidar_sin_confirmar()
    olvidar_ficheros()
    return encoladas


def _avanzar_porcion(decision_pk: int) -> bool:
    """A portion in one transaction; whether to go on at once."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        suya = DecisionEnMasa.objects.select_for_update(skip_locked=True).filter(pk=decision_pk)
        decision = suya.first()
        if decision is None or decision.estado != EstadoDecision.EN_CURSO:
            return False
        actor = de_texto(decision.creada_por)
        if not puede_decidir(actor, decision.accion):
            apartar_resto(
                decision, Resultado.SIN_PERMISO, accion="detener", actor=ACTOR,
                motivo=_("Quien la confirmó ya no es del personal o ya no tiene permiso."),
            )  # fmt: skip
            return False
        # In the order in which everybody locks them.
        quedan = decision.lineas.filter(comision__gt=decision.hasta).order_by("comision")
        porcion = PORCIONES.get(decision.accion, PORCION)
        claves = list(quedan.values_list("pk", "comision_id")[:porcion])
        dicho = _decidir(decision, actor, [pk for pk, _comision in claves])
        _anotar(decision, dicho)
        if claves:
            decision.hasta = claves[-1][1]
        campos = ("hasta", "hechas", "ya", "apartadas")
        if len(claves) < porcion:
            DECISION.transitar(
                decision, EstadoDecision.TERMINADA, accion="terminar", actor=ACTOR, campos=campos,
                datos={campo: getattr(decision, campo) for campo in campos[1:]},
            )  # fmt: skip
            return False
        decision.actualizado_en = timezone.now()
        decision.save(update_fields=["actualizado_en", *campos])
    return True


def _decidir(decision: DecisionEnMasa, actor: Actor, lineas: list[int]) -> dict[int, Dicho]:
    """What became of each line: all of them together or, when one of them spoils that, by halves
    until it is alone."""
    try:
        with transaction.atomic():
            return _decidir_juntas(decision, actor, lineas)
    except Exception as exc:
        if isinstance(exc, OperationalError) and es_pasajero(exc):
            raise
        if len(lineas) == 1:
            log.exception("decisión %s, línea %s: no se pudo", decision.pk, lineas[0])
            return {lineas[0]: (Resultado.FALLO, type(exc).__name__)}
    mitad = len(lineas) // 2
    return {
        **_decidir(decision, actor, lineas[:mitad]),
        **_decidir(decision, actor, lineas[mitad:]),
    }


def _decidir_juntas(decision: DecisionEnMasa, actor: Actor, claves: list[int]) -> dict[int, Dicho]:
    if decision.accion == AccionEnMasa.CORREGIR:
        return correcciones.corregir_juntas(decision, actor, claves)
    lineas = list(LineaEnMasa.objects.filter(pk__in=claves).order_by("comision"))
    comisiones = {
        comision.pk: comision
        for comision in Comision.objects.select_related("campana")
        .select_for_update(of=("self",))
        # What is rejected gives its room back, where there is a budget.
        .only(*COLUMNAS, "campana__moneda", "campana__presupuesto")
        .filter(pk__in=[linea.comision_id for linea in lineas])
        .order_by("pk")
    }
    # Not joined: many share one, and what is locked must be only the commissions.
    afiliados = Afiliado.objects.only("id_publico", "estado").in_bulk(
        {comision.afiliado_id for comision in comisiones.values()}
    )
    for comision in comisiones.values():
        comision.afiliado = afiliados[comision.afiliado_id]
    accion = AccionEnMasa(decision.accion)
    sin_lazos = set()
    if accion == AccionEnMasa.APROBAR:
        sin_lazos = ajenas(comisiones.values(), actor)
    dicho: dict[int, Dicho] = {}
    buenas = []
    for linea in lineas:
        comision = comisiones[linea.comision_id]
        por_que = _por_que_no(linea, comision, accion, actor, ajena=comision.pk in sin_lazos)
        dicho[linea.pk] = por_que or (Resultado.HECHA, "")
        if por_que is None:
            buenas.append(comision)
    if buenas:
        codigo = {"motivo_codigo": decision.motivo_codigo} if decision.motivo_codigo else {}
        _APLICAR[accion](
            buenas,
            actor=actor,
            motivo=decision.motivo,
            **codigo,
            motivos={
                comisiones[li.comision_id].id_publico: pasos.Razon(li.motivo, li.motivo_codigo)
                for li in lineas
                if li.motivo or li.motivo_codigo
            },
            datos={c.id_publico: {"decision": decision.id_publico} for c in buenas},
        )
    return dicho


def _por_que_no(
    linea: LineaEnMasa, comision: Comision, accion: AccionEnMasa, actor: Actor, *, ajena: bool
) -> Dicho | None:
    """What there is instead of deciding a locked commission; None when it is to be decided."""
    if ya_esta(comision, accion):
        return Resultado.YA, ""
    if (linea.version, linea.monto, linea.moneda) != (
        comision.version, comision.monto, comision.moneda,
    ):  # fmt: skip
        return Resultado.CAMBIO, _cambio(linea, comision)
    return por_que_no(comision, accion, actor, ajena=ajena)


def _cambio(linea: LineaEnMasa, comision: Comision) -> str:
    """What somebody confirmed, and what there is."""
    return _("Era %(monto)s %(moneda)s, «%(estaba)s»; ahora es %(hoy)s %(otra)s, «%(estado)s».") % {
        "monto": f"{linea.monto.normalize():f}",
        "moneda": linea.moneda,
        "estaba": linea.get_estaba_display(),
        "hoy": f"{comision.monto.normalize():f}",
        "otra": comision.moneda,
        "estado": comision.get_estado_display(),
    }


def _anotar(decision: DecisionEnMasa, dicho: dict[int, Dicho]) -> None:
    """Write what became of each line, and count it."""
    por_dicho: dict[Dicho, list[int]] = {}
    for pk, suyo in dicho.items():
        por_dicho.setdefault(suyo, []).append(pk)
    for (resultado, detalle), claves in por_dicho.items():
        LineaEnMasa.objects.filter(pk__in=claves).update(resultado=resultado, detalle=detalle)
    cuentas = Counter(resultado for resultado, _detalle in dicho.values())
    decision.hechas += cuentas[Resultado.HECHA]
    decision.ya += cuentas[Resultado.YA]
    decision.apartadas += sum(n for que, n in cuentas.items() if que not in SIN_APARTAR)
