"""Keeping a report, changing it and retiring it. What sends it is in ``envio.py``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import monedas
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import normalizar
from alpespartner.comun.turnos import tomar
from comisiones.metricas.informe import FIGURAS
from comisiones.metricas.selectors import Agrupar
from comisiones.reportes.errores import (
    DemasiadosReportes,
    NombreDeReporteTomado,
    ReporteRetirado,
    SinDestinatarios,
)
from comisiones.reportes.models import Reporte
from comisiones.reportes.periodos import Periodo, toca_tras
from comisiones.reportes.selectors import admisibles
from conversiones.campanas.dias import es_zona

# Of one person, besides the retired ones.
LIMITE = 50
MAX_DESTINATARIOS = 50
CAMPOS = (
    "nombre", "agrupar", "campana", "afiliado", "canal", "moneda", "columnas", "periodo", "zona",
    "hora", "programado", "compartido",
)  # fmt: skip
# Whoever sets one of these sends figures to other people.
DE_OTROS = ("programado", "compartido", "destinatarios")


def guardar_reporte(*, actor: Actor, destinatarios: Collection[User] = (), **datos: Any) -> Reporte:
    """Keep a report under a name.

    Raises DatoInvalido, :class:`NombreDeReporteTomado`, :class:`DemasiadosReportes` and
    :class:`SinDestinatarios`.
    """
    reporte = Reporte(id_publico=nuevo_id("rep"), creado_por=str(actor))
    with transaction.atomic():
        # Two at once would each miss the other's.
        tomar([f"reportes:{actor}"[:32]])
        if _suyos(reporte).count() >= LIMITE:
            raise DemasiadosReportes()
        _poner(reporte, datos, destinatarios)
        reporte.save()
        reporte.destinatarios.set(destinatarios)
        _anotar(reporte, "guardar", actor, destinatarios)
    return reporte


def cambiar_reporte(*, reporte: Reporte, cambios: dict[str, Any], actor: Actor) -> Reporte:
    """Change what a report is from its next period on: what was sent stays as it is.

    Raises as :func:`guardar_reporte`, and :class:`ReporteRetirado`.
    """
    with transaction.atomic():
        tomar([f"reportes:{reporte.creado_por}"[:32]])
        actual = Reporte.objects.select_for_update().get(pk=reporte.pk)
        if actual.retirado_en is not None:
            raise ReporteRetirado()
        datos = dict(cambios)
        destinatarios = datos.pop("destinatarios", None)
        elegidos = list(actual.destinatarios.all()) if destinatarios is None else destinatarios
        _poner(actual, datos, elegidos)
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save()
        actual.destinatarios.set(elegidos)
        _anotar(actual, "cambiar", actor, elegidos)
    return actual


def retirar_reporte(*, reporte: Reporte, actor: Actor) -> Reporte:
    """Send it no more and show it in no list of what is used; what was sent stays.

    Raises :class:`ReporteRetirado`.
    """
    with transaction.atomic():
        actual = Reporte.objects.select_for_update().get(pk=reporte.pk)
        if actual.retirado_en is not None:
            raise ReporteRetirado()
        actual.retirado_en = actual.actualizado_en = timezone.now()
        actual.programado, actual.toca_en = False, None
        actual.version += 1
        actual.save(
            update_fields=["retirado_en", "actualizado_en", "programado", "toca_en", "version"]
        )
        _anotar(actual, "retirar", actor, ())
    return actual


def _poner(reporte: Reporte, datos: dict[str, Any], destinatarios: Collection[User]) -> None:
    """Set and check its fields."""
    for campo, valor in datos.items():
        if campo not in CAMPOS:
            raise FieldDoesNotExist(campo)
        setattr(reporte, campo, valor)
    _exigir(reporte, destinatarios)
    if not reporte.programado:
        reporte.toca_en = None
    elif reporte.toca_en is None or datos.keys() & {"periodo", "zona", "hora", "programado"}:
        reporte.toca_en = toca_tras(reporte.periodo, reporte.zona, reporte.hora, timezone.now())
    reporte.problema = ""


def _exigir(reporte: Reporte, destinatarios: Collection[User]) -> None:
    reporte.nombre = normalizar(reporte.nombre)
    largo = Reporte._meta.get_field("nombre").max_length or 0
    if not reporte.nombre or len(reporte.nombre) > largo:
        dicho = _("Escribe un nombre de hasta %(n)s caracteres.") % {"n": largo}
        raise DatoInvalido(dicho, campo="nombre")
    if _suyos(reporte).filter(nombre=reporte.nombre).exists():
        raise NombreDeReporteTomado()
    reporte.canal = normalizar(reporte.canal)
    reporte.zona = reporte.zona.strip()
    elegidas = reporte.columnas
    if not elegidas or not set(elegidas) <= set(FIGURAS):
        raise DatoInvalido(_("Elige al menos una columna."), campo="columnas")
    reporte.columnas = [columna for columna in FIGURAS if columna in elegidas]
    if len(reporte.canal) > (Reporte._meta.get_field("canal").max_length or 0):
        raise DatoInvalido(_("Ese canal es demasiado largo."), campo="canal")
    for campo, valor, valores, dicho in (
        ("agrupar", reporte.agrupar, Agrupar.values, _("Elige de qué es cada línea.")),
        ("periodo", reporte.periodo, Periodo.values, _("Elige de cuántos días es.")),
        ("moneda", reporte.moneda, ("", *monedas()), _("Elige una moneda.")),
        ("hora", reporte.hora, range(24), _("Escribe una hora, de 0 a 23.")),
    ):
        if valor not in valores:
            raise DatoInvalido(dicho, campo=campo)
    if not es_zona(reporte.zona):
        raise DatoInvalido(
            _("Escribe el nombre de una zona horaria, como America/Bogota."), campo="zona"
        )
    _exigir_destinatarios(reporte, destinatarios)


def _exigir_destinatarios(reporte: Reporte, destinatarios: Collection[User]) -> None:
    claves = {persona.pk for persona in destinatarios}
    if len(claves) > MAX_DESTINATARIOS:
        dicho = _("Elige hasta %(n)s personas.") % {"n": MAX_DESTINATARIOS}
        raise DatoInvalido(dicho, campo="destinatarios")
    vale = admisibles().filter(pk__in=claves, is_active=True).count() == len(claves)
    if not vale or (reporte.programado and not claves):
        raise SinDestinatarios()


def _suyos(reporte: Reporte) -> Any:
    """The other ones of whoever keeps it."""
    suyos = Reporte.objects.filter(creado_por=reporte.creado_por, retirado_en=None)
    return suyos.exclude(pk=reporte.pk)


def _anotar(reporte: Reporte, accion: str, actor: Actor, destinatarios: Collection[User]) -> None:
    paso(
        entidad="reporte", entidad_id=reporte.id_publico, accion=accion, actor=actor,
        datos={
            **{campo: getattr(reporte, campo) for campo in CAMPOS if campo not in _CLAVES},
            **{campo: getattr(reporte, f"{campo}_id") for campo in _CLAVES},
            "destinatarios": sorted(persona.pk for persona in destinatarios),
        },
    ).save()  # fmt: skip


_CLAVES = ("campana", "afiliado")
