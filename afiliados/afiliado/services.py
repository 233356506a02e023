"""All writes of affiliates: registration, data and states."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados import eventos
from afiliados.afiliado.estados import AFILIADO, EstadoAfiliado
from afiliados.afiliado.models import Afiliado, Nivel, TipoAfiliado
from afiliados.afiliado.selectors import CONDICIONES, afiliados_fijos
from afiliados.errores import AfiliadoDuplicado, CicloDeReferentes
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar
from alpespartner.comun.db.campos import largo_de
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.errores import (
    CuatroOjos,
    DatoInvalido,
    DemasiadoPreciso,
    MonedaDesconocida,
    TransicionInvalida,
)
from alpespartner.comun.historial import historial_de, paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.models import Historial
from alpespartner.comun.separacion import son_las_mismas
from alpespartner.comun.textos import exigir_largo, exigir_motivo, normalizar
from outbox.publicacion import publicar, publicar_todos

TASAS = ("comision_base", "comision_premium", "comision_fija", "moneda_comision", "minimo_pago")
EDITABLES = (
    "nombre", "email", "telefono", "documento_tipo", "documento_numero", "tipo_afiliado", "nivel",
    "referente", "referencia_externa", *TASAS,
)  # fmt: skip
# Names by which somebody looks for an affiliate, or tells two apart.
TECLEADOS = frozenset(
    {"email", "telefono", "documento_tipo", "documento_numero", "referencia_externa"}
)
PERSONALES = frozenset({"nombre", "email", "telefono", "documento_tipo", "documento_numero"})
_POR_SENTENCIA = 500


@dataclass(frozen=True, kw_only=True)
class NuevoAfiliado:
    """Data of an affiliate to register; rates in percent, ``comision_fija`` in ``moneda``."""

    nombre: str
    email: str
    telefono: str = ""
    documento_tipo: str = ""
    documento_numero: str | None = None
    tipo_afiliado: str = TipoAfiliado.ESTANDAR
    nivel: str = Nivel.BRONCE
    referente: Afiliado | None = None
    referencia_externa: str | None = None
    comision_base: Decimal | None = None
    comision_premium: Decimal | None = None
    comision_fija: Decimal | None = None
    moneda_comision: str = ""
    minimo_pago: Decimal | None = None


def _en_su_forma(datos: Mapping[str, Any]) -> dict[str, Any]:
    """Editable data, with the names that people type in their form. Raises
    :class:`ReferenciaReservada` and :class:`DatoInvalido`."""
    datos = {campo: valor for campo, valor in datos.items() if campo in EDITABLES}
    for campo in TECLEADOS & datos.keys():
        nombre = normalizar(datos[campo] or "")
        exigir_largo(nombre, largo_de(Afiliado, campo), campo)
        # Nothing is NULL where the column may be.
        datos[campo] = nombre or (None if Afiliado._meta.get_field(campo).null else "")
    if datos.get("referencia_externa"):
        exigir_ajena(datos["referencia_externa"], "referencia_externa")
    if "nombre" in datos:
        # Joiners mean something in the names of people: only their composition is ours.
        datos["nombre"] = unicodedata.normalize("NFC", datos["nombre"])
    return datos


def _comprobar(afiliado: Afiliado) -> None:
    """Rules that hold for every affiliate; raises :class:`DatoInvalido` naming the field."""
    for campo in ("comision_base", "comision_premium"):
        tasa = getattr(afiliado, campo)
        if tasa is not None and not 0 <= tasa <= 100:
            raise DatoInvalido(_("El porcentaje va de 0 a 100."), campo=campo)
    montos = [m for m in (afiliado.comision_fija, afiliado.minimo_pago) if m is not None]
    if montos and not afiliado.moneda_comision:
        afiliado.moneda_comision = settings.MONEDA
    if afiliado.moneda_comision:
        try:
            dinero.exponente(afiliado.moneda_comision)
        except dinero.DineroInvalido as exc:
            raise MonedaDesconocida(exc, campo="moneda_comision") from None
    for campo in ("comision_fija", "minimo_pago"):
        monto = getattr(afiliado, campo)
        if monto is None:
            continue
        if monto < 0:
            raise DatoInvalido(_("No puede ser negativo."), campo=campo)
        if not dinero.es_exacto(monto, afiliado.moneda_comision):
            raise DemasiadoPreciso(
                _("Tiene más decimales de los que admite %(moneda)s.")
                % {"moneda": afiliado.moneda_comision},
                campo=campo,
            )
    if afiliado.comision_fija is not None and afiliado.tasa_propia is not None:
        raise DatoInvalido(
            _("Elige un porcentaje o una comisión fija, no ambos."), campo="comision_fija"
        )
    if not afiliado.documento_numero:
        afiliado.documento_numero = None
    if not afiliado.referencia_externa:
        afiliado.referencia_externa = None


def _comprobar_referente(afiliado: Afiliado) -> None:
    """Nobody is above itself. The chain is read as it is now and kept so until the transaction
    ends: two changes at once could close a cycle that neither sees."""
    vistos = {afiliado.pk}
    siguiente = afiliado.referente_id
    while siguiente is not None:
        if siguiente in vistos:
            raise CicloDeReferentes()
        vistos.add(siguiente)
        siguiente = afiliados_fijos({siguiente})[siguiente].referente_id


def _construir(datos: NuevoAfiliado, *, activo: bool) -> Afiliado:
    afiliado = Afiliado(
        id_publico=nuevo_id("af"),
        estado=EstadoAfiliado.ACTIVO if activo else EstadoAfiliado.PENDIENTE,
        **_en_su_forma({campo: getattr(datos, campo) for campo in EDITABLES}),
    )
    _comprobar(afiliado)
    return afiliado


def _dichos(afiliado: Afiliado) -> list[str]:
    """Terms that a registration sets: those that are not what any affiliate has."""
    omision = Afiliado()
    return sorted(
        campo
        for campo in (*CONDICIONES, "referente")
        if getattr(afiliado, campo) != getattr(omision, campo)
    )


def _registro(afiliado: Afiliado, actor: Actor) -> tuple[Historial, list[tuple[Any, int]]]:
    registro = paso(
        entidad="afiliado",
        entidad_id=afiliado.id_publico,
        accion="registrar",
        actor=actor,
        estado_nuevo=afiliado.estado,
        # Whoever sets what it earns does not approve it.
        datos={"campos": _dichos(afiliado)},
    )
    salientes: list[tuple[Any, int]] = [
        (
            eventos.AfiliadoRegistrado(
                afiliado_id=afiliado.id_publico,
                tipo_afiliado=afiliado.tipo_afiliado,
                estado=afiliado.estado,
            ),
            afiliado.version,
        )
    ]
    if afiliado.estado == EstadoAfiliado.ACTIVO:
        salientes.append(
            (eventos.AfiliadoActivado(afiliado_id=afiliado.id_publico), afiliado.version)
        )
    return registro, salientes


def registrar_afiliado(*, datos: NuevoAfiliado, actor: Actor, activo: bool = False) -> Afiliado:
    """Register an affiliate, pending or already ``activo``.

    Raises :class:`DatoInvalido`, or :class:`AfiliadoDuplicado` when its document or external
    reference is already registered.
    """
    with transaction.atomic():
        afiliado = _construir(datos, activo=activo)
        _guardar_unico(lambda: afiliado.save(force_insert=True))
        registro, salientes = _registro(afiliado, actor)
        registro.save()
        publicar_todos(salientes)
    return afiliado


def registrar_afiliados(
    *, datos: Sequence[NuevoAfiliado], actor: Actor, activo: bool = False
) -> list[Afiliado]:
    """Register many affiliates in one transaction; the first bad one undoes them all."""
    with transaction.atomic():
        afiliados = [_construir(uno, activo=activo) for uno in datos]
        _guardar_unico(lambda: Afiliado.objects.bulk_create(afiliados, batch_size=_POR_SENTENCIA))
        poner_claves(afiliados)
        registros = [_registro(afiliado, actor) for afiliado in afiliados]
        Historial.objects.bulk_create(
            [registro for registro, _s in registros], batch_size=_POR_SENTENCIA
        )
        publicar_todos([saliente for _h, salientes in registros for saliente in salientes])
    return afiliados


def _guardar_unico(guardar: Any) -> None:
    try:
        with transaction.atomic():
            guardar()
    except IntegrityError:
        raise AfiliadoDuplicado() from None


def actualizar_afiliado(
    *, afiliado: Afiliado, cambios: Mapping[str, Any], actor: Actor, motivo: str = ""
) -> Afiliado:
    """Change an affiliate's data; nothing happens when no value differs.

    New rates apply to what is calculated from now on. A change of what it earns or of who referred
    it takes a reason. Raises :class:`DatoInvalido`.
    """
    motivo = motivo.strip()
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        distintos = {
            campo: valor
            for campo, valor in _en_su_forma(cambios).items()
            if getattr(actual, campo) != valor
        }
        if not distintos:
            return actual
        if not distintos.keys().isdisjoint((*CONDICIONES, "referente")):
            motivo = exigir_motivo(motivo)
        antes = {campo: getattr(actual, campo) for campo in distintos}
        for campo, valor in distintos.items():
            setattr(actual, campo, valor)
        _comprobar(actual)
        # A new affiliate refers nobody yet: only a change can close a cycle.
        if "referente" in distintos:
            _comprobar_referente(actual)
        actual.version += 1
        actual.actualizado_en = timezone.now()
        _guardar_unico(lambda: actual.save(update_fields=[*distintos, "version", "actualizado_en"]))
        cambio = paso(
            entidad="afiliado",
            entidad_id=actual.id_publico,
            accion="actualizar",
            actor=actor,
            motivo=motivo,
            datos={
                "campos": sorted(distintos),
                **_antes_y_despues(antes, {c: getattr(actual, c) for c in distintos}),
            },
        )
        cambio.save()
        publicar(
            eventos.AfiliadoActualizado(afiliado_id=actual.id_publico, campos=sorted(distintos)),
            version=actual.version,
        )
        if "email" in distintos:
            _tras_cambiar_de_correo(actual, cambio)
        if not distintos.keys().isdisjoint(TASAS):
            publicar(
                eventos.ConfiguracionComisionesActualizada(
                    afiliado_id=actual.id_publico,
                    comision_base=_texto(actual.comision_base),
                    comision_premium=_texto(actual.comision_premium),
                    comision_fija=_texto(actual.comision_fija),
                    moneda=actual.moneda_comision,
                ),
                version=actual.version,
            )
    return actual


def _antes_y_despues(antes: Mapping[str, Any], despues: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new values for the history; in ``personales``, encrypted, those of the person."""
    lados = {"antes": antes, "despues": despues}
    legibles = {
        lado: {c: _legible(v) for c, v in valores.items() if c not in PERSONALES}
        for lado, valores in lados.items()
    }
    suyos = {
        lado: {c: v for c, v in valores.items() if c in PERSONALES}
        for lado, valores in lados.items()
    }
    if suyos["antes"]:
        return {**legibles, "personales": cifrar(json.dumps(suyos, ensure_ascii=False))}
    return legibles


