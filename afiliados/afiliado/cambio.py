"""Writing what changes of an affiliate, in the transaction of whoever holds it locked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afiliados import eventos
from afiliados.afiliado import configuracion
from afiliados.afiliado.busqueda import AFILIADOS
from afiliados.afiliado.comprobacion import comprobar, comprobar_referente
from afiliados.afiliado.condiciones import CON_FECHA, exigir_desde, guardar, ultima
from afiliados.afiliado.configuracion import PROGRAMABLES
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado, ConfiguracionProgramada
from afiliados.afiliado.selectors import correo_unico_de
from afiliados.errores import AfiliadoDuplicado
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.cifrado import cifrar
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from alpespartner.comun.rondas import Ronda
from outbox.publicacion import publicar

log = logging.getLogger(__name__)
TASAS = ("comision_base", "comision_premium", "comision_fija", "moneda_comision", "minimo_pago")
PERSONALES = frozenset(
    {"nombre", "email", "telefono", "documento_tipo", "documento_pais", "documento_numero"}
)
ACTOR = sistema("condiciones")
_POR_VUELTA = 200
_VENCIDAS = Ronda()


def condiciones_distintas(afiliado: Afiliado, dados: Mapping[str, Any]) -> dict[str, Any]:
    """Of some data, the terms that are not those that an affiliate has or will have."""
    base = ultima(afiliado) or afiliado
    return {c: v for c, v in dados.items() if c in CON_FECHA and getattr(base, c) != v}


def como_quedaria(afiliado: Afiliado, condiciones: Mapping[str, Any]) -> Afiliado:
    """A copy of an affiliate, not to be saved, as other terms would leave it."""
    copia = copy(afiliado)
    copia._state = copy(afiliado._state)
    copia._state.fields_cache = dict(afiliado._state.fields_cache)
    base = ultima(afiliado) or afiliado
    for campo in CON_FECHA:
        setattr(copia, campo, condiciones.get(campo, getattr(base, campo)))
    return copia


def cambiar(
    afiliado: Afiliado,
    distintos: Mapping[str, Any],
    *,
    actor: Actor,
    motivo: str,
    desde: datetime | None = None,
    confirmada_por: str = "",
) -> None:
    """Change a locked affiliate now; its terms, for the sales since ``desde``."""
    condiciones = {c: v for c, v in distintos.items() if c in CON_FECHA}
    if condiciones:
        _poner_al_dia(afiliado)
    if not distintos.keys().isdisjoint(PROGRAMABLES):
        # What is late must not undo what is said now.
        _poner_configuracion(afiliado)
    antes = {campo: getattr(afiliado, campo) for campo in distintos}
    trozos = AFILIADOS.trozos_en(afiliado)
    datos: dict[str, Any] = {}
    previas = copy(afiliado)
    for campo, valor in distintos.items():
        setattr(afiliado, campo, valor)
    comprobar(afiliado)
    otros = []
    if "email" in distintos:
        afiliado.correo_unico = correo_unico_de(afiliado.email)
        otros.append("correo_unico")
    # It may have got the programme's currency with its first amount.
    if afiliado.moneda_comision != previas.moneda_comision:
        condiciones["moneda_comision"] = afiliado.moneda_comision
    if condiciones:
        desde = exigir_desde(afiliado, desde, condiciones)
        datos = {"desde": desde}
        if confirmada_por:
            datos["confirmada_por"] = confirmada_por
        guardar(
            previas, condiciones, desde=desde, actor=actor, motivo=motivo,
            confirmada_por=confirmada_por, aplicada=True,
        )  # fmt: skip
        afiliado.con_condiciones = True
    # A new affiliate refers nobody yet: only a change can close a cycle.
    if "referente" in distintos:
        comprobar_referente(afiliado)
    _guardar(afiliado, [*distintos, *condiciones, *otros])
    AFILIADOS.corregir(afiliado, trozos)
    cambio = paso(
        entidad="afiliado",
        entidad_id=afiliado.id_publico,
        accion="actualizar",
        actor=actor,
        motivo=motivo,
        datos={
            "campos": sorted(distintos),
            **_antes_y_despues(antes, {c: getattr(afiliado, c) for c in distintos}),
            **datos,
        },
    )
    cambio.save()
    publicar(
        eventos.AfiliadoActualizado(afiliado_id=afiliado.id_publico, campos=sorted(distintos)),
        version=afiliado.version,
    )
    if "email" in distintos:
        _tras_cambiar_de_correo(afiliado, cambio)
    _publicar_tasas(afiliado, distintos)


def programar_condiciones(
    afiliado: Afiliado,
    condiciones: Mapping[str, Any],
    *,
    desde: datetime,
    actor: Actor,
    motivo: str,
    confirmada_por: str = "",
) -> None:
    """Terms that a locked affiliate will have: sales that occur from then on are priced by them."""
    _poner_al_dia(afiliado)
    exigir_desde(afiliado, desde, condiciones)
    nuevas = como_quedaria(afiliado, condiciones)
    comprobar(nuevas)
    # It may have got the programme's currency with its first amount.
    base, despues = ultima(afiliado) or afiliado, dict(condiciones)
    if nuevas.moneda_comision != base.moneda_comision:
        despues["moneda_comision"] = nuevas.moneda_comision
    antes = {campo: getattr(base, campo) for campo in condiciones}
    guardar(
        afiliado, despues, desde=desde, actor=actor, motivo=motivo,
        confirmada_por=confirmada_por, aplicada=False,
    )  # fmt: skip
    dicho = {"confirmada_por": confirmada_por} if confirmada_por else {}
    _decir_lo_programado(afiliado, antes, condiciones, desde, actor, motivo, dicho)


def programar_configuracion(
    afiliado: Afiliado, nueva: Mapping[str, Any], *, desde: datetime, actor: Actor, motivo: str
) -> None:
    """Settings that a locked affiliate will have from then on."""
    antes = {campo: getattr(afiliado, campo) for campo in nueva}
    configuracion.guardar(afiliado, nueva, desde=desde, actor=actor, motivo=motivo)
    _decir_lo_programado(afiliado, antes, nueva, desde, actor, motivo, {})


def _decir_lo_programado(
    afiliado: Afiliado,
    antes: Mapping[str, Any],
    despues: Mapping[str, Any],
    desde: datetime,
    actor: Actor,
    motivo: str,
    datos: Mapping[str, Any],
) -> None:
    _guardar(afiliado, [])
    paso(
        entidad="afiliado",
        entidad_id=afiliado.id_publico,
        accion="programar_condiciones",
        actor=actor,
        motivo=motivo,
        datos={
            "campos": sorted(despues),
            **_antes_y_despues(antes, despues),
            "desde": desde,
            **datos,
        },
    ).save()
    publicar(
        eventos.CondicionesProgramadas(
            afiliado_id=afiliado.id_publico, campos=sorted(despues), desde=desde
        ),
        version=afiliado.version,
    )


def aplicar_condiciones_vencidas() -> int:
    """Give affiliates the terms and settings whose day came; returns to how many."""
    vencidas = CondicionesAfiliado.objects.filter(aplicada_en=None, desde__lte=timezone.now())
    suyos = Afiliado.objects.filter(
        Q(pk__in=vencidas.values("afiliado"))
        | Q(pk__in=configuracion.vencidas().values("afiliado"))
    )
    hechos = 0
    for clave in _VENCIDAS.siguientes(suyos, _POR_VUELTA):
        try:
            with transaction.atomic():
                suyo = Afiliado.objects.select_for_update().get(pk=clave)
                _poner_al_dia(suyo)
                _poner_configuracion(suyo)
            hechos += 1
        except DatabaseError:
            raise
        except Exception:
            # One whose terms cannot be read must not stop those behind it.
            log.exception("afiliado %s: no se le pudieron poner sus condiciones", clave)
    return hechos


def _poner_al_dia(afiliado: Afiliado) -> None:
    """Give a locked affiliate the terms whose day came, before anything else changes them."""
    if not afiliado.con_condiciones:
        return
    vencidas = afiliado.condiciones.filter(aplicada_en=None, desde__lte=timezone.now())
    for fila in vencidas.order_by("desde", "pk"):
        _aplicar(afiliado, fila)


def _poner_configuracion(afiliado: Afiliado) -> None:
    """Give a locked affiliate the settings whose moment came."""
    for fila in configuracion.pendientes(afiliado).filter(desde__lte=timezone.now()):
        _aplicar(afiliado, fila)


def _aplicar(afiliado: Afiliado, fila: CondicionesAfiliado | ConfiguracionProgramada) -> None:
    for campo in fila.campos:
        setattr(afiliado, campo, getattr(fila, campo))
    _guardar(afiliado, fila.campos)
    fila.aplicada_en = timezone.now()
    fila.save(update_fields=["aplicada_en"])
    paso(
        entidad="afiliado",
        entidad_id=afiliado.id_publico,
        accion="aplicar_condiciones",
        actor=ACTOR,
        datos={"campos": fila.campos, "desde": fila.desde},
    ).save()
    publicar(
        eventos.AfiliadoActualizado(afiliado_id=afiliado.id_publico, campos=fila.campos),
        version=afiliado.version,
    )
    _publicar_tasas(afiliado, fila.campos)


def _guardar(afiliado: Afiliado, campos: list[str]) -> None:
    afiliado.version += 1
    afiliado.actualizado_en = timezone.now()
    guardar_unico(lambda: afiliado.save(update_fields=[*campos, "version", "actualizado_en"]))


# What the database names in its refusal, with the field and what to say.
_REPETIDOS = (
    ("correo_unico", "email", _("Ya hay un afiliado con ese correo: usa otro, o busca el suyo.")),
    ("documento", "documento_numero", _("Ya hay un afiliado con ese documento.")),
    ("referencia_externa", "referencia_externa", _("Ya hay un afiliado con esa referencia.")),
)


def guardar_unico(hacer: Callable[[], object]) -> None:
    """Save affiliates; raises :class:`AfiliadoDuplicado`, with the field, when another has their
    e-mail, document or reference."""
    try:
        with transaction.atomic():
            hacer()
    except IntegrityError as exc:
        # SQLite names the columns last, and MySQL the index: before it comes what was typed.
        cual = str(exc).rpartition("failed:" if "failed:" in str(exc) else "for key")[2]
        for nombre, campo, mensaje in _REPETIDOS:
            if nombre in cual:
                raise AfiliadoDuplicado(mensaje, campo=campo) from None
        raise AfiliadoDuplicado() from None


def _publicar_tasas(afiliado: Afiliado, campos: Any) -> None:
    if not set(campos).isdisjoint(TASAS):
        publicar(
            eventos.ConfiguracionComisionesActualizada(
                afiliado_id=afiliado.id_publico,
                comision_base=_texto(afiliado.comision_base),
                comision_premium=_texto(afiliado.comision_premium),
                comision_fija=_texto(afiliado.comision_fija),
                moneda=afiliado.moneda_comision,
            ),
            version=afiliado.version,
        )


def _antes_y_despues(antes: Mapping[str, Any], despues: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new values for the history; in ``personales``, encrypted, those of the person."""
    lados = {"antes": antes, "despues": despues}
    legibles = {
        lado: {c: legible(v) for c, v in valores.items() if c not in PERSONALES}
        for lado, valores in lados.items()
    }
    suyos = {
        lado: {c: v for c, v in valores.items() if c in PERSONALES}
        for lado, valores in lados.items()
    }
    if suyos["antes"]:
        return {**legibles, "personales": cifrar(json.dumps(suyos, ensure_ascii=False))}
    return legibles


def legible(valor: Any) -> str | None:
    """A value of the row as the history keeps it."""
    if isinstance(valor, Afiliado):
        return valor.id_publico
    return _texto(valor) if isinstance(valor, Decimal) else valor


def _tras_cambiar_de_correo(afiliado: Afiliado, cambio: Historial) -> None:
    """Both addresses are told, and its account waits again: whoever reads the mail may have
    changed with the address."""
    cuenta = getattr(afiliado, "cuenta", None)
    if cuenta is not None:
        cuenta.reiniciar_espera()
    publicar(
        eventos.CorreoCambiado(afiliado_id=afiliado.id_publico, paso=cambio.pk),
        version=afiliado.version,
    )


def _texto(valor: Decimal | None) -> str | None:
    return None if valor is None else f"{valor:f}"
