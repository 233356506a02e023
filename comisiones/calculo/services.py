"""Calculating commissions: from conversions to saved commissions, once per conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.condiciones import como_era, leer
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import afiliados_fijos
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.medidas import medido
from comisiones import eventos
from comisiones.calculo.acumulados import depende_de_otras, estado_previo, proponer_ajustes
from comisiones.calculo.errores import ComisionExistente, ConversionNoAdmitida
from comisiones.calculo.escritura import Anotado, anotar, guardar
from comisiones.calculo.partes import Parte, cadenas_de, paga_a_la_red, partes_de
from comisiones.calculo.rango import excede, monto_guardable, tasa_guardable
from comisiones.calculo.renovaciones import (
    con_calculadas_despues,
    con_su_renovacion,
    depende_de_su_cliente,
    repasar_clientes,
    tomar_turnos_de_clientes,
)
from comisiones.calculo.traza import Calculado, componer_traza, sumar
from comisiones.calculo.turnos import tomar_turnos
from comisiones.comision.estados import SIN_IMPORTE, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.motor import HechosInvalidos, Terminos, Tipo, calcular
from comisiones.presupuesto.services import apartar, tomar_presupuestos
from comisiones.reglas.hechos import hechos_de_venta
from comisiones.reglas.models import OrigenRegla
from comisiones.reglas.tarifa import Aplicable, Tarifario, regla_del_sistema
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import Anotacion
from outbox.publicacion import publicar_todos


@medido
def calcular_comisiones(*, conversiones_ids: Sequence[str], actor: Actor) -> list[Comision]:
    """Calculate the commissions that a batch of conversions (public ids) does not have yet.

    Conversions that are unknown, refused or already served are left out, so the same event may
    come any number of times.
    """
    with transaction.atomic():
        # Locks in a fixed order: affiliates, then conversions.
        conversiones = bloquear_ventas(conversiones_ids)
        servidas = set(
            Comision.objects.filter(conversion__in=conversiones, nivel=1, viva=True).values_list(
                "conversion_id", flat=True
            )
        )
        nuevas = [
            c
            for c in conversiones
            # One that is nobody's waits until somebody says whose it is.
            if c.afiliado is not None and c.pk not in servidas and c.estado not in SIN_COMISION
        ]
        if not nuevas:
            return []
        tomar_turnos_de_clientes(nuevas)
        tardios = con_calculadas_despues(nuevas)
        tarifario = Tarifario((c.campana_id for c in nuevas), (c.vendedor.pk for c in nuevas))
        cadenas = cadenas_de(nuevas, tarifario)
        todas = [
            (c, partes_de(c, tarifario.para(c, c.vendedor), cadenas, tarifario)) for c in nuevas
        ]
        dependen = {c.pk for c, partes in todas if _alguna_depende(partes)}
        # Those of one customer go together: some look at the others.
        juntos = tardios | {c.cliente_id for c in nuevas if c.pk in dependen and c.cliente_id}
        sueltas: list[Parte] = []
        dependientes: list[Parte] = []
        for c, partes in todas:
            va_en_orden = c.pk in dependen or c.cliente_id in juntos
            (dependientes if va_en_orden else sueltas).extend(partes)
        if any(c.campana.presupuesto is not None for c in nuevas):
            # Turns, then budgets, all of them: two batches never wait for each other.
            tomar_turnos(dependientes)
            tomar_presupuestos(c.campana for c in nuevas)
        comisiones = _guardar_juntas(sueltas, actor) + _guardar_una_a_una(dependientes, actor)
        repasar_clientes(tardios)
        return comisiones


def _partes_de_una(
    conversion: Conversion, aplicable: Aplicable | None, tarifario: Tarifario
) -> list[Parte]:
    return partes_de(conversion, aplicable, cadenas_de([conversion], tarifario), tarifario)


def _alguna_depende(partes: list[Parte]) -> bool:
    return any(
        depende_de_otras(aplicable.terminos)
        or depende_de_su_cliente(parte.conversion, aplicable.terminos)
        for parte in partes
        if parte.aplicable
        for aplicable in parte.aplicable.todas
    )


def _guardar_venta(partes: list[Parte], actor: Actor, *previas: Anotacion) -> list[Comision]:
    """Commissions of one sale, by level."""
    if _alguna_depende(partes):
        return _guardar_una_a_una(partes, actor, *previas)
    comisiones = _guardar_juntas(partes, actor, *previas)
    poner_claves(comisiones)
    return comisiones


def _guardar_juntas(partes: list[Parte], actor: Actor, *previas: Anotacion) -> list[Comision]:
    comisiones = [_construir(parte, creada_por=actor) for parte in partes]
    if comisiones:
        _apartar_y_guardar(comisiones, actor, *previas)
    return comisiones


def _apartar_y_guardar(comisiones: list[Comision], actor: Actor, *previas: Anotacion) -> None:
    """Write new commissions; those that do not fit in the budget of their campaign wait."""
    for comision in apartar(comisiones):
        comision.estado = EstadoComision.RETENIDA
    guardar(comisiones, actor, *previas)


def _guardar_una_a_una(partes: list[Parte], actor: Actor, *previas: Anotacion) -> list[Comision]:
    """In order of occurrence: each looks at those before it."""
    tomar_turnos(partes)
    comisiones = []
    partes.sort(key=lambda p: (p.conversion.ocurrida_en, p.conversion.id_publico, p.nivel))
    for parte in partes:
        comision = _construir(parte, creada_por=actor)
        _apartar_y_guardar([comision], actor, *previas)
        previas = ()
        _tras_guardar(comision, parte.aplicable, actor)
        comisiones.append(comision)
    return comisiones


def _tras_guardar(comision: Comision, aplicable: Aplicable | None, actor: Actor) -> None:
    if aplicable is not None:
        proponer_ajustes(comision, aplicable, actor)


def calcular_manual(*, conversion: Conversion, terminos: Terminos | None, actor: Actor) -> Comision:
    """Calculate one commission with terms given by hand, or by the rules when ``terminos`` is None.

    Raises :class:`ComisionExistente` when the conversion has one, and
    :class:`ReferenciaDesconocida` for a refused conversion.
    """
    with transaction.atomic():
        bloqueada = bloquear_ventas([conversion.id_publico])[0]
        existente = Comision.objects.filter(conversion=bloqueada, nivel=1, viva=True).first()
        if existente is not None:
            raise ComisionExistente(existente)
        if bloqueada.estado in SIN_COMISION:
            raise ConversionNoAdmitida(
                _("La conversión está «%(estado)s»: no genera comisión.")
                % {"estado": bloqueada.estado}
            )
        if bloqueada.afiliado is None:
            raise ConversionNoAdmitida(
                _("La conversión no es de nadie: asígnala a un afiliado y se calcula.")
            )
        tomar_turnos_de_clientes([bloqueada])
        tardios = con_calculadas_despues([bloqueada])
        tarifario = _tarifario_de(bloqueada)
        if terminos is None:
            aplicable = tarifario.para(bloqueada, bloqueada.vendedor)
        else:
            aplicable = Aplicable(
                regla_del_sistema(OrigenRegla.MANUAL),
                None,
                _completar(terminos, bloqueada.moneda),
                hechos_de_venta(bloqueada, bloqueada.vendedor),
            )
        comisiones = _guardar_venta(_partes_de_una(bloqueada, aplicable, tarifario), actor)
        repasar_clientes(tardios)
        return comisiones[0]


@dataclass(frozen=True, slots=True)
class Calculo:
    """A commission worked out, and what is written with it."""

    comision: Comision
    anotado: Anotado


def preparar_calculo(
    *, conversion: Conversion, anotacion: Anotacion, tarifario: Tarifario, actor: Actor
) -> Calculo | None:
    """Work out the commission of a sale before the transaction that inserts it: on SQLite whoever
    writes makes every other writer wait.

    None when it depends on other commissions, its network earns too or its campaign has a budget,
    whose state only a transaction can hold still.
    """
    if conversion.campana.presupuesto is not None:
        return None
    conversion.afiliado = como_era(conversion.vendedor, conversion.ocurrida_en)
    parte = Parte(
        conversion, 1, conversion.vendedor, tarifario.para(conversion, conversion.vendedor)
    )
    if _alguna_depende([parte]) or paga_a_la_red(conversion, tarifario):
        return None
    comision = _construir(parte, creada_por=actor)
    return Calculo(comision, anotar([comision], actor, anotacion))


def calcular_recien_insertada(
    *,
    conversion: Conversion,
    anotacion: Anotacion,
    tarifario: Tarifario,
    actor: Actor,
) -> Comision:
    """Write the commissions of a conversion inserted in the caller's transaction.

    Writes ``anotacion``, the conversion's, with its own. Nobody else can see the conversion yet,
    so only its affiliate needs a lock.
    """
    suyo = conversion.vendedor.pk
    fijo = afiliados_fijos({suyo})[suyo]
    conversion.afiliado = como_era(fijo, conversion.ocurrida_en)
    aplicable = tarifario.para(conversion, conversion.vendedor)
    partes = _partes_de_una(conversion, aplicable, tarifario)
    return _guardar_venta(partes, actor, anotacion)[0]


def recalcular_sin_importe(*, comision: Comision, actor: Actor) -> bool:
    """Calculate a commission that is held without an amount; False when it still has none.

    The levels of the network that waited for it are calculated too.
    """
    with transaction.atomic():
        conversion = bloquear_ventas([comision.conversion.id_publico])[0]
        tomar_turnos_de_clientes([conversion])
        actual = Comision.objects.select_for_update().get(pk=comision.pk)
        actual.conversion, actual.campana = conversion, conversion.campana
        anterior = actual.estado
        if anterior != EstadoComision.RETENIDA or actual.motivo_retencion not in SIN_IMPORTE:
            return False
        partes = partes_ahora(conversion)
        parte = next(
            (p for p in partes if (p.nivel, p.afiliado.pk) == (actual.nivel, actual.afiliado_id)),
            None,
        )
        if parte is None or parte.aplicable is None:
            return False
        motivo = _calcular(actual, parte)
        if motivo == actual.motivo_retencion:
            return False
        actual.motivo_retencion = motivo
        apartar([actual])
        actual.version += 1
        actual.actualizado_en = timezone.now()
        if not actual.motivo_retencion:
            actual.estado = EstadoComision.PENDIENTE
        actual.save()
        paso(
            entidad="comision", entidad_id=actual.id_publico, accion="recalcular", actor=actor,
            estado_anterior=anterior, estado_nuevo=actual.estado,
        ).save()  # fmt: skip
        salida: Any
        if actual.motivo_retencion:
            salida = eventos.ComisionRetenida(
                comision_id=actual.id_publico, motivo_retencion=actual.motivo_retencion
            )
        else:
            salida = eventos.ComisionLiberada(
                comision_id=actual.id_publico,
                monto=dinero.texto(actual.monto, actual.moneda),
                moneda=actual.moneda,
            )
        publicar_todos([(salida, actual.version)])
        _tras_guardar(actual, parte.aplicable, actor)
        hechas = set(conversion.comisiones.filter(viva=True).values_list("nivel", flat=True))
        if nuevas := [p for p in partes if p.nivel not in hechas]:
            _guardar_venta(nuevas, actor)
        repasar_clientes(con_calculadas_despues([conversion]))
    return actual.motivo_retencion not in SIN_IMPORTE


def partes_ahora(conversion: Conversion) -> list[Parte]:
    """Who earns from a sale (of :func:`bloquear_ventas`) as it is now, and by which terms. Nobody
    else calculates meanwhile what any of it depends on."""
    tarifario = _tarifario_de(conversion)
    aplicable = tarifario.para(conversion, conversion.vendedor)
    partes = _partes_de_una(conversion, aplicable, tarifario)
    tomar_turnos(partes)
    return partes


def calcular_partes(*, partes: list[Parte], actor: Actor) -> list[Comision]:
    """Calculate some of the commissions of a sale (:func:`partes_ahora`), in its transaction."""
    return _guardar_venta(partes, actor) if partes else []


def _tarifario_de(conversion: Conversion) -> Tarifario:
    return Tarifario([conversion.campana_id], [conversion.vendedor.pk])


def bloquear_ventas(ids: Sequence[str]) -> list[Conversion]:
    """Lock conversions and their affiliates, whose state decides whether a commission is held;
    each has its affiliate with the terms of when it occurred."""
    suyos = Conversion.objects.filter(id_publico__in=ids).values_list("afiliado_id", flat=True)
    por_id = afiliados_fijos({pk for pk in suyos if pk is not None})
    conversiones = list(
        Conversion.objects.filter(id_publico__in=ids)
        .select_related("campana")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    condiciones = leer(por_id.values())
    for conversion in conversiones:
        # Nobody's when they were read, it may be somebody's by now: its own event comes after.
        suyo = por_id.get(conversion.afiliado_id or 0)
        conversion.afiliado = suyo and como_era(suyo, conversion.ocurrida_en, condiciones)
    return conversiones


def motivo_de_retencion(conversion: Conversion, afiliado: Afiliado) -> str:
    """Why its sale, or whose commission it is, makes it wait before its review; "" when nothing
    does. What only a person lets go comes first."""
    if conversion.parecida_a:
        return MotivoRetencion.POSIBLE_DUPLICADA
    if afiliado.estado == EstadoAfiliado.PENDIENTE:
        return MotivoRetencion.AFILIADO_PENDIENTE
    if afiliado.estado != EstadoAfiliado.ACTIVO:
        return MotivoRetencion.AFILIADO_NO_ACTIVO
    return ""


def _completar(terminos: Terminos, moneda: str) -> Terminos:
    """Terms given by hand, with the type and currency that they imply."""
    tipo = terminos.tipo or (Tipo.FIJA if terminos.porcentaje is None else Tipo.PORCENTUAL)
    return replace(terminos, tipo=tipo, moneda=terminos.moneda or moneda)


def _calcular(comision: Comision, parte: Parte) -> str:
    """Give a commission what its rule says; returns why it is held, "" when it is not."""
    if parte.aplicable is None:
        return MotivoRetencion.SIN_REGLA
    if parte.aplicable.problema:
        return MotivoRetencion(parte.aplicable.problema)
    try:
        _aplicar(comision, parte.aplicable, parte.conversion)
    except HechosInvalidos:
        # A sale that nobody would register today, from before it was checked.
        return MotivoRetencion.FUERA_DE_RANGO
    if excede(comision):
        return MotivoRetencion.FUERA_DE_RANGO
    return motivo_de_retencion(parte.conversion, parte.afiliado)


def _aplicar(comision: Comision, aplicable: Aplicable, conversion: Conversion) -> None:
    calculos: list[Calculado] = []
    ya = dinero.CERO
    for parte in aplicable.todas:
        previo = estado_previo(comision, parte)
        if previo is not None and ya:
            # What the other lines of the sale spent of the same caps.
            previo = replace(previo, gastado=tuple(monto + ya for monto in previo.gastado))
        hechos = con_su_renovacion(parte.hechos, parte.terminos, conversion)
        parte = replace(parte, hechos=hechos)
        resultado = calcular(parte.terminos, parte.hechos, previo)
        ya += resultado.monto
        calculos.append(Calculado(parte, previo, resultado))
    total = sumar(calculos)
    comision.regla = aplicable.regla
    comision.version_regla = aplicable.version
    comision.tipo = str(aplicable.terminos.tipo)
    comision.base = dinero.cuantizar(total.base, comision.moneda)
    comision.tasa = tasa_guardable(total.tasa)
    comision.monto = monto_guardable(total.monto)
    comision.traza = componer_traza(calculos, total, comision.nivel)


def _construir(parte: Parte, *, creada_por: Actor) -> Comision:
    conversion = parte.conversion
    comision = Comision(
        id_publico=nuevo_id("com"),
        conversion=conversion,
        afiliado=parte.afiliado,
        nivel=parte.nivel,
        campana=conversion.campana,
        base=conversion.valor,
        monto=dinero.CERO,
        moneda=conversion.moneda,
        madura_en=(conversion.cuenta_desde or conversion.ocurrida_en)
        + timedelta(days=conversion.campana.dias_retencion),
        creada_por=str(creada_por),
    )
    comision.motivo_retencion = _calcular(comision, parte)
    if comision.motivo_retencion:
        comision.estado = EstadoComision.RETENIDA
    return comision
