"""Sidebar and front page of the admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from alpespartner.comun.admin.formato import Cuenta, aviso_de_atraso, contar_hasta, importe
from alpespartner.comun.listas.contadores import sumas as sumas_de
from alpespartner.comun.listas.sumas import sumar
from alpespartner.comun.models import EstadoPropuesta
from alpespartner.comun.propuestas.selectors import por_confirmar
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.models import Pago
from comisiones.pagos.estados import EstadoPago
from conversiones.ventas.selectors import esperan_venta, no_cupieron
from outbox.models import EntregaPendiente, EventoAparcado

# The front page counts and adds up at most this many rows of a currency. Past it, it shows what the
# counters have; without them it says «more than».
TOPE_CUENTA = 999
TOPE_SUMA = 2_000
_POR_CONFIRMAR = f"?estado__exact={EstadoPropuesta.POR_CONFIRMAR}"


def entorno(request: HttpRequest) -> list[str] | None:
    """Label that tells a demo from the real thing."""
    return [_("demo"), "warning"] if settings.DEMO else None


def logo(request: HttpRequest) -> dict[str, str]:
    """Logo for each theme."""
    return {
        "light": static("alpespartner/logo.svg"),
        "dark": static("alpespartner/logo-oscuro.svg"),
    }


def icono(request: HttpRequest) -> str:
    """Icon of the browser's tab."""
    return static("alpespartner/icono.svg")


def hoja_de_estilo(request: HttpRequest) -> str:
    """Style of our own pages."""
    return static("alpespartner/panel.css")


def enlaces_de_la_cuenta(request: HttpRequest) -> list[dict[str, str]]:
    """Links of the user's menu."""
    return [
        {"title": _("Mi acceso"), "link": reverse("acceso_propio")},
        {"title": _("Cambiar la contraseña"), "link": reverse("admin:password_change")},
    ]


def _lista(modelo: str) -> str:
    return reverse(f"admin:{modelo}_changelist")


def _item(
    request: HttpRequest, titulo: str, modelo: str, permiso: str, icono_: str, consulta: str = ""
) -> dict[str, Any]:
    url = _lista(modelo)
    return {
        "title": titulo,
        "icon": icono_,
        "link": url + consulta,
        "active": request.path.startswith(url),
        "permission": lambda r: r.user.has_perm(permiso),
    }


