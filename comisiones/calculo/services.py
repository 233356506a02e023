"""Calculating commissions: from conversions to saved commissions, once per conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import afiliados_fijos
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from comisiones import eventos
from comisiones.calculo.acumulados import depende_de_otras, estado_previo, proponer_ajustes
from comisiones.calculo.errores import ComisionExistente, ConversionNoAdmitida
from comisiones.calculo.escritura import Anotado, _anotar, _escribir, _guardar
from comisiones.calculo.partes import Parte, cadenas_de, paga_a_la_red, partes_de
from comisiones.calculo.traza import componer_traza
from comisiones.calculo.turnos import tomar_turnos
from comisiones.comision.estados import EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision
from comisiones.motor import (
    Terminos,
    Tipo,
    calcular,
)
from comisiones.reglas.hechos import hechos_de_venta
from comisiones.reglas.models import OrigenRegla
from comisiones.reglas.tarifa import Aplicable, Tarifario, regla_del_sistema
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import Anotacion
from outbox.publicacion import publicar_todos


def calcular_comisiones(*, conversiones_ids: Sequence[str], actor: Actor) -> list[Comision]:
    """Calculate the commissions that a batch of conversions (public ids) does not have yet.

    Conversions that are unknown, refused or already served are left out, so the same event may
    come any number of times.
    """
    with transaction.atomic():
        # Locks in a fixed order: affiliates, then conversions.
        conversiones = _bloquear(conversiones_ids)
        servidas = set(
            Comision.objects.filter(conversion__in=conversiones, nivel=1).values_list(
                "conversion_id", flat=True
            )
        )
        nuevas = [c for c in conversiones if c.pk not in servidas and c.estado not in SIN_COMISION]
        if not nuevas:
            return []
        tarifario = Tarifario((c.campana_id for c in nuevas), (c.afiliado_id for c in nuevas))
        cadenas = cadenas_de(nuevas, tarifario)
        sueltas: list[Parte] = []
        dependientes: list[Parte] = []
        for c in nuevas:
            partes = partes_de(c, tarifario.para(c, c.afiliado), cadenas, tarifario)
            (dependientes if _alguna_depende(partes) else sueltas).extend(partes)
        return _guardar_juntas(sueltas, actor) + _guardar_una_a_una(dependientes, actor)


def _partes_de_una(
    conversion: Conversion, aplicable: Aplicable | None, tarifario: Tarifario
) -> list[Parte]:
    return partes_de(conversion, aplicable, cadenas_de([conversion], tarifario), tarifario)


def _alguna_depende(partes: list[Parte]) -> bool:
    return any(p.aplicable and depende_de_otras(p.aplicable.terminos) for p in partes)


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
        _guardar(comisiones, actor, *previas)
    return comisiones


def _guardar_una_a_una(partes: list[Parte], actor: Actor, *previas: Anotacion) -> list[Comision]:
    """In order of occurrence: each looks at those before it."""
    tomar_turnos(partes)
    comisiones = []
    partes.sort(key=lambda p: (p.conversion.ocurrida_en, p.conversion.id_publico, p.nivel))
    for parte in partes:
        comision = _construir(parte, creada_por=actor)
        _guardar([comision], actor, *previas)
        previas = ()
        _tras_guardar(comision, parte.aplicable, actor)
        comisiones.append(comision)
    return comisiones


def _tras_guardar(comision: Comision, aplicable: Aplicable | None, actor: Actor) -> None:
    if aplicable is not None and depende_de_otras(aplicable.terminos):
        proponer_ajustes(comision, aplicable, actor)


def calcular_manual(*, conversion: Conversion, terminos: Terminos | None, actor: Actor) -> Comision:
    """Calculate one commission with terms given by hand, or by the rules when ``terminos`` is None.

    Raises :class:`ComisionExistente` when the conversion has one, and
    :class:`ReferenciaDesconocida` for a refused conversion.
    """
    with transaction.atomic():
        bloqueada = _bloquear([conversion.id_publico])[0]
        existente = Comision.objects.filter(conversion=bloqueada, nivel=1).first()
        if existente is not None:
            raise ComisionExistente(existente)
        if bloqueada.estado in SIN_COMISION:
            raise ConversionNoAdmitida(
                _("La conversión está «%(estado)s»: no genera comisión.")
                % {"estado": bloqueada.estado}
            )
        tarifario = _tarifario_de(bloqueada)
        if terminos is None:
            aplicable = tarifario.para(bloqueada, bloqueada.afiliado)
        else:
            aplicable = Aplicable(
                regla_del_sistema(OrigenRegla.MANUAL),
                None,
                _completar(terminos, bloqueada.moneda),
                hechos_de_venta(bloqueada, bloqueada.afiliado),
            )
        return _guardar_venta(_partes_de_una(bloqueada, aplicable, tarifario), actor)[0]


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

    None when it depends on other commissions or its network earns too, whose state only a
    transaction can hold still.
    """
    parte = Parte(
        conversion, 1, conversion.afiliado, tarifario.para(conversion, conversion.afiliado)
    )
    if _alguna_depende([parte]) or paga_a_la_red(conversion, tarifario):
        return None
    comision = _construir(parte, creada_por=actor)
    return Calculo(comision, _anotar([comision], actor, anotacion))


