"""Buttons of the page of an affiliate: each says what it does before it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado import services
from afiliados.afiliado.estados import AFILIADO, EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.personales.propuestas import BORRAR, lineas_de_borrar, proponer_borrado
from afiliados.personales.services import ACABADOS, llevarse_datos
from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.acciones import Accion
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.propuestas.tipos import Linea

_E = EstadoAfiliado
_PERMISO = "afiliados.cambiar_estado_afiliado"
_NO_CUENTAN = _("Siguen llevando a la tienda, y sus clics no cuentan.")
_NO_ATRIBUYEN = _("No le atribuyen ventas.")
_NO_SE_APRUEBA = _("Se paga lo aprobado; lo demás no se aprueba.")
# What each state does to what an affiliate has.
_EFECTOS: Mapping[str, Sequence[tuple[Any, Any]]] = {
    _E.ACTIVO: (
        (_("Enlaces y cupones"), _("Le atribuyen las ventas que ocurran desde ahora.")),
        (_("Comisiones retenidas"), _("Pasan a revisión.")),
        (_("Claves"), _("Sirven.")),
    ),
    _E.SUSPENDIDO: (
        (_("Enlaces"), _NO_CUENTAN),
        (_("Cupones"), _NO_ATRIBUYEN),
        (_("Ventas nuevas a su nombre"), _("Se rechazan.")),
        (_("Lo que se le debe"), _NO_SE_APRUEBA),
        (_("Claves"), _("Siguen sirviendo.")),
    ),
    _E.BLOQUEADO: (
        (_("Enlaces"), _NO_CUENTAN),
        (_("Cupones"), _NO_ATRIBUYEN),
        (_("Ventas nuevas a su nombre"), _("Se rechazan.")),
        (_("Lo que se le debe"), _("No se le paga nada mientras siga bloqueado.")),
        (_("Claves"), _("No abren nada mientras siga bloqueado.")),
    ),
    _E.RECHAZADO: (
        (_("Ventas nuevas a su nombre"), _("Se rechazan.")),
        (_("Claves"), _("No abren nada.")),
    ),
    _E.CERRADO: (
        (_("Enlaces"), _NO_CUENTAN),
        (_("Cupones"), _("Se retiran: sus códigos quedan libres.")),
        (_("Ventas nuevas a su nombre"), _("Se rechazan.")),
        (_("Lo que se le debe"), _NO_SE_APRUEBA),
        (_("Claves"), _("Se revocan para siempre.")),
    ),
}


def _pasa_a(destino: str, origen: str = "") -> Callable[[Afiliado], bool]:
    """Whether the state machine has the step, from ``origen`` when given."""
    return lambda a: AFILIADO.permite(a.estado, destino) and origen in ("", a.estado)


def _efectos(destino: str) -> Callable[[Afiliado], Sequence[Linea]]:
    return lambda _afiliado: _EFECTOS[destino]


def _suspender(afiliado: Afiliado, actor: Actor, motivo: str, hasta: str) -> Afiliado:
    return services.suspender_afiliado(
        afiliado=afiliado, actor=actor, motivo=motivo, hasta=_dia(hasta)
    )


def _dia(texto: str) -> datetime | None:
    """When a day begins in the programme's zone."""
    if not texto:
        return None
    try:
        return datetime.combine(date.fromisoformat(texto), time(), ZoneInfo(settings.ZONA))
    except ValueError:
        raise DatoInvalido(_now("Escribe la fecha como 2026-12-31."), campo="hasta") from None


def _paquete(afiliado: Afiliado, actor: Actor, _motivo: str) -> HttpResponse:
    dado = llevarse_datos(afiliado=afiliado, actor=actor)
    if not isinstance(dado, bytes):
        return redirect("admin:comun_exportacion_change", dado.pk)
    return HttpResponse(
        dado,
        content_type="application/zip",
        headers={
            "Content-Disposition": content_disposition_header(
                True, f"datos-{afiliado.id_publico}.zip"
            ),
            "Cache-Control": "private, no-store",
        },
    )


