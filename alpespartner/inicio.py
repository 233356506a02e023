"""The front page: what whoever looks at it can act on, each number with its list.

A number and its list are the same query: a filter of the list, or the keys of its ``Bandeja``.
Nothing is shown of what somebody has no permission to do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.admin.cuentas import CUENTAS_POR_CONFIRMAR
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.bandejas import PARAMETRO, TOPE, Bandeja
from alpespartner.comun.admin.fichas import lista_de
from alpespartner.comun.admin.formato import Cuenta, aviso_de_atraso, contar_hasta, importe
from alpespartner.comun.admin.propuestas import POR_CONFIRMAR
from alpespartner.comun.formato import fecha_y_hora, hace
from alpespartner.comun.listas.claves import leer
from alpespartner.comun.listas.contadores import sumas as sumas_de
from alpespartner.comun.listas.pagina import pagina
from alpespartner.comun.listas.sumas import por_moneda, sumar
from comisiones.admin.ajustes import POR_APROBAR
from comisiones.admin.comision.vencen import VENCEN_ESTA_SEMANA, vencen
from comisiones.admin.pagos.avisos import AVISOS_POR_MIRAR
from comisiones.admin.pagos.extractos import LINEAS_POR_MIRAR
from comisiones.admin.pagos.lotes import POR_LIBERAR
from comisiones.admin.pagos.pago import FALLIDOS_POR_MIRAR
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.contadores.meses import debido_a
from comisiones.pagos.estados import EstadoLote, EstadoPago
from comisiones.pagos.models import LotePago, Pago
from conversiones.admin.campanas import PRESUPUESTOS_QUE_SE_ACABAN
from conversiones.campanas.selectors import presupuesto_de
from conversiones.inscripciones.estados import EstadoInscripcion
from conversiones.inscripciones.models import Inscripcion
from conversiones.ventas.selectors import no_cupieron
from outbox.models import EventoAparcado

# The front page counts and adds up at most this many rows of a currency. Past it, it shows what the
# counters have; without them it says «more than».
TOPE_CUENTA = 999
TOPE_SUMA = 2_000
# Those that no index adds up by itself: their keys are read first.
TOPE_POR_CLAVES = 1_000


@dataclass(frozen=True, kw_only=True)
class Espera:
    """Something that waits for whoever has one of ``permisos``: the rows of a query with the filter
    of its list, or those of a tray. ``fecha`` says since when a row waits, ``monto`` what it is
    of; of a tray, ``montos`` may say it of all its rows, with their currencies."""

    titulo: Any
    permisos: Collection[str]
    ver: str
    icono: str
    fecha: Callable[[Any], datetime | None]
    filas: Callable[[], QuerySet[Any]] = Comision.objects.none
    filtro: str = ""
    bandeja: Bandeja | None = None
    monto: str = ""
    montos: Callable[[list[Any]], Iterable[tuple[str, Decimal]]] | None = None
    # An order that an index has. The oldest is among the first ``miradas`` of it.
    orden: str = "id"
    miradas: int = 1
    alarma: bool = False


def _en(modelo: type[Model], **cuales: Any) -> Callable[[], QuerySet[Any]]:
    return lambda: modelo._default_manager.filter(**cuales)


ESPERAN: tuple[Espera, ...] = (
    Espera(
        titulo=_("Comisiones por revisar"),
        icono="rule",
        permisos=("comisiones.aprobar_comision", "comisiones.rechazar_comision"),
        ver="comisiones.view_comision",
        fecha=attrgetter("creada_en"),
        monto="monto",
        filas=_en(Comision, estado=EstadoComision.PENDIENTE),
        filtro="estado=pendiente",
    ),
    Espera(
        titulo=_("Retenidas"),
        icono="pause_circle",
        permisos=("comisiones.rechazar_comision",),
        ver="comisiones.view_comision",
        fecha=attrgetter("creada_en"),
        monto="monto",
        filas=_en(Comision, estado=EstadoComision.RETENIDA),
        filtro="estado=retenida",
    ),
    Espera(
        titulo=_("Ajustes por aprobar"),
        icono="tune",
        permisos=("comisiones.aprobar_ajuste",),
        ver="comisiones.view_ajuste",
        fecha=attrgetter("creado_en"),
        monto="monto",
        bandeja=POR_APROBAR,
    ),
    Espera(
        titulo=_("Afiliados por revisar"),
        icono="group",
        permisos=("afiliados.cambiar_estado_afiliado",),
        ver="afiliados.view_afiliado",
        fecha=attrgetter("creado_en"),
        filas=_en(Afiliado, estado=EstadoAfiliado.PENDIENTE),
        filtro="estado__exact=pendiente",
    ),
    Espera(
        titulo=_("Inscripciones por decidir"),
        icono="verified",
        permisos=("conversiones.decidir_inscripcion",),
        ver="conversiones.view_inscripcion",
        fecha=attrgetter("actualizado_en"),
        filas=_en(Inscripcion, estado=EstadoInscripcion.SOLICITADO),
        filtro="estado__exact=solicitado",
    ),
    Espera(
        titulo=_("Cuentas por confirmar"),
        icono="account_balance_wallet",
        permisos=("afiliados.confirmar_cuentabancaria",),
        ver="afiliados.view_cuentabancaria",
        fecha=attrgetter("actualizado_en"),
        bandeja=CUENTAS_POR_CONFIRMAR,
        montos=lambda cuentas: debido_a([cuenta.afiliado_id for cuenta in cuentas]),
    ),
    Espera(
        titulo=_("Por confirmar"),
        icono="verified",
        permisos=("comun.confirmar_propuesta",),
        ver="comun.view_propuesta",
        fecha=attrgetter("creada_en"),
        bandeja=POR_CONFIRMAR,
    ),
    Espera(
        titulo=_("Lotes por liberar"),
        icono="lock_open",
        permisos=("comisiones.liberar_lote",),
        ver="comisiones.view_lotepago",
        fecha=attrgetter("actualizado_en"),
        monto="total",
        bandeja=POR_LIBERAR,
    ),
    Espera(
        titulo=_("Presupuestos que se acaban"),
        icono="account_balance_wallet",
        permisos=("conversiones.change_campana",),
        ver="conversiones.view_campana",
        # The sum is what is left of them; since when says nothing.
        fecha=lambda _campana: None,
        bandeja=PRESUPUESTOS_QUE_SE_ACABAN,
        montos=lambda campanas: [
            (campana.moneda, suyo.queda)
            for campana in campanas
            if (suyo := presupuesto_de(campana)) is not None and suyo.queda is not None
        ],
        alarma=True,
    ),
    Espera(
        titulo=_("Vencen esta semana"),
        icono="schedule",
        permisos=("comisiones.preparar_lote",),
        ver="comisiones.view_comision",
        fecha=attrgetter("madura_en"),
        monto="monto",
        filas=vencen,
        filtro=VENCEN_ESTA_SEMANA,
        orden="madura_en",
    ),
    Espera(
        titulo=_("Lotes en borrador"),
        icono="account_balance",
        permisos=("comisiones.preparar_lote",),
        ver="comisiones.view_lotepago",
        fecha=attrgetter("creado_en"),
        filas=_en(LotePago, estado=EstadoLote.BORRADOR),
        filtro="estado__exact=borrador",
    ),
    Espera(
        titulo=_("Lotes con pagos fallidos"),
        icono="error",
        permisos=("comisiones.reintentar_pago", "comisiones.preparar_lote"),
        ver="comisiones.view_lotepago",
        fecha=attrgetter("actualizado_en"),
        monto="total",
        alarma=True,
        filas=_en(LotePago, estado=EstadoLote.PARCIALMENTE_FALLIDO),
        filtro="estado__exact=parcialmente_fallido",
    ),
    Espera(
        titulo=_("Pagos fallidos"),
        icono="error",
        permisos=("comisiones.reintentar_pago",),
        ver="comisiones.view_pago",
        fecha=attrgetter("actualizado_en"),
        monto="importe",
        alarma=True,
        bandeja=FALLIDOS_POR_MIRAR,
    ),
    Espera(
        titulo=_("Pagos inciertos"),
        icono="help",
        permisos=("comisiones.decidir_pago",),
        ver="comisiones.view_pago",
        fecha=attrgetter("actualizado_en"),
        monto="importe",
        alarma=True,
        filas=_en(Pago, estado=EstadoPago.INCIERTO),
        filtro="estado__exact=incierto",
    ),
    Espera(
        titulo=_("Líneas del banco por mirar"),
        icono="balance",
        permisos=("comisiones.add_extractobanco",),
        ver="comisiones.view_lineabanco",
        fecha=attrgetter("extracto.creado_en"),
        monto="importe",
        bandeja=LINEAS_POR_MIRAR,
        alarma=True,
    ),
    Espera(
        titulo=_("Avisos de pasarelas por mirar"),
        icono="markunread",
        permisos=("comisiones.decidir_pago",),
        ver="comisiones.view_avisopasarela",
        fecha=attrgetter("creado_en"),
        bandeja=AVISOS_POR_MIRAR,
        alarma=True,
    ),
    Espera(
        titulo=_("Devoluciones que no cupieron"),
        icono="assignment_late",
        permisos=("conversiones.validar_conversion",),
        fecha=attrgetter("creado_en"),
        ver="conversiones.view_devolucionpendiente",
        filas=no_cupieron,
        filtro="situacion=problema",
        orden="-problema",
        miradas=TOPE,
        alarma=True,
    ),
    Espera(
        titulo=_("Eventos aparcados"),
        icono="report",
        permisos=("outbox.change_eventoaparcado",),
        ver="outbox.view_eventoaparcado",
        fecha=attrgetter("aparcado_en"),
        alarma=True,
        filas=_en(EventoAparcado, reencolado_en=None),
        filtro="situacion=aparcado",
    ),
)


def tarjetas(request: HttpRequest) -> list[dict[str, Any]]:
    """What whoever asks can act on, also what there is none of now."""
    puede = request.user.has_perm
    return [
        _tarjeta(request, espera)
        for espera in ESPERAN
        if puede(espera.ver) and any(map(puede, espera.permisos))
    ]


def contexto(request: HttpRequest) -> dict[str, Any]:
    """The front page."""
    todas = tarjetas(request)
    esperan = [t for t in todas if t["hay"]]
    return {
        "tarjetas": todas,
        "esperan": esperan,
        "al_dia": [t for t in todas if not t["hay"]],
        "aviso_de_cuentas": aviso_de_atraso() if any(t["de_contadores"] for t in todas) else "",
        "programa": reverse("admin:comisiones_comision_programa")
        if request.user.has_perm("comisiones.view_comision")
        else "",
        "con_rol": bool(todas) or bool(request.user.get_all_permissions()),
        "zona": timezone.get_current_timezone_name(),
    }


def _tarjeta(request: HttpRequest, espera: Espera) -> dict[str, Any]:
    sumas: list[tuple[Any, bool]] = []
    desde: datetime | None = None
    filtro = espera.filtro
    if espera.bandeja is not None:
        filas, hay_mas = espera.bandeja.de(request)
        modelo, cuenta = espera.bandeja.modelo, Cuenta(len(filas), hay_mas)
        filtro = f"{PARAMETRO}={espera.bandeja.nombre}"
        desde = _la_primera(filas, espera)
        sumas = [(importe(suma, moneda), True) for moneda, suma in por_moneda(_de(espera, filas))]
    else:
        consulta = espera.filas()
        modelo, cuenta = consulta.model, contar_hasta(consulta, TOPE_CUENTA)
        if cuenta.n:
            desde = _mas_antigua(consulta, espera)
            sumas = _sumas(consulta, cuenta, espera) if espera.monto else []
    return {
        "titulo": str(espera.titulo),
        "cuenta": str(cuenta),
        "hay": cuenta.n > 0,
        "url": lista_de(modelo, filtro),
        "icono": espera.icono,
        "sumas": sumas,
        "desde": _antiguedad(desde),
        "de_contadores": bool(cuenta.celdas),
        "alarma": espera.alarma and cuenta.n > 0,
    }


def _de(espera: Espera, filas: list[Any]) -> Iterable[tuple[str, Decimal]]:
    """What the rows of a tray are of, with their currencies."""
    if espera.montos is not None:
        return espera.montos(filas)
    return ((f.moneda, getattr(f, espera.monto)) for f in filas if espera.monto)


def _antiguedad(desde: datetime | None) -> str:
    if desde is None:
        return ""
    if desde > timezone.now():
        return _now("A partir del %(fecha)s") % {"fecha": fecha_y_hora(desde)}
    return _now("Espera desde %(cuando)s") % {"cuando": hace(desde)}


def _mas_antigua(consulta: QuerySet[Any], espera: Espera) -> datetime | None:
    """Since when the oldest row waits."""
    filas = pagina(consulta.order_by(espera.orden), espera.miradas).filas
    return _la_primera(filas, espera)


def _la_primera(filas: Iterable[Any], espera: Espera) -> datetime | None:
    # A row that no service wrote may have none.
    fechas = (fecha for fecha in map(espera.fecha, filas) if fecha is not None)
    return min(fechas, default=None)


def _sumas(consulta: QuerySet[Any], cuenta: Cuenta, espera: Espera) -> list[tuple[Any, bool]]:
    """Sum of each currency, and whether it is of all its rows."""
    if cuenta.celdas and cuenta.n > TOPE_SUMA:
        return [(importe(suma, moneda), True) for moneda, suma in sumas_de(cuenta.celdas)]
    if consulta.model is Comision and espera.orden == "id":
        sumas = sumar(consulta, espera.monto, por="moneda", tope=TOPE_SUMA)
        return [(importe(suma, moneda), entera) for moneda, suma, entera in sumas]
    claves = leer(consulta, (espera.orden,), TOPE_POR_CLAVES + 1).claves
    filas = consulta.model._default_manager.filter(pk__in=claves[:TOPE_POR_CLAVES])
    entera = len(claves) <= TOPE_POR_CLAVES
    montos = por_moneda(filas.values_list("moneda", espera.monto))
    return [(importe(suma, moneda), entera) for moneda, suma in montos]
