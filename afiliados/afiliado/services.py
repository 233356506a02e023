"""All writes of affiliates: registration and data here, states in ``transiciones.py``."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from afiliados import eventos
from afiliados.afiliado.busqueda import AFILIADOS
from afiliados.afiliado.cambio import (
    TASAS,
    cambiar,
    como_quedaria,
    condiciones_distintas,
    guardar_unico,
    programar_condiciones,
    programar_configuracion,
)
from afiliados.afiliado.comprobacion import comprobar
from afiliados.afiliado.condiciones import CON_FECHA, es_grande, ultima
from afiliados.afiliado.configuracion import PROGRAMABLES, distinta
from afiliados.afiliado.documentos import documento_valido
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import (
    Afiliado,
    FrecuenciaResumen,
    Idioma,
    Nivel,
    TipoAfiliado,
)
from afiliados.afiliado.propuestas import proponer_condiciones
from afiliados.afiliado.selectors import CONDICIONES, correo_unico_de
from afiliados.afiliado.transiciones import (  # noqa: F401 - the door is here
    activar_afiliado,
    bloquear_afiliado,
    cerrar_afiliado,
    desbloquear_afiliado,
    reactivar_afiliado,
    rechazar_afiliado,
    suspender_afiliado,
)
from afiliados.errores import AfiliadoBorrado
from alpespartner.comun.actores import Actor
from alpespartner.comun.api.version import exigir_vista
from alpespartner.comun.db.campos import largo_de
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import exigir_largo, exigir_motivo, normalizar
from outbox.publicacion import publicar_todos

EDITABLES = (
    "nombre", "email", "telefono", "documento_tipo", "documento_pais", "documento_numero",
    "tipo_afiliado", "nivel", "referente", "referencia_externa", "idioma", "resumen",
    "ventana_atribucion_dias", *TASAS,
)  # fmt: skip
# Names by which somebody looks for an affiliate, or tells two apart.
TECLEADOS = frozenset(
    {"email", "telefono", "documento_tipo", "documento_numero", "documento_pais",
     "referencia_externa"}
)  # fmt: skip
_DOCUMENTO = ("documento_tipo", "documento_pais", "documento_numero")
_POR_SENTENCIA = 500


@dataclass(frozen=True, kw_only=True)
class NuevoAfiliado:
    """Data of an affiliate to register; rates in percent, ``comision_fija`` in ``moneda``."""

    nombre: str
    email: str
    telefono: str = ""
    documento_tipo: str = ""
    documento_pais: str = ""
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
    ventana_atribucion_dias: int | None = None
    idioma: str = Idioma.ES
    resumen: str = FrecuenciaResumen.DIARIO


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


def _con_documento(datos: dict[str, Any], actual: Afiliado) -> dict[str, Any]:
    """Data with a whole document in its form, if they say another one than an affiliate has: one
    from before documents were checked stays until somebody touches it. Raises
    :class:`DocumentoInvalido`."""
    tiene = tuple(getattr(actual, campo) or "" for campo in _DOCUMENTO)
    dicho = tuple(datos.get(campo, getattr(actual, campo)) or "" for campo in _DOCUMENTO)
    if dicho == tiene:
        return datos
    tipo, pais, numero = documento_valido(*dicho)
    return {
        **datos, "documento_tipo": tipo, "documento_pais": pais, "documento_numero": numero or None,
    }  # fmt: skip


def _construir(datos: NuevoAfiliado, *, activo: bool) -> Afiliado:
    dados = _en_su_forma({campo: getattr(datos, campo) for campo in EDITABLES})
    afiliado = Afiliado(
        id_publico=nuevo_id("af"),
        estado=EstadoAfiliado.ACTIVO if activo else EstadoAfiliado.PENDIENTE,
        correo_unico=correo_unico_de(dados["email"]),
        **_con_documento(dados, Afiliado()),
    )
    comprobar(afiliado)
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

    Raises :class:`DatoInvalido`, or :class:`AfiliadoDuplicado` when its e-mail, document or
    external reference is already registered.
    """
    with transaction.atomic():
        afiliado = _construir(datos, activo=activo)
        guardar_unico(lambda: afiliado.save(force_insert=True))
        AFILIADOS.apuntar([afiliado])
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
        guardar_unico(lambda: Afiliado.objects.bulk_create(afiliados, batch_size=_POR_SENTENCIA))
        poner_claves(afiliados)
        AFILIADOS.apuntar(afiliados)
        registros = [_registro(afiliado, actor) for afiliado in afiliados]
        Historial.objects.bulk_create(
            [registro for registro, _s in registros], batch_size=_POR_SENTENCIA
        )
        publicar_todos([saliente for _h, salientes in registros for saliente in salientes])
    return afiliados


def actualizar_afiliado(
    *,
    afiliado: Afiliado,
    cambios: Mapping[str, Any],
    actor: Actor,
    motivo: str = "",
    desde: datetime | None = None,
    vistas: frozenset[int] | None = None,
) -> Afiliado:
    """Change an affiliate's data; nothing happens when no value differs.

    ``vistas`` are the versions that its caller saw one of, if they say; raises
    :class:`VersionDistinta` when it is another by now.

    What it earns by, and who referred it, take a reason and hold for the sales that occur from
    ``desde`` on, now unless said, which may be later, or earlier while nothing since then was
    calculated. Its settings (``PROGRAMABLES``) wait for ``desde`` too, if that is to come. A large
    change of terms waits for another person (``propuestas.py``), and the rest of ``cambios`` does
    not. Raises :class:`DatoInvalido`, and :class:`YaPropuesto` when such a change waits already.
    """
    motivo = motivo.strip()
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        exigir_vista(actual, vistas)
        if actual.borrado_en is not None:
            raise AfiliadoBorrado()
        dados = _con_documento(_en_su_forma(cambios), actual)
        condiciones = condiciones_distintas(actual, dados)
        otros = {
            campo: valor
            for campo, valor in dados.items()
            if campo not in CON_FECHA and getattr(actual, campo) != valor
        }
        futuro = desde is not None and desde > timezone.now()
        if desde is not None and futuro:
            programada = distinta(actual, dados, desde)
            otros = {campo: valor for campo, valor in otros.items() if campo not in PROGRAMABLES}
            if programada:
                programar_configuracion(actual, programada, desde=desde, actor=actor, motivo=motivo)
        if condiciones:
            motivo = exigir_motivo(motivo)
            nuevas = como_quedaria(actual, condiciones)
            # An own minimum may need the currency that comes with them, or set one.
            comprobar(nuevas)
            if es_grande(ultima(actual) or actual, nuevas):
                proponer_condiciones(
                    afiliado=actual, condiciones=condiciones, desde=desde, actor=actor,
                    motivo=motivo,
                )  # fmt: skip
                condiciones = {}
        if condiciones and desde is not None and futuro:
            programar_condiciones(actual, condiciones, desde=desde, actor=actor, motivo=motivo)
            condiciones = {}
        if otros or condiciones:
            cambiar(actual, {**otros, **condiciones}, desde=desde, actor=actor, motivo=motivo)
    return actual
