"""Sidebar and front page of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from alpespartner import inicio
from alpespartner.comun.admin.formato import contar_hasta
from alpespartner.comun.formato import hace
from alpespartner.comun.models import EstadoPropuesta
from alpespartner.comun.propuestas.selectors import por_confirmar
from alpespartner.operacion.alertas import abiertas as alertas_abiertas
from alpespartner.operacion.monitor.problemas import decir
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision

# Those that the front page tells; the monitor tells all.
_ALERTAS = 5
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


def guion_de_la_paleta(request: HttpRequest) -> str:
    """Script of the box that finds everything."""
    return static("alpespartner/paleta.js")


def guion_de_las_ayudas(request: HttpRequest) -> str:
    """Script for who has only keys, or hears the page."""
    return static("alpespartner/accesible.js")


def enlaces_de_la_cuenta(request: HttpRequest) -> list[dict[str, str]]:
    """Links of the user's menu."""
    return [
        {"title": _("Mi acceso"), "link": reverse("acceso_propio")},
        {"title": _("Cambiar la contraseña"), "link": reverse("admin:password_change")},
    ]


def _lista(modelo: str) -> str:
    return reverse(f"admin:{modelo}_changelist")


def _item(
    request: HttpRequest,
    titulo: str,
    modelo: str,
    permiso: str,
    icono_: str,
    consulta: str = "",
    cuenta: Callable[[], QuerySet[Any]] | None = None,
) -> dict[str, Any]:
    url = _lista(modelo)
    return {
        "title": titulo,
        "icon": icono_,
        "link": url + consulta,
        "active": request.path.startswith(url),
        "permission": lambda r: r.user.has_perm(permiso),
        "cuenta": cuenta,
    }


def navegacion(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the sidebar, with how many commissions and proposals wait."""
    grupos = menu(request)
    for _titulo, items in grupos:
        for item in items:
            if item.get("cuenta") and item["permission"](request):
                cuenta = contar_hasta(item["cuenta"]())
                if cuenta.n:
                    item |= {"badge": str(cuenta), "badge_variant": "primary"}
    # What few need every day is under its title.
    cerrados = {_("Libro"), _("Registro y eventos"), _("Acceso")}
    return [
        {"title": titulo, "items": items, "collapsible": titulo in cerrados}
        for titulo, items in grupos
    ]


def menu(request: HttpRequest) -> list[tuple[str, list[dict[str, Any]]]]:
    """The pages of the sidebar in their groups; ``cuenta`` gives what is counted beside one."""
    cola = _item(
        request, _("Cola de revisión"), "comisiones_comision", "comisiones.view_comision", "rule",
        cuenta=lambda: Comision.objects.filter(estado=EstadoComision.PENDIENTE),
    )  # fmt: skip
    programa, cifras = (
        reverse(f"admin:comisiones_comision_{pagina}") for pagina in ("programa", "cifras")
    )
    cola["active"] = cola["active"] and request.path not in (programa, cifras)
    por_confirmar_ = _item(
        request, _("Por confirmar"), "comun_propuesta", "comun.view_propuesta", "group",
        _POR_CONFIRMAR, cuenta=por_confirmar,
    )  # fmt: skip
    aparcados = _item(
        request, _("Eventos aparcados"), "outbox_eventoaparcado", "outbox.view_eventoaparcado",
        "report", "?situacion=aparcado",
    )  # fmt: skip
    monitor = reverse("admin:operacion_alerta_monitor")
    alertas = _item(
        request, _("Alertas"), "operacion_alerta", "operacion.view_alerta", "error",
        cuenta=alertas_abiertas,
    )  # fmt: skip
    alertas["active"] = alertas["active"] and request.path != monitor
    pruebas = reverse("admin:afiliados_claveapi_pruebas")
    claves = _item(
        request, _("Claves de API"), "afiliados_claveapi", "afiliados.view_claveapi", "key"
    )
    claves["active"] = claves["active"] and not request.path.startswith(pruebas)
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
            _item(request, _("Correos"), "comisiones_notificacion",
                  "comisiones.view_notificacion", "schedule_send"),
        ]),
        (_("Campañas y conversiones"), [
            _item(request, _("Campañas"), "conversiones_campana", "conversiones.view_campana",
                  "campaign"),
            _item(request, _("Inscripciones"), "conversiones_inscripcion",
                  "conversiones.view_inscripcion", "verified"),
            _item(request, _("Términos"), "conversiones_terminoscampana",
                  "conversiones.view_terminoscampana", "description"),
            _item(request, _("Enlaces"), "conversiones_enlace", "conversiones.view_enlace", "link"),
            _item(request, _("Cupones"), "conversiones_cupon", "conversiones.view_cupon", "sell"),
            _item(request, _("Clics"), "conversiones_clic", "conversiones.view_clic", "ads_click"),
            _item(request, _("Conversiones"), "conversiones_conversion",
                  "conversiones.view_conversion", "shopping_cart_checkout"),
            _item(request, _("Ventas sin atribuir"), "conversiones_conversion",
                  "conversiones.view_conversion", "help", "?de=nadie"),
            _item(request, _("Clientes"), "conversiones_cliente", "conversiones.view_cliente",
                  "person"),
            _item(request, _("Devoluciones sin su venta"), "conversiones_devolucionpendiente",
                  "conversiones.view_devolucionpendiente", "assignment_return",
                  "?situacion=espera"),
            _item(request, _("Importaciones"), "conversiones_importacion",
                  "conversiones.view_importacion", "upload_file"),
        ]),
        (_("Reglas"), [
            _item(request, _("Reglas"), "comisiones_regla", "comisiones.view_regla", "percent"),
            _item(request, _("Aprobación automática"), "comisiones_politicaaprobacion",
                  "comisiones.view_politicaaprobacion", "verified"),
            _item(request, _("Simulaciones"), "comisiones_simulacion",
                  "comisiones.view_simulacion", "science"),
        ]),
        (_("Pagos"), [
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
        ]),
        (_("Libro"), [
            _item(request, _("Asientos"), "comisiones_asiento", "comisiones.view_asiento",
                  "menu_book"),
            _item(request, _("Apuntes"), "comisiones_apunte", "comisiones.view_apunte",
                  "format_list_numbered"),
        ]),
        (_("Registro y eventos"), [
            {
                "title": _("Monitor"),
                "icon": "monitor",
                "link": monitor,
                "active": request.path == monitor,
                "permission": lambda r: r.user.has_perm("operacion.view_alerta"),
            },
            alertas,
            _item(request, _("Historial"), "comun_historial", "comun.view_historial", "history"),
            _item(request, _("Exportaciones"), "comun_exportacion", "comun.view_exportacion",
                  "download"),
            _item(request, _("Eventos"), "outbox_outboxevent", "outbox.view_outboxevent", "bolt"),
            _item(request, _("Entregas pendientes"), "outbox_entregapendiente",
                  "outbox.view_entregapendiente", "schedule_send"),
            aparcados,
            _item(request, _("Webhooks"), "outbox_webhook", "outbox.view_webhook", "webhook"),
            _item(request, _("Postbacks"), "outbox_postback", "outbox.view_postback", "ads_click"),
            _item(request, _("Entregas de webhooks"), "outbox_entregawebhook",
                  "outbox.view_entregawebhook", "schedule_send"),
        ]),
        (_("Acceso"), [
            _item(request, _("Usuarios"), "auth_user", "auth.view_user", "person"),
            _item(request, _("Roles"), "auth_group", "auth.view_group", "shield_person"),
            _item(request, _("Sesiones"), "comun_sesion", "comun.view_sesion", "devices"),
            claves,
            {
                "title": _("Entorno de pruebas"),
                "icon": "science",
                "link": pruebas,
                "active": request.path.startswith(pruebas),
                "permission": lambda r: r.user.has_perm("afiliados.view_claveapi"),
            },
        ]),
    ]  # fmt: skip
    al_inicio = {
        "title": _("Inicio"),
        "icon": "home",
        "link": reverse("admin:index"),
        "active": request.path == reverse("admin:index"),
    }
    grupos[0][1][:0] = [
        al_inicio,
        {
            "title": _("Programa"),
            "icon": "account_balance_wallet",
            "link": programa,
            "active": request.path == programa,
            "permission": lambda r: r.user.has_perm("comisiones.view_comision"),
        },
        {
            "title": _("Cifras"),
            "icon": "assessment",
            "link": cifras,
            "active": request.path == cifras,
            "permission": lambda r: r.user.has_perm("comisiones.view_comision"),
        },
        _item(request, _("Reportes"), "comisiones_reporte", "comisiones.view_reporte",
              "description"),
    ]  # fmt: skip
    return grupos


def tablero(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Front page: what waits for a person, each figure a link to its list."""
    ve = request.user.has_perm("operacion.view_alerta")
    return {
        **context,
        **inicio.contexto(request),
        "alertas": [
            {"dicho": decir(a.clave, a.datos), "desde": hace(a.abierta_en)}
            for a in (alertas_abiertas()[:_ALERTAS] if ve else ())
        ],
        "monitor": reverse("admin:operacion_alerta_monitor") if ve else "",
    }
