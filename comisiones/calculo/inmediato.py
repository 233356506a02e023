"""``calculate`` of the earlier systems: register a conversion and its commission in one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import VERSION_FIJA
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.errores import Conflicto, ErrorDominio
from alpespartner.comun.idempotencia import huella, la_de_antes, reservar_fila
from alpespartner.comun.models import PeticionIdempotente
from alpespartner.comun.textos import normalizar
from comisiones.calculo.errores import ComisionExistente, ConversionDistinta
from comisiones.calculo.escritura import escribir_en
from comisiones.calculo.reposicion import reponer_comisiones
from comisiones.calculo.services import (
    Calculo,
    calcular_manual,
    calcular_recien_insertada,
    preparar_calculo,
)
from comisiones.comision.models import Comision
from comisiones.comision.selectors import comisiones_con_partes
from comisiones.reglas.tarifa import Tarifario
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import aplicar_pendientes, pedir_pendientes
from conversiones.ventas.models import Conversion
from conversiones.ventas.reposicion import reponer_si_volvio
from conversiones.ventas.selectors import buscar_conversion
from conversiones.ventas.services import (
    PREFIJO_CONVERSION,
    Anotacion,
    NuevaConversion,
    insertar_conversion,
    insertar_en,
    preparar_conversion,
)


@dataclass(frozen=True, kw_only=True)
class PeticionCalculo:
    """What the request says. ``referencia`` is the partner's conversion id, or our public one;
    ``importe`` is in the main unit of ``moneda``."""

    referencia: str
    afiliado: Afiliado
    campana: Campana
    importe: Decimal
    moneda: str


def registrar_y_calcular(*, peticion: PeticionCalculo, actor: Actor) -> tuple[Comision, bool]:
    """Register the conversion unless it exists and return its commission; ``True`` when new.

    One conversion id means one request for the whole programme. Raises what registering raises,
    and :class:`ConversionDistinta` when the id came before with other data.
    """
    peticion = replace(peticion, referencia=normalizar(peticion.referencia))
    try:
        return _atender(peticion, _preparar(peticion, actor), actor)
    except _OtroAfiliado:
        preparada = _preparar(peticion, actor)
        if isinstance(preparada, _Preparada):
            # Worked out again, under its lock.
            preparada = replace(preparada, calculo=None)
        return _atender(peticion, preparada, actor)


def _atender(
    peticion: PeticionCalculo, preparada: _Preparada | ErrorDominio, actor: Actor
) -> tuple[Comision, bool]:
    with transaction.atomic():
        comision = _nueva(peticion, preparada, actor)
        if comision is not None:
            return comision, True
        conversion = _existente(peticion)
        if isinstance(preparada, _Preparada) and reponer_si_volvio(
            sabida=conversion, dicha=preparada.conversion, actor=actor
        ):
            reponer_comisiones(conversiones_ids=[conversion.id_publico], actor=actor)
        try:
            return calcular_manual(conversion=conversion, terminos=None, actor=actor), True
        except ComisionExistente as exc:
            return comisiones_con_partes().get(pk=exc.comision.pk), False


@dataclass(frozen=True, slots=True)
class _Preparada:
    """All that a new sale writes."""

    conversion: Conversion
    anotacion: Anotacion
    tarifario: Tarifario
    calculo: Calculo | None


def _preparar(peticion: PeticionCalculo, actor: Actor) -> _Preparada | ErrorDominio:
    """A new sale, or why it cannot be one, which does not matter when it is known already."""
    datos = NuevaConversion(
        afiliado=peticion.afiliado,
        campana=peticion.campana,
        valor=peticion.importe,
        moneda=peticion.moneda,
        referencia_externa=peticion.referencia,
    )
    try:
        conversion, anotacion = preparar_conversion(datos=datos, actor=actor)
    except ErrorDominio as exc:
        return exc
    tarifario = Tarifario([peticion.campana.pk], [peticion.afiliado.pk])
    calculo = preparar_calculo(
        conversion=conversion, anotacion=anotacion, tarifario=tarifario, actor=actor
    )
    return _Preparada(conversion, anotacion, tarifario, calculo)


class _OtroAfiliado(Exception):
    """Whoever sold changed since it was read: what was written is undone."""


def _nueva(
    peticion: PeticionCalculo, preparada: _Preparada | ErrorDominio, actor: Actor
) -> Comision | None:
    """The commission of a sale whose id comes for the first time; None when it came before."""
    reserva = PeticionIdempotente(
        ambito="commissions.calculate",
        clave=peticion.referencia,
        huella=huella(
            [
                peticion.afiliado.id_publico,
                peticion.campana.id_publico,
                f"{peticion.importe.normalize():f}",
                peticion.moneda,
            ]
        ),
    )
    try:
        if isinstance(preparada, _Preparada) and preparada.calculo is not None:
            return _escribir(reserva, preparada.conversion, preparada.calculo)
        if not reservar_fila(reserva)[1] or _es_nuestra(peticion):
            return None
    except Conflicto:
        raise _distinta(peticion) from None
    if isinstance(preparada, ErrorDominio):
        raise preparada
    return _registrar(preparada, actor)


def _escribir(
    reserva: PeticionIdempotente, conversion: Conversion, calculo: Calculo
) -> Comision | None:
    """Write a new sale with the commission that was worked out for it, at once."""
    remesa = Remesa()
    remesa.insertar(reserva)
    insertar_en(remesa, conversion)
    fijos = remesa.leer(VERSION_FIJA, conversion.vendedor.pk)
    escribir_en(remesa, calculo.comision, calculo.anotado)
    # After its event: a refund that came first is a later fact of the same sale.
    esperan = pedir_pendientes(remesa, conversion)
    sobra = remesa.enviar([reserva, conversion])
    if sobra is reserva:
        la_de_antes(reserva)
    if sobra is not None:
        return None
    if [fijo.version for fijo in fijos] != [conversion.vendedor.version]:
        raise _OtroAfiliado
    if esperan:
        aplicar_pendientes([conversion])
    return calculo.comision


def _es_nuestra(peticion: PeticionCalculo) -> bool:
    """Whether the request names a known conversion by our id."""
    return (
        peticion.referencia.startswith(f"{PREFIJO_CONVERSION}_")
        and Conversion.objects.filter(id_publico=peticion.referencia).exists()
    )


def _registrar(preparada: _Preparada, actor: Actor) -> Comision | None:
    """Write a new sale with its commission; None when another door registered it before."""
    if insertar_conversion(preparada.conversion) is not None:
        return None
    comision = calcular_recien_insertada(
        conversion=preparada.conversion,
        anotacion=preparada.anotacion,
        tarifario=preparada.tarifario,
        actor=actor,
    )
    aplicar_pendientes([preparada.conversion])
    return comision


def _existente(peticion: PeticionCalculo) -> Conversion:
    """The conversion that another door registered; it must say the same."""
    todas = Conversion.objects.select_related("afiliado", "campana")
    conversion = buscar_conversion(peticion.referencia, peticion.campana, todas)
    assert conversion is not None  # noqa: S101 - the caller knows that it exists
    dicho = (peticion.afiliado.pk, peticion.campana.pk, peticion.importe, peticion.moneda)
    sabido = (conversion.afiliado_id, conversion.campana_id, conversion.valor, conversion.moneda)
    if dicho != sabido:
        raise _distinta(peticion)
    return conversion


def _distinta(peticion: PeticionCalculo) -> ConversionDistinta:
    return ConversionDistinta(
        _("La conversión «%(id)s» ya se registró con otros datos.") % {"id": peticion.referencia}
    )
