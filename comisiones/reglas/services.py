"""All writes of rules: a rule is stable, its terms are published in immutable versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.campos import largo_de
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import (
    exigir_largo,
    exigir_motivo,
    normalizar,
    normalizar_cupon,
)
from comisiones import eventos
from comisiones.motor import (
    ErrorMotor,
    Red,
    RedInvalida,
    Suspendido,
    Terminos,
    Tipo,
    lleva_montos,
    validar,
)
from comisiones.motor.congelado import a_json, terminos_de
from comisiones.motor.red import validar_red
from comisiones.motor.tipos import plano
from comisiones.reglas.errores import ReglaTerminada, SinVersiones
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from conversiones.campanas.models import Campana
from outbox.publicacion import publicar

# Deeper than any network that pays.
MAX_NIVEL = 10
_EN_COLUMNAS = frozenset({"tipo", "moneda", "porcentaje", "monto_fijo"})
_DE_ESCALA = frozenset({"modo", "metrica", "periodo", "tramos"})


def crear_regla(*, nombre: str, campana: Campana | None, actor: Actor) -> Regla:
    """Create a rule for a campaign, or the programme's default; it pays nothing until a version
    is published."""
    with transaction.atomic():
        regla = Regla.objects.create(id_publico=nuevo_id("regla"), nombre=nombre, campana=campana)
        paso(entidad="regla", entidad_id=regla.id_publico, accion="crear", actor=actor).save()
    return regla


def duplicar_regla(*, regla: Regla, actor: Actor) -> Regla:
    """Create a rule beside another, for its campaign; it pays nothing until a version is published.

    Raises :class:`SinVersiones` for one of the system's.
    """
    if regla.origen != OrigenRegla.VERSION:
        raise SinVersiones()
    copia = _("%(regla)s (copia)") % {"regla": regla.nombre}
    with transaction.atomic():
        nueva = Regla.objects.create(
            id_publico=nuevo_id("regla"),
            nombre=copia[: largo_de(Regla, "nombre")],
            campana=regla.campana,
        )
        paso(
            entidad="regla", entidad_id=nueva.id_publico, accion="crear", actor=actor,
            datos={"copia_de": regla.id_publico},
        ).save()  # fmt: skip
    return nueva


def terminar_regla(*, regla: Regla, actor: Actor, motivo: str) -> Regla:
    """End a rule for the sales that occur from now on: another one says what they pay, or none. A
    reason is required.

    Raises :class:`SinVersiones` and :class:`ReglaTerminada`.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Regla.objects.select_for_update().get(pk=regla.pk)
        _exigir_abierta(actual)
        actual.terminada_en = timezone.now()
        actual.save(update_fields=["terminada_en"])
        paso(
            entidad="regla", entidad_id=actual.id_publico, accion="terminar", actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        versiones = actual.versiones.aggregate(ultimo=Max("numero"))["ultimo"] or 0
        publicar(
            eventos.ReglaTerminada(
                regla_id=actual.id_publico,
                desde=actual.terminada_en,
                campana_id=actual.campana.id_publico if actual.campana else None,
            ),
            version=versiones + 1,
        )
    return actual


def _exigir_abierta(regla: Regla) -> None:
    if regla.origen != OrigenRegla.VERSION:
        raise SinVersiones()
    if regla.terminada_en is not None:
        raise ReglaTerminada()


def publicar_version(
    *,
    regla: Regla,
    tipo: str,
    actor: Actor,
    porcentaje: Decimal | None = None,
    monto_fijo: Decimal | None = None,
    moneda: str = "",
    condiciones: Mapping[str, Any] | None = None,
    afiliado: Afiliado | None = None,
    tipo_afiliado: str = "",
    producto: str = "",
    cupon: str = "",
    enlace: str = "",
    nivel: int = 1,
    prioridad: int = 0,
    vigente_desde: datetime | None = None,
    vigente_hasta: datetime | None = None,
) -> VersionRegla:
    """Publish new terms; they apply to conversions that occurred within the dates (from now on by
    default) and are calculated after this. ``condiciones`` are the other terms, as the engine's
    JSON; for a network, ``porcentajes``, ``tope`` (both in percent) and ``suspendido``. Raises
    :class:`DatoInvalido`, also for all that the engine refuses, and :class:`ReglaTerminada`.
    """
    vigente_desde = vigente_desde or timezone.now()
    producto, cupon, enlace = nombres_de_alcance(producto=producto, cupon=cupon, enlace=enlace)
    es_red = tipo == TipoComision.RED
    if es_red:
        exigir_sin_alcance(afiliado, (tipo_afiliado, producto, cupon, enlace), nivel)
        terminos, guardadas = Terminos(), red_a_publicar(condiciones)
    else:
        terminos = terminos_a_publicar(
            tipo=tipo,
            porcentaje=porcentaje,
            monto_fijo=monto_fijo,
            moneda=moneda,
            condiciones=condiciones,
        )
        guardadas = {k: v for k, v in a_json(terminos).items() if k not in _EN_COLUMNAS}
    if vigente_hasta is not None and vigente_hasta <= vigente_desde:
        raise DatoInvalido(_("Debe ser posterior al inicio."), campo="vigente_hasta")
    if not 1 <= nivel <= MAX_NIVEL:
        raise DatoInvalido(_("Va de 1 (quien vende) a %(n)s.") % {"n": MAX_NIVEL}, campo="nivel")
    with transaction.atomic():
        regla = Regla.objects.select_for_update().get(pk=regla.pk)
        _exigir_abierta(regla)
        exigir_misma_clase(regla, tipo)
        ultimo = regla.versiones.aggregate(ultimo=Max("numero"))["ultimo"] or 0
        version = VersionRegla(
            regla=regla,
            numero=ultimo + 1,
            tipo=tipo,
            porcentaje=terminos.porcentaje,
            monto_fijo=terminos.monto_fijo,
            moneda=terminos.moneda or "",
            condiciones=guardadas,
            afiliado=afiliado,
            tipo_afiliado=tipo_afiliado,
            producto=producto,
            cupon=cupon,
            enlace=enlace,
            nivel=nivel,
            prioridad=prioridad,
            vigente_desde=vigente_desde,
            vigente_hasta=vigente_hasta,
            publicada_por=str(actor),
        )
        version.save()
        paso(
            entidad="regla", entidad_id=regla.id_publico, accion="publicar", actor=actor,
            datos={"version": version.numero},
        ).save()  # fmt: skip
        publicar(
            eventos.VersionReglaPublicada(
                regla_id=regla.id_publico,
                numero=version.numero,
                campana_id=regla.campana.id_publico if regla.campana else None,
            ),
            version=version.numero,
        )
    return version


def exigir_sin_alcance(afiliado: Afiliado | None, textos: Sequence[str], nivel: int) -> None:
    """What a network may not be limited to. Raises :class:`DatoInvalido`."""
    if afiliado is not None or any(textos) or nivel != 1:
        raise DatoInvalido(
            _("Una red vale para todas las ventas de su campaña: déjalo vacío."),
            campo="nivel" if nivel != 1 else "afiliado",
        )


def exigir_misma_clase(regla: Regla, tipo: str) -> None:
    """A rule is always a network or never: of its versions only the newest in force is heard, and
    a network would silence what the sale pays. Raises :class:`DatoInvalido`."""
    otras = regla.versiones.all()
    if otras.exists() and otras.filter(tipo=TipoComision.RED).exists() != (
        tipo == TipoComision.RED
    ):
        raise DatoInvalido(_("Una regla es siempre una red o nunca: crea otra."), campo="tipo")


def nombres_de_alcance(*, producto: str, cupon: str, enlace: str) -> tuple[str, str, str]:
    """Product, coupon and link in the form that those of sales have. Raises
    :class:`DatoInvalido`."""
    return (
        exigir_largo(normalizar(producto), 64, "producto"),
        exigir_largo(normalizar_cupon(cupon), 64, "cupon"),
        exigir_largo(normalizar(enlace), 64, "enlace"),
    )


def terminos_a_publicar(
    *,
    tipo: str,
    porcentaje: Decimal | None = None,
    monto_fijo: Decimal | None = None,
    moneda: str = "",
    condiciones: Mapping[str, Any] | None = None,
) -> Terminos:
    """Terms as a version would hold them, checked whole; what their type does not use is dropped.

    Raises :class:`DatoInvalido` with the field at fault.
    """
    clase = Tipo(tipo)
    if clase in (Tipo.PORCENTUAL, Tipo.MIXTA):
        if porcentaje is None or not 0 <= porcentaje <= 100:
            raise DatoInvalido(_("El porcentaje va de 0 a 100."), campo="porcentaje")
    else:
        porcentaje = None
    if clase in (Tipo.FIJA, Tipo.MIXTA):
        _exigir_importe(monto_fijo, moneda)
    else:
        monto_fijo = None
    otras = {k: v for k, v in (condiciones or {}).items() if k not in _EN_COLUMNAS}
    if clase is not Tipo.ESCALONADA:
        otras = {k: v for k, v in otras.items() if k not in _DE_ESCALA}
    try:
        terminos = replace(
            terminos_de(otras),
            tipo=clase,
            moneda=moneda or None,
            porcentaje=porcentaje,
            monto_fijo=monto_fijo,
        )
        validar(terminos)
    except ErrorMotor as exc:
        raise DatoInvalido(exc, campo=exc.campo or None) from None
    if terminos.topes_gasto and terminos.con_periodo:
        raise DatoInvalido(
            _("Una escala por periodo no admite topes de gasto."), campo="topes_gasto"
        )
    if not lleva_montos(terminos):
        # Percentages alone are for any currency.
        terminos = replace(terminos, moneda=None)
    return terminos


def red_a_publicar(condiciones: Mapping[str, Any] | None) -> dict[str, Any]:
    """Network as a version holds it: percent of each level from 2 on, their cap together and what
    happens to suspended ancestors. No percentages: nobody earns. Raises :class:`DatoInvalido`.
    """
    dadas = condiciones or {}
    porcentajes = dadas.get("porcentajes", [])
    if len(porcentajes) >= MAX_NIVEL:
        raise DatoInvalido(
            _("La red paga como mucho hasta el nivel %(n)s.") % {"n": MAX_NIVEL},
            campo="porcentajes_red",
        )
    try:
        red = Red(
            porcentajes=tuple(map(dinero.decimal_exacto, porcentajes)),
            tope=dinero.decimal_exacto(dadas.get("tope", "100")),
            suspendido=Suspendido(dadas.get("suspendido", Suspendido.OMITIR)),
        )
        validar_red(red)
    except RedInvalida as exc:
        # Any other rule has a «tope» too: a network's fields are named apart.
        raise DatoInvalido(exc, campo=f"{exc.campo}_red") from None
    except ValueError as exc:
        raise DatoInvalido(exc, campo="porcentajes_red") from None
    return {
        "porcentajes": [plano(p) for p in red.porcentajes],
        "tope": plano(red.tope),
        "suspendido": red.suspendido.value,
    }


def _exigir_importe(monto: Decimal | None, moneda: str) -> None:
    try:
        valido = monto is not None and monto >= 0 and dinero.es_exacto(monto, moneda)
    except dinero.DineroInvalido as exc:
        raise DatoInvalido(exc, campo="moneda") from None
    if not valido:
        raise DatoInvalido(_("No es un importe válido en esa moneda."), campo="monto_fijo")
