"""What the queue shows beside a row: what whoever reviews needs to decide, in a constant number of
queries that touch few rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun.admin.formato import (
    aviso_de_atraso,
    importe,
    insignia,
    nombres_de_actores,
)
from alpespartner.comun.formato import entero, fecha_y_hora, hace, porcentaje
from alpespartner.comun.historial import historial_de
from alpespartner.comun.listas.claves import leer
from alpespartner.comun.listas.contadores import celdas
from alpespartner.comun.vocabulario import nombre_de_accion
from comisiones.calculo.explicacion import diferencias, mayor_que_su_venta, pasos_de
from comisiones.comision.estados import YA_APROBADA, EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.automatica import por_que_no_sola
from conversiones.ventas.estados import CON_DEVOLUCIONES
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import venta_parecida

# Commissions of the same affiliate that are looked at on each side of one, and how close in time
# another of the same amount has to be.
VECINAS = 50
CERCA = timedelta(hours=24)


def contexto_de_panel(comision: Comision) -> dict[str, Any]:
    """Of a commission read with its affiliate, campaign and sale."""
    venta = comision.conversion
    return {
        "comision": comision,
        "insignia_estado": insignia(comision.estado, comision.get_estado_display()),
        "monto": importe(comision.monto, comision.moneda),
        "tasa": porcentaje(comision.tasa) if comision.tasa is not None else "",
        "venta": importe(venta.valor, venta.moneda),
        "calculo": pasos_de(comision),
        "mayor_que_su_venta": mayor_que_su_venta(comision),
        "diferencias": diferencias(comision),
        "no_sola": por_que_no_sola(comision),
        "parecida": venta_parecida(venta),
        "antecedentes": antecedentes(comision),
        "aviso_de_cuentas": aviso_de_atraso(),
        "parecidas": [
            {
                "comision": otra,
                "insignia": insignia(otra.estado, otra.get_estado_display()),
                "cuando": hace(otra.creada_en),
            }
            for otra in parecidas(comision)
        ],
    }


def antecedentes(comision: Comision) -> list[tuple[str, str]]:
    """What became of the other commissions and sales of its affiliate, as the counters have it."""
    cuantas: dict[str, int] = defaultdict(int)
    for celda in celdas(Comision.objects.filter(afiliado=comision.afiliado_id)):
        cuantas[celda.estado] += celda.cuantas
    devueltas = sum(
        celda.cuantas
        for celda in celdas(Conversion.objects.filter(afiliado=comision.afiliado_id))
        if celda.estado in CON_DEVOLUCIONES
    )
    return [
        (_("En revisión"), entero(cuantas[EstadoComision.PENDIENTE])),
        (_("Retenidas"), entero(cuantas[EstadoComision.RETENIDA])),
        (_("Aprobadas o pagadas"), entero(sum(cuantas[estado] for estado in YA_APROBADA))),
        (_("Rechazadas"), entero(cuantas[EstadoComision.RECHAZADA])),
        (_("Anuladas"), entero(cuantas[EstadoComision.ANULADA])),
        (_("Ventas devueltas"), entero(devueltas)),
    ]


def parecidas(comision: Comision) -> list[Comision]:
    """Others of its affiliate and amount that were calculated close in time, the newest first."""
    suyas = Comision.objects.filter(afiliado=comision.afiliado_id)
    claves = [
        clave
        for al_reves in (False, True)
        for clave in leer(
            suyas, ("id",), VECINAS, desde=(comision.pk,), al_reves=al_reves
        ).claves
    ]  # fmt: skip
    otras = Comision.objects.filter(pk__in=claves).select_related("conversion").defer("traza")
    return [
        otra
        for otra in otras.order_by("-pk")
        if (otra.monto, otra.moneda) == (comision.monto, comision.moneda)
        and abs(otra.creada_en - comision.creada_en) <= CERCA
    ]


def ultima_palabra(comision: Comision) -> str:
    """Who did what to a commission last, and when."""
    paso = historial_de("comision", comision.id_publico).last()
    if paso is None:
        return ""
    return _("Lo último: %(que)s, de %(quien)s, %(hace)s (%(cuando)s).") % {
        "que": nombre_de_accion("comision", paso.accion),
        "quien": nombres_de_actores([paso.actor])[paso.actor],
        "hace": hace(paso.creado_en),
        "cuando": fecha_y_hora(paso.creado_en),
    }