def navegacion(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the sidebar, with how many commissions wait for review."""
    cola = _item(
        request, _("Cola de revisión"), "comisiones_comision", "comisiones.view_comision", "rule"
    )
    if request.user.has_perm("comisiones.view_comision"):
        cuenta = contar_hasta(_en(EstadoComision.PENDIENTE))
        if cuenta.n:
            cola |= {"badge": str(cuenta), "badge_variant": "primary"}
    por_confirmar_ = _item(
        request, _("Por confirmar"), "comun_propuesta", "comun.view_propuesta", "group",
        _POR_CONFIRMAR,
    )  # fmt: skip
    if request.user.has_perm("comun.view_propuesta"):
        cuenta = contar_hasta(por_confirmar())
        if cuenta.n:
            por_confirmar_ |= {"badge": str(cuenta), "badge_variant": "primary"}
    aparcados = _item(
        request, _("Aparcados"), "outbox_eventoaparcado", "outbox.view_eventoaparcado",
        "report", "?situacion=aparcado",
    )  # fmt: skip
    grupos: list[tuple[str, list[dict[str, Any]]]] = [
        (_("Revisión"), [
            cola,
            por_confirmar_,
            _item(request, _("Decisiones en masa"), "comisiones_decisionenmasa",
                  "comisiones.view_decisionenmasa", "check_circle"),
            _item(request, _("Decisiones por fichero"), "comisiones_ficherodecisiones",
                  "comisiones.view_ficherodecisiones", "format_list_numbered"),
        ]),
        (_("Afiliados"), [
            _item(request, _("Afiliados"), "afiliados_afiliado", "afiliados.view_afiliado",
                  "group"),
            _item(request, _("Cuentas bancarias"), "afiliados_cuentabancaria",
                  "afiliados.view_cuentabancaria", "account_balance_wallet"),
        ]),
        (_("Campañas y conversiones"), [
            _item(request, _("Campañas"), "conversiones_campana", "conversiones.view_campana",
                  "campaign"),
            _item(request, _("Conversiones"), "conversiones_conversion",
                  "conversiones.view_conversion", "shopping_cart_checkout"),
            _item(request, _("Devoluciones sin su venta"), "conversiones_devolucionpendiente",
                  "conversiones.view_devolucionpendiente", "assignment_return",
                  "?situacion=espera"),
        ]),
        (_("Reglas"), [
            _item(request, _("Reglas"), "comisiones_regla", "comisiones.view_regla", "percent"),
            _item(request, _("Aprobación automática"), "comisiones_politicaaprobacion",
                  "comisiones.view_politicaaprobacion", "verified"),
            _item(request, _("Simulaciones"), "comisiones_simulacion",
                  "comisiones.view_simulacion", "science"),
        ]),
        (_("Pagos y libro"), [
            _item(request, _("Lotes de pagos"), "comisiones_lotepago", "comisiones.view_lotepago",
                  "account_balance"),
            _item(request, _("Conciliación"), "comisiones_extractobanco",
                  "comisiones.view_extractobanco", "balance"),
            _item(request, _("Pagos"), "comisiones_pago", "comisiones.view_pago", "payments"),
            _item(request, _("Ajustes"), "comisiones_ajuste", "comisiones.view_ajuste", "tune"),
            _item(request, _("Liquidaciones"), "comisiones_liquidacion",
                  "comisiones.view_liquidacion", "request_quote"),
            _item(request, _("Retenciones fiscales"), "comisiones_retencionfiscal",
                  "comisiones.view_retencionfiscal", "account_balance_wallet"),
            _item(request, _("Asientos"), "comisiones_asiento", "comisiones.view_asiento",
                  "menu_book"),
            _item(request, _("Apuntes"), "comisiones_apunte", "comisiones.view_apunte",
                  "format_list_numbered"),
        ]),
        (_("Eventos"), [
            _item(request, _("Eventos"), "outbox_outboxevent", "outbox.view_outboxevent", "bolt"),
            _item(request, _("Entregas pendientes"), "outbox_entregapendiente",
                  "outbox.view_entregapendiente", "schedule_send"),
            aparcados,
            _item(request, _("Historial"), "comun_historial", "comun.view_historial", "history"),
            _item(request, _("Exportaciones"), "comun_exportacion", "comun.view_exportacion",
                  "download"),
        ]),
        (_("Acceso"), [
            _item(request, _("Usuarios"), "auth_user", "auth.view_user", "person"),
            _item(request, _("Roles"), "auth_group", "auth.view_group", "shield_person"),
            _item(request, _("Sesiones"), "comun_sesion", "comun.view_sesion", "devices"),
            _item(request, _("Claves de API"), "afiliados_claveapi", "afiliados.view_claveapi",
                  "key"),
        ]),
    ]  # fmt: skip
    inicio = {
        "title": _("Inicio"),
        "icon": "home",
        "link": reverse("admin:index"),
        "active": request.path == reverse("admin:index"),
    }
    grupos[0][1].insert(0, inicio)
    return [{"title": titulo, "items": items} for titulo, items in grupos]


def _en(estado: str) -> QuerySet[Comision]:
    return Comision.objects.filter(estado=estado)


def _pagos(estado: str) -> QuerySet[Pago]:
    return Pago.objects.filter(estado=estado)


def tablero(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Front page: what waits for a person, each figure a link to its list."""
    puede = request.user.has_perm
    tarjetas: list[dict[str, Any]] = []
    if puede("comisiones.view_comision"):
        url = _lista("comisiones_comision")
        tarjetas += [
            _tarjeta(_("Comisiones por revisar"), _en(EstadoComision.PENDIENTE),
                     f"{url}?estado=pendiente", "rule", sumas=True, destacada=True),
            _tarjeta(_("Retenidas"), _en(EstadoComision.RETENIDA), f"{url}?estado=retenida",
                     "pause_circle", sumas=True),
        ]  # fmt: skip
    if puede("comun.view_propuesta"):
        tarjetas.append(
            _tarjeta(_("Por confirmar"), por_confirmar(),
                     f"{_lista('comun_propuesta')}{_POR_CONFIRMAR}", "group")
        )  # fmt: skip
    if puede("comisiones.view_pago"):
        url = _lista("comisiones_pago")
        tarjetas += [
            _tarjeta(_("Pagos fallidos"), _pagos(EstadoPago.FALLIDO),
                     f"{url}?estado__exact=fallido", "error", alarma=True),
            _tarjeta(_("Pagos inciertos"), _pagos(EstadoPago.INCIERTO),
                     f"{url}?estado__exact=incierto", "help", alarma=True),
        ]  # fmt: skip
    if puede("conversiones.view_devolucionpendiente"):
        url = _lista("conversiones_devolucionpendiente")
        tarjetas += [
            _tarjeta(_("Devoluciones sin su venta"), esperan_venta(), f"{url}?situacion=espera",
                     "assignment_return"),
            _tarjeta(_("Devoluciones que no cupieron"), no_cupieron(), f"{url}?situacion=problema",
                     "assignment_late", alarma=True),
        ]  # fmt: skip
    if puede("outbox.view_eventoaparcado"):
        tarjetas.append(
            _tarjeta(_("Eventos aparcados"), EventoAparcado.objects.filter(reencolado_en=None),
                     f"{_lista('outbox_eventoaparcado')}?situacion=aparcado", "report",
                     alarma=True)
        )  # fmt: skip
    if puede("outbox.view_entregapendiente"):
        tarjetas.append(
            _tarjeta(_("Entregas pendientes"), EntregaPendiente.objects.all(),
                     _lista("outbox_entregapendiente"), "schedule_send")
        )  # fmt: skip
    aviso = aviso_de_atraso() if any(t["de_contadores"] for t in tarjetas) else ""
    return {**context, "tarjetas": tarjetas, "aviso_de_cuentas": aviso}


def _tarjeta(
    titulo: str,
    consulta: QuerySet[Any],
    url: str,
    icono_: str,
    *,
    sumas: bool = False,
    alarma: bool = False,
    destacada: bool = False,
) -> dict[str, Any]:
    cuenta = contar_hasta(consulta, TOPE_CUENTA)
    return {
        "titulo": titulo,
        "cuenta": str(cuenta),
        "url": url,
        "icono": icono_,
        "sumas": _sumas(consulta, cuenta) if sumas else [],
        "de_contadores": bool(cuenta.celdas),
        "alarma": alarma and cuenta.n > 0,
        "destacada": destacada,
    }


def _sumas(consulta: QuerySet[Comision], cuenta: Cuenta) -> list[tuple[Any, bool]]:
    """Sum of each currency, and whether it is of all its rows."""
    if cuenta.celdas and cuenta.n > TOPE_SUMA:
        return [(importe(suma, moneda), True) for moneda, suma in sumas_de(cuenta.celdas)]
    sumas = sumar(consulta, "monto", por="moneda", tope=TOPE_SUMA)
    return [(importe(suma, moneda), entera) for moneda, suma, entera in sumas]
