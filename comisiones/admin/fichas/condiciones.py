"""What other terms of an affiliate would have paid for its last sales, for its page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afiliados.afiliado.cambio import como_quedaria, condiciones_distintas
from afiliados.afiliado.comprobacion import comprobar
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.efecto import Efecto, registrar_calculo
from alpespartner.comun.admin.formato import enlace, importe
from alpespartner.comun.formato import con_moneda, entero
from comisiones.simulaciones.efecto import EfectoDeCondiciones, efecto_de_condiciones
from conversiones.ventas.models import Conversion

_EJEMPLOS = 10


def _efecto(afiliado: Afiliado, cambios: dict[str, Any]) -> Efecto:
    condiciones = condiciones_distintas(afiliado, cambios)
    quedaria = como_quedaria(afiliado, condiciones)
    comprobar(quedaria)
    efecto = efecto_de_condiciones(afiliado, quedaria)
    return Efecto(
        miradas=_miradas(efecto),
        filas=(
            *(
                (
                    _("Gana por ellas, en %(moneda)s") % {"moneda": moneda},
                    con_moneda(ahora, moneda),
                    con_moneda(con, moneda),
                )
                for moneda, (ahora, con) in sorted(efecto.sumas.items())
            ),
            (_("Ventas que cambian"), "", entero(len(efecto.cambiadas))),
        ),
        avisos=_avisos(condiciones),
        columnas=(_("Venta"), _("Valor"), _("Ganó"), _("Con esta")),
        ejemplos=_ejemplos(efecto),
    )


def _miradas(efecto: EfectoDeCondiciones) -> str:
    dicho = ngettext(
        "%(n)s venta suya que ganó algo.", "%(n)s ventas suyas que ganaron algo.", efecto.miradas
    ) % {"n": entero(efecto.miradas)}
    if efecto.hay_mas:
        dicho += " " + _("Hay más: solo se miran los últimos.")
    return dicho


def _avisos(condiciones: dict[str, Any]) -> list[str]:
    avisos = []
    if not condiciones:
        avisos.append(_("El formulario no cambia lo que gana."))
    if "referente" in condiciones:
        avisos.append(_("Lo que gana quien lo refiere no se mira."))
    return avisos


def _ejemplos(efecto: EfectoDeCondiciones) -> list[tuple[object, ...]]:
    suyas = efecto.cambiadas[:_EJEMPLOS]
    ventas = Conversion.objects.in_bulk([v.pk for v in suyas])
    return [
        (
            enlace(ventas[v.pk]), importe(v.valor, v.moneda), importe(v.ahora, v.moneda),
            importe(v.con, v.moneda),
        )
        for v in suyas
    ]  # fmt: skip


registrar_calculo(Afiliado, "comisiones.view_comision", _efecto)