def _legible(valor: Any) -> str | None:
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


def _cambiar_estado(
    afiliado: Afiliado,
    destino: str,
    *,
    accion: str,
    evento: Any,
    actor: Actor,
    motivo: str,
    desde: str | None = None,
) -> Afiliado:
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        if desde is not None and actual.estado != desde:
            raise TransicionInvalida(
                _("%(id)s está «%(origen)s», no «%(desde)s».")
                % {"id": actual.id_publico, "origen": actual.estado, "desde": desde},
                estado=actual.estado,
            )
        AFILIADO.transitar(actual, destino, accion=accion, actor=actor, motivo=motivo)
        publicar(evento, version=actual.version)
    return actual


def activar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str = "") -> Afiliado:
    """Let a pending or suspended affiliate earn. Its held commissions go on by event."""
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.ACTIVO,
        accion="activar",
        evento=eventos.AfiliadoActivado(afiliado_id=afiliado.id_publico),
        actor=actor,
        motivo=motivo.strip(),
    )


def rechazar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Turn down a pending affiliate. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.RECHAZADO,
        accion="rechazar",
        evento=eventos.AfiliadoRechazado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def suspender_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Stop accepting an affiliate's conversions. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.SUSPENDIDO,
        accion="suspender",
        evento=eventos.AfiliadoSuspendido(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
        # From a block there is another way to this state, and it takes two persons.
        desde=EstadoAfiliado.ACTIVO,
    )