ACCIONES = (
    Accion(
        nombre="activar",
        titulo=_("Activar"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.ACTIVO, _E.PENDIENTE),
        aplicar=lambda a, actor, motivo: services.activar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s está activo."),
        previa=_efectos(_E.ACTIVO),
        motivo="opcional",
        icono="check_circle",
        tono="principal",
    ),
    Accion(
        nombre="reactivar",
        titulo=_("Reactivar"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.ACTIVO, _E.SUSPENDIDO),
        aplicar=lambda a, actor, motivo: services.reactivar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s está activo."),
        previa=_efectos(_E.ACTIVO),
        motivo="obligatorio",
        icono="check_circle",
        tono="principal",
    ),
    Accion(
        nombre="rechazar",
        titulo=_("Rechazar"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.RECHAZADO),
        aplicar=lambda a, actor, motivo: services.rechazar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó rechazado."),
        previa=_efectos(_E.RECHAZADO),
        motivo="obligatorio",
        ayuda=_("Es definitivo."),
        icono="cancel",
        tono="peligro",
    ),
    Accion(
        nombre="suspender",
        titulo=_("Suspender"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.SUSPENDIDO, _E.ACTIVO),
        aplicar=_suspender,
        campos=("hasta",),
        fecha=_("Hasta (opcional): ese día vuelve solo"),
        exito=_("%(objeto)s quedó suspendido."),
        previa=_efectos(_E.SUSPENDIDO),
        motivo="obligatorio",
        icono="pause_circle",
    ),
    Accion(
        nombre="bloquear",
        titulo=_("Bloquear"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.BLOQUEADO),
        aplicar=lambda a, actor, motivo: services.bloquear_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó bloqueado."),
        previa=_efectos(_E.BLOQUEADO),
        motivo="obligatorio",
        ayuda=_("Solo otra persona podrá desbloquearlo."),
        icono="block",
        tono="peligro",
    ),
    Accion(
        nombre="desbloquear",
        titulo=_("Desbloquear"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.SUSPENDIDO, _E.BLOQUEADO),
        aplicar=lambda a, actor, motivo: services.desbloquear_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó suspendido: reactívalo cuando corresponda."),
        previa=_efectos(_E.SUSPENDIDO),
        motivo="obligatorio",
        ayuda=_("Queda suspendido. No puede hacerlo quien lo bloqueó."),
        icono="lock_open",
    ),
    Accion(
        nombre="cerrar",
        titulo=_("Cerrar"),
        permiso=_PERMISO,
        visible=_pasa_a(_E.CERRADO),
        aplicar=lambda a, actor, motivo: services.cerrar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        exito=_("%(objeto)s quedó cerrado."),
        previa=_efectos(_E.CERRADO),
        motivo="obligatorio",
        ayuda=_("Es definitivo."),
        icono="door_front",
        tono="peligro",
    ),
    Accion(
        nombre="exportar_datos",
        titulo=_("Llevarse sus datos"),
        permiso="afiliados.exportar_datos_afiliado",
        visible=lambda a: a.borrado_en is None,
        aplicar=_paquete,
        exito="",
        ayuda=_("Un ZIP con todo lo que hay de él, para dárselo. Queda en el historial."),
        icono="download",
    ),
    Accion(
        nombre="borrar_datos",
        titulo=_("Borrar sus datos"),
        permiso="afiliados.borrar_datos_afiliado",
        visible=lambda a: a.borrado_en is None and a.estado in ACABADOS,
        aplicar=lambda a, actor, motivo: proponer_borrado(afiliado=a, actor=actor, motivo=motivo),
        exito=_("Los datos de %(objeto)s se borrarán cuando lo confirme otra persona."),
        previa=lineas_de_borrar,
        propone=BORRAR.nombre,
        motivo="obligatorio",
        ayuda=_("Es definitivo: no hay copia de la que volver."),
        icono="cancel",
        tono="peligro",
    ),
)
