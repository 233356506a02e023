"""Changing a registered sale: what its shop attaches to it, what it calls it and, downwards, what
it was worth. What decided whose it is or how much it earns stays as it was said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.api.version import exigir_vista
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena
from alpespartner.comun.textos import exigir_largo, exigir_motivo, normalizar
from conversiones import eventos
from conversiones.ventas.busqueda import VENTAS
from conversiones.ventas.devoluciones import Devolucion, aplicar_pendientes, devolver
from conversiones.ventas.errores import (
    ConversionCerrada,
    ConversionDuplicada,
    ConversionFija,
    ValorQueSube,
)
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.lineas import monto_de
from conversiones.ventas.models import MAX_REFERENCIA, Conversion, TipoMovimiento
from conversiones.ventas.services import NuevaConversion, nombres_de
from conversiones.ventas.validacion import (
    CONCEPTOS,
    exigir_metadatos,
    exigir_productos,
    exigir_valor,
)
from outbox.publicacion import publicar

# As the door takes them at once: changed key by key they grow no larger.
_MAX_METADATOS = 16_384


@dataclass(frozen=True, kw_only=True)
class CambiosDeVenta:
    """What is to be otherwise; None stays. Of ``metadatos`` only the keys that are said, and null
    takes one away, unless they are ``enteros``: then they are all. ``valor`` is what was sold, in
    the currency of the sale, without what customers gave back."""

    referencia_externa: str | None = None
    metadatos: Mapping[str, Any] | None = None
    enteros: bool = False
    valor: Decimal | None = None
    motivo: str = ""


def cambiar_conversion(
    *,
    conversion: Conversion,
    cambios: CambiosDeVenta,
    actor: Actor,
    vistas: frozenset[int] | None = None,
) -> Conversion:
    """Change a sale; nothing happens when no value differs. A lower value is a movement, as that of
    a refund, which its commissions follow, and takes a reason.

    ``vistas`` are the versions that its caller saw one of, if they say. Raises
    :class:`VersionDistinta`, :class:`ConversionCerrada` for one that counts no more,
    :class:`ConversionFija` for what is not changed, :class:`ConversionDuplicada`,
    :class:`ValorQueSube`, :class:`DevolucionExcesiva` and :class:`DatoInvalido`.
    """
    with transaction.atomic():
        actual = (
            Conversion.objects.select_related("campana", "afiliado")
            .select_for_update(of=("self",))
            .get(pk=conversion.pk)
        )
        exigir_vista(actual, vistas)
        distintos = _distintos(actual, cambios)
        baja = _baja(actual, cambios.valor)
        if not distintos and not baja:
            return actual
        if actual.estado in SIN_COMISION:
            raise ConversionCerrada(
                _("La venta está «%(estado)s»: ya no cambia.") % {"estado": actual.estado}
            )
        if distintos:
            _guardar(actual, distintos, actor, cambios.motivo.strip())
        if baja:
            _bajar(actual, baja, actor, exigir_motivo(cambios.motivo))
    return actual


def poner_conversion(
    *,
    conversion: Conversion,
    dicha: NuevaConversion,
    motivo: str,
    actor: Actor,
    vistas: frozenset[int] | None = None,
) -> Conversion:
    """Have a registered sale be as a shop says it, whole: what does not change must be as it was
    said. Whom it names, and who bought, decided whose the sale is when it came, and are not looked
    at again. Raises as :func:`cambiar_conversion`."""
    for campo, valor in _fijos(dicha).items():
        if getattr(conversion, campo) != valor:
            raise ConversionFija(campo=campo)
    return cambiar_conversion(
        conversion=conversion,
        cambios=CambiosDeVenta(
            metadatos=dicha.metadatos, enteros=True, valor=dicha.valor, motivo=motivo
        ),
        actor=actor,
        vistas=vistas,
    )


def _fijos(dicha: NuevaConversion) -> dict[str, Any]:
    nombres = nombres_de(dicha)
    fijos = {
        "tipo_conversion": dicha.tipo_conversion,
        "moneda": dicha.moneda or dicha.campana.moneda,
        "productos": exigir_productos(dicha.productos),
        **{campo: nombres[campo] for campo in ("canal_origen", "cupon", "enlace")},
    }
    # One that does not say when occurred when it came.
    return fijos if dicha.ocurrida_en is None else {**fijos, "ocurrida_en": dicha.ocurrida_en}


def valor_corregido(conversion: Conversion) -> Decimal:
    """What was sold, with what its price was reduced by."""
    rebajas = conversion.movimientos.filter(tipo=TipoMovimiento.AJUSTE)
    suma = rebajas.aggregate(s=Sum("monto"))["s"] or dinero.CERO
    # SQLite adds in binary: a sum of exact amounts comes back a hair off.
    return dinero.cuantizar(conversion.valor + suma, conversion.moneda)


def _distintos(actual: Conversion, cambios: CambiosDeVenta) -> dict[str, Any]:
    distintos: dict[str, Any] = {}
    if cambios.metadatos is not None:
        metadatos = _metadatos(actual, cambios)
        if metadatos != actual.metadatos:
            distintos["metadatos"] = metadatos
    if cambios.referencia_externa is not None:
        referencia = normalizar(cambios.referencia_externa)
        exigir_largo(referencia, MAX_REFERENCIA, "referencia_externa")
        exigir_ajena(referencia, "referencia_externa")
        if referencia != actual.referencia_externa:
            # Its refunds, and the sale itself sent again, come under the one that it has.
            if actual.referencia_externa is not None:
                raise ConversionFija(campo="referencia_externa")
            distintos["referencia_externa"] = referencia
    return distintos


def _metadatos(actual: Conversion, cambios: CambiosDeVenta) -> dict[str, Any]:
    dichos = dict(cambios.metadatos or {})
    previos = actual.metadatos if isinstance(actual.metadatos, dict) else {}
    nuevos = dichos
    if not cambios.enteros:
        nuevos = {
            c: v for c, v in {**previos, **dichos}.items() if c not in dichos or v is not None
        }
    exigir_metadatos(nuevos)
    for concepto in CONCEPTOS:
        # The engine read them: a commission is priced, and a refund shared out, by them.
        if monto_de(nuevos, concepto) != monto_de(previos, concepto):
            raise ConversionFija(campo=f"metadatos.{concepto}")
    if len(json.dumps(nuevos, ensure_ascii=False).encode()) > _MAX_METADATOS:
        raise DatoInvalido(_("Admite hasta 16 KiB."), campo="metadatos")
    return nuevos


def _baja(actual: Conversion, dicho: Decimal | None) -> Decimal:
    """By how much the value goes down: 0 when it stays."""
    if dicho is None:
        return dinero.CERO
    exigir_valor(dicho, actual.moneda, actual.tipo_conversion)
    valor = valor_corregido(actual)
    if dicho > valor:
        raise ValorQueSube(queda=valor, moneda=actual.moneda, campo="valor_conversion")
    return valor - dicho


def _guardar(actual: Conversion, distintos: Mapping[str, Any], actor: Actor, motivo: str) -> None:
    trozos = VENTAS.trozos_en(actual)
    claves = _claves_distintas(actual.metadatos, distintos.get("metadatos", actual.metadatos))
    for campo, valor in distintos.items():
        setattr(actual, campo, valor)
    actual.version += 1
    actual.actualizado_en = timezone.now()
    try:
        with transaction.atomic():
            actual.save(update_fields=[*distintos, "version", "actualizado_en"])
    except IntegrityError:
        otra = Conversion.objects.get(
            campana=actual.campana_id, referencia_externa=actual.referencia_externa
        )
        raise ConversionDuplicada(actual, otra) from None
    VENTAS.corregir(actual, trozos)
    # Whatever a shop attaches may be of a person: which keys changed is kept, and not their values.
    paso(
        entidad="conversion", entidad_id=actual.id_publico, accion="actualizar", actor=actor,
        motivo=motivo, datos={"campos": sorted(distintos), "metadatos": claves},
    ).save()  # fmt: skip
    publicar(
        eventos.ConversionActualizada(conversion_id=actual.id_publico, campos=sorted(distintos)),
        version=actual.version,
    )
    if "referencia_externa" in distintos:
        aplicar_pendientes([actual])


def _claves_distintas(antes: Any, ahora: Any) -> list[str]:
    antes = antes if isinstance(antes, dict) else {}
    return sorted(
        c for c in {**antes, **ahora} if (c in antes, antes.get(c)) != (c in ahora, ahora.get(c))
    )


def _bajar(actual: Conversion, cuanto: Decimal, actor: Actor, motivo: str) -> None:
    devolver(
        conversion=actual,
        datos=Devolucion(
            # Each version is corrected once.
            id_externo=f"cambio-{actual.id_publico}-{actual.version}",
            monto=cuanto,
            tipo=TipoMovimiento.AJUSTE,
            motivo=motivo,
        ),
        actor=actor,
    )
