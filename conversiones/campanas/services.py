"""All writes of campaigns."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido, MonedaDesconocida
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_largo, exigir_motivo, normalizar
from conversiones import eventos
from conversiones.campanas.busqueda import CAMPANAS
from conversiones.campanas.destinos import es_sitio
from conversiones.campanas.dias import es_zona
from conversiones.campanas.errores import CampanaDuplicada, CampanaVencida, MonedaFija, ZonaFija
from conversiones.campanas.estados import CAMPANA, EstadoCampana
from conversiones.campanas.models import (
    MAX_DIRECCION,
    MAX_REFERENCIA,
    Campana,
    zona_del_programa,
)
from conversiones.campanas.selectors import lleva_a_un_sitio
from outbox.publicacion import publicar

log = logging.getLogger(__name__)

EDITABLES = (
    "nombre", "descripcion", "referencia_externa", "moneda", "zona", "inicia_en", "termina_en",
    "presupuesto", "canales", "dias_retencion", "modelo_atribucion", "ventana_atribucion_dias",
    "cupon_reasigna", "pagina", "destinos", "parametros", "consentimiento",
)  # fmt: skip
MAX_DESTINOS = 50
MAX_PARAMETROS = 20
_PARAMETRO = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_VENCIDAS = Ronda()
# What the history and the event of an end by date say.
MOTIVO_FECHA = gettext_noop("Llegó su fecha de fin.")


def _en_su_forma(datos: Mapping[str, Any]) -> dict[str, Any]:
    """Editable data, with the names that people type in their form. Raises
    :class:`ReferenciaReservada` and :class:`DatoInvalido`."""
    datos = {k: v for k, v in datos.items() if k in EDITABLES}
    if datos.get("referencia_externa"):
        referencia = normalizar(datos["referencia_externa"])
        exigir_largo(referencia, MAX_REFERENCIA, "referencia_externa")
        datos["referencia_externa"] = exigir_ajena(referencia, "referencia_externa") or None
    if "zona" in datos:
        datos["zona"] = datos["zona"].strip() or zona_del_programa()
    if "pagina" in datos:
        datos["pagina"] = datos["pagina"].strip()
    if "parametros" in datos:
        datos["parametros"] = list(
            dict.fromkeys(p for p in map(str.strip, datos["parametros"]) if p)
        )
    if "destinos" in datos:
        sitios = (sitio.strip().lower() for sitio in datos["destinos"])
        datos["destinos"] = list(dict.fromkeys(sitio for sitio in sitios if sitio))
    return datos


def _comprobar(campana: Campana) -> None:
    try:
        exacto = campana.presupuesto is None or dinero.es_exacto(
            campana.presupuesto, campana.moneda
        )
        dinero.exponente(campana.moneda)
    except dinero.DineroInvalido as exc:
        raise MonedaDesconocida(exc) from None
    if not exacto or (campana.presupuesto is not None and campana.presupuesto < 0):
        raise DatoInvalido(_("No es un importe válido en esa moneda."), campo="presupuesto")
    if campana.termina_en is not None and campana.termina_en <= campana.inicia_en:
        raise DatoInvalido(_("Debe terminar después de iniciar."), campo="termina_en")
    if not es_zona(campana.zona):
        raise DatoInvalido(
            _("Escribe el nombre de una zona horaria, como America/Bogota."), campo="zona"
        )
    if not campana.referencia_externa:
        campana.referencia_externa = None
    _comprobar_destinos(campana)


def _tiene_cifras(campana: Campana) -> bool:
    """Whether what was sold or clicked in it was counted by its days and its currency."""
    return campana.conversiones.exists() or campana.enlaces.filter(dias__isnull=False).exists()


def _comprobar_destinos(campana: Campana) -> None:
    exigir_largo(campana.pagina, MAX_DIRECCION, "pagina")
    if campana.pagina and not lleva_a_un_sitio(campana.pagina):
        raise DatoInvalido(
            _(
                "Escribe una dirección que empiece por https://, sin usuario, y en ASCII (xn--…) "
                "si el nombre del sitio lleva acentos."
            ),
            campo="pagina",
        )
    if len(campana.destinos) > MAX_DESTINOS or not all(es_sitio(s) for s in campana.destinos):
        raise DatoInvalido(
            _("Escribe solo nombres de sitios, como tienda.ejemplo.com, hasta %(n)s.")
            % {"n": MAX_DESTINOS},
            campo="destinos",
        )
    if len(campana.parametros) > MAX_PARAMETROS or not all(
        _PARAMETRO.fullmatch(p) for p in campana.parametros
    ):
        raise DatoInvalido(
            _("Escribe nombres de parámetros, como via o ref, hasta %(n)s.")
            % {"n": MAX_PARAMETROS},
            campo="parametros",
        )


def _guardar(campana: Campana, **opciones: Any) -> None:
    try:
        with transaction.atomic():
            campana.save(**opciones)
    except IntegrityError:
        raise CampanaDuplicada() from None


def crear_campana(*, datos: Mapping[str, Any], actor: Actor) -> Campana:
    """Draft a campaign. ``datos`` are fields of EDITABLES; raises :class:`DatoInvalido`."""
    with transaction.atomic():
        campana = Campana(id_publico=nuevo_id("camp"), **_en_su_forma(datos))
        _comprobar(campana)
        if campana.presupuesto is not None:
            campana.presupuesto_desde = timezone.now()
        _guardar(campana, force_insert=True)
        CAMPANAS.apuntar([campana])
        paso(
            entidad="campana", entidad_id=campana.id_publico, accion="crear", actor=actor,
            estado_nuevo=campana.estado,
        ).save()  # fmt: skip
        publicar(
            eventos.CampanaCreada(
                campana_id=campana.id_publico, nombre=campana.nombre, moneda=campana.moneda
            ),
            version=campana.version,
        )
    return campana


def actualizar_campana(*, campana: Campana, cambios: Mapping[str, Any], actor: Actor) -> Campana:
    """Change a campaign's data. Its currency and its zone are fixed once it has figures. What a
    budget that is new has been spent is counted by whoever spends next; what waited for room is
    released by event.

    Raises :class:`DatoInvalido`, :class:`MonedaFija`, :class:`ZonaFija` or
    :class:`CampanaDuplicada`.
    """
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        distintos = {
            campo: valor
            for campo, valor in _en_su_forma(cambios).items()
            if getattr(actual, campo) != valor
        }
        if not distintos:
            return actual
        if distintos.keys() & {"moneda", "zona"} and _tiene_cifras(actual):
            raise MonedaFija() if "moneda" in distintos else ZonaFija()
        trozos = CAMPANAS.trozos_en(actual)
        sin_limite = actual.presupuesto is None
        for campo, valor in distintos.items():
            setattr(actual, campo, valor)
        _comprobar(actual)
        actual.version += 1
        actual.actualizado_en = timezone.now()
        if sin_limite and actual.presupuesto is not None:
            actual.presupuesto_desde = actual.actualizado_en
        _guardar(
            actual, update_fields=[*distintos, "presupuesto_desde", "version", "actualizado_en"]
        )
        CAMPANAS.corregir(actual, trozos)
        paso(
            entidad="campana", entidad_id=actual.id_publico, accion="actualizar", actor=actor,
            datos={"campos": sorted(distintos)},
        ).save()  # fmt: skip
        publicar(
            eventos.CampanaActualizada(campana_id=actual.id_publico, campos=sorted(distintos)),
            version=actual.version,
        )
    return actual


def predeterminar_campana(*, campana: Campana, actor: Actor) -> Campana:
    """Make a campaign take the conversions that name none."""
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        Campana.objects.filter(predeterminada=True).exclude(pk=actual.pk).update(
            predeterminada=None
        )
        actual.predeterminada = True
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(update_fields=["predeterminada", "version", "actualizado_en"])
        paso(
            entidad="campana", entidad_id=actual.id_publico, accion="predeterminar", actor=actor
        ).save()
        publicar(
            eventos.CampanaActualizada(campana_id=actual.id_publico, campos=["predeterminada"]),
            version=actual.version,
        )
    return actual


def pedir_inscripcion(*, campana: Campana, actor: Actor, motivo: str) -> Campana:
    """From now on only who is enrolled earns in a campaign; what occurred before stays as it was.
    A reason is required. Twice is once."""
    return _con_inscripcion(campana, True, "pedir_inscripcion", actor, motivo)


def abrir_a_todos(*, campana: Campana, actor: Actor, motivo: str) -> Campana:
    """Let everybody earn in a campaign, enrolled or not. A reason is required. Twice is once."""
    return _con_inscripcion(campana, False, "abrir_a_todos", actor, motivo)


def _con_inscripcion(
    campana: Campana, pedida: bool, accion: str, actor: Actor, motivo: str
) -> Campana:
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        if (actual.inscripcion_desde is not None) == pedida:
            return actual
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.inscripcion_desde = actual.actualizado_en if pedida else None
        actual.save(update_fields=["inscripcion_desde", "version", "actualizado_en"])
        paso(
            entidad="campana", entidad_id=actual.id_publico, accion=accion, actor=actor,
            motivo=motivo,
        ).save()  # fmt: skip
        publicar(
            eventos.CampanaActualizada(campana_id=actual.id_publico, campos=["inscripcion_desde"]),
            version=actual.version,
        )
    return actual


def _cambiar_estado(
    campana: Campana, destino: str, *, accion: str, evento: Any, actor: Actor, motivo: str = ""
) -> Campana:
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=campana.pk)
        CAMPANA.exigir(actual, destino)
        if destino == EstadoCampana.ACTIVA and vencio(actual, timezone.now()):
            raise CampanaVencida()
        CAMPANA.transitar(actual, destino, accion=accion, actor=actor, motivo=motivo)
        publicar(evento, version=actual.version)
    return actual


def activar_campana(*, campana: Campana, actor: Actor) -> Campana:
    """Start or resume a campaign. Raises :class:`CampanaVencida` past its end, which would end it
    at once and for good."""
    return _cambiar_estado(
        campana,
        EstadoCampana.ACTIVA,
        accion="activar",
        evento=eventos.CampanaActivada(campana_id=campana.id_publico),
        actor=actor,
    )


def pausar_campana(*, campana: Campana, actor: Actor, motivo: str) -> Campana:
    """Refuse conversions until it is activated again. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        campana,
        EstadoCampana.PAUSADA,
        accion="pausar",
        evento=eventos.CampanaPausada(campana_id=campana.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def finalizar_campana(*, campana: Campana, actor: Actor, motivo: str) -> Campana:
    """End a campaign for good. A reason is required."""
    motivo = exigir_motivo(motivo)
    return _cambiar_estado(
        campana,
        EstadoCampana.FINALIZADA,
        accion="finalizar",
        evento=eventos.CampanaFinalizada(campana_id=campana.id_publico, motivo=motivo),
        actor=actor,
        motivo=motivo,
    )


def vencio(campana: Campana, ahora: datetime) -> bool:
    """Whether the date of a campaign's end, of which the last instant still counts, has gone by."""
    return campana.termina_en is not None and campana.termina_en < ahora


def finalizar_vencidas(*, actor: Actor, limite: int = 200) -> int:
    """End the campaigns, active or paused, whose date has gone by; returns how many."""
    vencidas = Campana.objects.filter(
        estado__in=CAMPANA.origenes(EstadoCampana.FINALIZADA), termina_en__lt=timezone.now()
    )
    finalizadas = 0
    for pk in _VENCIDAS.siguientes(vencidas, limite):
        try:
            finalizadas += _finalizar_vencida(pk, actor)
        except Exception:
            # One that cannot be ended must not stop those behind it.
            log.exception("campaña %s: no se pudo finalizar", pk)
    return finalizadas


def _finalizar_vencida(pk: int, actor: Actor) -> bool:
    with transaction.atomic():
        actual = Campana.objects.select_for_update().get(pk=pk)
        # Somebody may have given it more time, or ended it, meanwhile.
        if not vencio(actual, timezone.now()) or not CAMPANA.permite(
            actual.estado, EstadoCampana.FINALIZADA
        ):
            return False
        finalizar_campana(campana=actual, actor=actor, motivo=MOTIVO_FECHA)
    return True