def calcular_recien_insertada(
    *,
    conversion: Conversion,
    anotacion: Anotacion,
    tarifario: Tarifario,
    calculo: Calculo | None,
    actor: Actor,
) -> Comision:
    """Write the commissions of a conversion inserted in the caller's transaction.

    Writes ``anotacion``, the conversion's, with its own. Nobody else can see the conversion yet,
    so only its affiliate needs a lock; one that changed since ``calculo`` is worked out again.
    """
    fijo = afiliados_fijos({conversion.afiliado_id})[conversion.afiliado_id]
    if calculo is not None and fijo.version == conversion.afiliado.version:
        _escribir([calculo.comision], calculo.anotado, actor)
        return calculo.comision
    conversion.afiliado = fijo
    partes = _partes_de_una(conversion, tarifario.para(conversion, fijo), tarifario)
    return _guardar_venta(partes, actor, anotacion)[0]


def recalcular_sin_regla(*, comision: Comision, actor: Actor) -> bool:
    """Calculate a commission that was held for lack of a rule; False when there is still none."""
    with transaction.atomic():
        conversion = _bloquear([comision.conversion.id_publico])[0]
        actual = Comision.objects.select_for_update().get(pk=comision.pk)
        if actual.motivo_retencion != MotivoRetencion.SIN_REGLA:
            return False
        tarifario = _tarifario_de(conversion)
        aplicable = tarifario.para(conversion, conversion.afiliado)
        if aplicable is None:
            return False
        partes = _partes_de_una(conversion, aplicable, tarifario)
        tomar_turnos(partes)
        _aplicar(actual, aplicable)
        actual.motivo_retencion = _motivo_retencion(conversion.afiliado, aplicable)
        actual.version += 1
        actual.actualizado_en = timezone.now()
        anterior = actual.estado
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
        _tras_guardar(actual, aplicable, actor)
        _guardar_venta(partes[1:], actor)
    return True


def _tarifario_de(conversion: Conversion) -> Tarifario:
    return Tarifario([conversion.campana_id], [conversion.afiliado_id])


def _bloquear(ids: Sequence[str]) -> list[Conversion]:
    """Lock conversions and their affiliates, whose state decides whether a commission is held."""
    por_id = afiliados_fijos(
        set(Conversion.objects.filter(id_publico__in=ids).values_list("afiliado_id", flat=True))
    )
    conversiones = list(
        Conversion.objects.filter(id_publico__in=ids)
        .select_related("campana")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for conversion in conversiones:
        conversion.afiliado = por_id[conversion.afiliado_id]
    return conversiones


def _motivo_retencion(afiliado: Afiliado, aplicable: Aplicable | None) -> str:
    if aplicable is None:
        return MotivoRetencion.SIN_REGLA
    if afiliado.estado == EstadoAfiliado.PENDIENTE:
        return MotivoRetencion.AFILIADO_PENDIENTE
    if afiliado.estado != EstadoAfiliado.ACTIVO:
        return MotivoRetencion.AFILIADO_NO_ACTIVO
    return ""


def _completar(terminos: Terminos, moneda: str) -> Terminos:
    """Terms given by hand, with the type and currency that they imply."""
    tipo = terminos.tipo or (Tipo.FIJA if terminos.porcentaje is None else Tipo.PORCENTUAL)
    return replace(terminos, tipo=tipo, moneda=terminos.moneda or moneda)


def _aplicar(comision: Comision, aplicable: Aplicable) -> None:
    previo = estado_previo(comision, aplicable)
    resultado = calcular(aplicable.terminos, aplicable.hechos, previo)
    comision.regla = aplicable.regla
    comision.version_regla = aplicable.version
    comision.tipo = str(aplicable.terminos.tipo)
    comision.base = dinero.cuantizar(resultado.base, resultado.moneda)
    comision.tasa = resultado.tasa
    comision.monto = resultado.monto
    comision.traza = componer_traza(aplicable, previo, resultado, comision.nivel)


def _construir(parte: Parte, *, creada_por: Actor) -> Comision:
    conversion, afiliado, aplicable = parte.conversion, parte.afiliado, parte.aplicable
    motivo = _motivo_retencion(afiliado, aplicable)
    comision = Comision(
        id_publico=nuevo_id("com"),
        conversion=conversion,
        afiliado=afiliado,
        nivel=parte.nivel,
        campana=conversion.campana,
        base=conversion.valor,
        monto=dinero.CERO,
        moneda=conversion.moneda,
        estado=EstadoComision.RETENIDA if motivo else EstadoComision.PENDIENTE,
        motivo_retencion=motivo,
        madura_en=(conversion.cuenta_desde or conversion.ocurrida_en)
        + timedelta(days=conversion.campana.dias_retencion),
        creada_por=str(creada_por),
    )
    if aplicable is not None:
        _aplicar(comision, aplicable)
    return comision