def bloquear_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Stop an affiliate's conversions and payments. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.BLOQUEADO,
        accion="bloquear",
        evento=eventos.AfiliadoBloqueado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def desbloquear_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Lift a block: a second person leaves the affiliate suspended.

    Raises :class:`CuatroOjos` for the person who blocked it.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        # Locked before its history is read: meanwhile it may be lifted, and blocked by another.
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        bloqueo = historial_de("afiliado", actual.id_publico).filter(accion="bloquear").last()
        if bloqueo is not None and son_las_mismas(bloqueo.actor, actor):
            raise CuatroOjos(
                _("Quien bloqueó al afiliado no puede desbloquearlo: pídeselo a otra persona.")
            )
        return _cambiar_estado(
            actual,
            EstadoAfiliado.SUSPENDIDO,
            accion="desbloquear",
            evento=eventos.AfiliadoDesbloqueado(afiliado_id=actual.id_publico, motivo=motivo),
            actor=actor,
            motivo=motivo,
            desde=EstadoAfiliado.BLOQUEADO,
        )


def cerrar_afiliado(*, afiliado: Afiliado, actor: Actor, motivo: str) -> Afiliado:
    """Close a suspended affiliate for good. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        afiliado,
        EstadoAfiliado.CERRADO,
        accion="cerrar",
        evento=eventos.AfiliadoCerrado(afiliado_id=afiliado.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )
