"""The whole programme on a page: what we owe and by when, its months, and who changed the most.

All of it comes from the counters, which are a few hundred rows whatever there is to add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.fichas import Bloque, lista_de
from alpespartner.comun.admin.formato import aviso_de_atraso, enlace, importe
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import VACIO
from comisiones.admin.fichas.cuadros import MESES, grafica, nombre_de_mes
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.contadores.mayores import TOPE, Cambio, los_que_mas_cambian
from comisiones.contadores.meses import estan_enteros, por_meses, por_vencer, ultimos_meses
from comisiones.contadores.tablas import TODO

_E = EstadoComision
_CAMBIAN = 10


def ver_programa(pagina: Any, request: HttpRequest) -> HttpResponse:
    """The page, for whoever sees commissions; what is of the ledger, for whoever sees it."""
    enteros = estan_enteros()
    ve_libro = request.user.has_perm("comisiones.view_apunte")
    contexto = {
        **pagina.admin_site.each_context(request),
        "title": _("Programa"),
        "media": pagina.media,
        "enteros": enteros,
        "aviso_de_cuentas": aviso_de_atraso() if enteros else "",
        "zona": timezone.get_current_timezone_name(),
        "debemos": list(_debemos()) if enteros else [],
        "meses": _meses() if enteros and ve_libro else [],
        "cambian": list(_cambian(request)) if enteros and ve_libro else [],
    }
    return TemplateResponse(request, "admin/alpes/programa.html", contexto)


def _debemos() -> Iterator[Bloque]:
    """A table for each currency: what there is in each state, by when it can be paid."""
    titulos = (
        (_E.APROBADA, _("Aprobado, sin programar")),
        (_E.PROGRAMADA, _("Programado en pagos")),
        (_E.PENDIENTE, _("Por revisar, si se aprueba")),
        (_E.RETENIDA, _("Retenido, si se aprueba")),
    )
    este = ultimos_meses(1, timezone.now())[0]
    for moneda, estados in sorted(por_vencer([estado for estado, _titulo in titulos]).items()):
        filas = []
        for estado, titulo in titulos:
            partes = _partes(estados.get(estado, {}), este)
            filas.append((
                titulo,
                *(
                    _a(
                        importe(suma, moneda),
                        lista_de(Comision, f"estado={estado.value}&vence={cuando}"),
                    )
                    for cuando, suma in partes.items()
                ),
                _a(
                    importe(sum(partes.values(), CERO), moneda),
                    lista_de(Comision, f"estado={estado.value}"),
                ),
            ))  # fmt: skip
        yield Bloque(
            _("En %(moneda)s") % {"moneda": moneda},
            ((_("Situación"), False), (_("De antes de este mes"), True),
             (_("De este mes"), True), (_("De después"), True), (_("En total"), True)),
            filas,
        )  # fmt: skip


def _a(texto: Any, url: str) -> SafeString:
    return format_html('<a class="ap-enlace" href="{}">{}</a>', url, texto)


def _partes(meses: Mapping[int, Decimal], este: int) -> dict[str, Decimal]:
    """By the values of the filter of the list."""
    return {
        "antes": sum((suma for mes, suma in meses.items() if mes < este), CERO),
        "mes": meses.get(este, CERO),
        "despues": sum((suma for mes, suma in meses.items() if mes > este), CERO),
    }


def _meses() -> list[dict[str, Any]]:
    corte, quien = TODO
    suyos = por_meses(corte, quien, ultimos_meses(MESES, timezone.now()))
    return [
        {
            "moneda": suyo.moneda,
            "saldo": importe(suyo.siempre.saldo, suyo.moneda),
            "grafica": grafica(suyo, lambda _mes: ""),
        }
        for suyo in suyos
    ]


def _cambian(request: HttpRequest) -> Iterator[Bloque]:
    """The last two whole months: this one is not over."""
    antes, ahora, _este = ultimos_meses(3, timezone.now())
    cambios = los_que_mas_cambian(antes, ahora, _CAMBIAN)
    quienes = Afiliado.objects.in_bulk(
        {c.afiliado for uno in cambios for c in (*uno.suben, *uno.bajan)}
    )
    ve = request.user.has_perm("afiliados.view_afiliado")
    columnas = (
        (_("Afiliado"), False), (nombre_de_mes(antes), True), (nombre_de_mes(ahora), True),
        (_("Diferencia"), True),
    )  # fmt: skip

    def fila(cambio: Cambio, moneda: str) -> tuple[Any, ...]:
        quien = quienes.get(cambio.afiliado)
        return (
            VACIO if quien is None else enlace(quien) if ve else str(quien),
            importe(cambio.antes, moneda),
            importe(cambio.ahora, moneda),
            importe(cambio.diferencia, moneda),
        )

    for uno in cambios:
        nota = "" if uno.seguro else (
            _("Entre los %(n)s que más ganaron en cada mes.") % {"n": TOPE}
        )  # fmt: skip
        for titulo, suyos, vacio in (
            (_("Los que más suben, en %(moneda)s"), uno.suben, _("Nadie sube.")),
            (_("Los que más bajan, en %(moneda)s"), uno.bajan, _("Nadie baja.")),
        ):
            yield Bloque(
                titulo % {"moneda": uno.moneda}, columnas,
                [fila(cambio, uno.moneda) for cambio in suyos], vacio=vacio, nota=nota,
            )  # fmt: skip
