"""What the coupons and the links of an affiliate or a campaign brought lately."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from alpespartner.comun.admin.fichas import Bloque, lista_de
from alpespartner.comun.admin.formato import importe
from alpespartner.comun.formato import VACIO, entero
from comisiones.metricas.errores import Remidiendo
from comisiones.metricas.selectors import DIAS, Agrupar, Peticion, grupos, ultimos_dias
from conversiones.campanas.models import Campana
from conversiones.rastreo.models import Cupon, Enlace

_LOS_PRIMEROS = 10


def codigos(
    request: HttpRequest, corte: str, quien: int, campana: Campana | None = None
) -> list[Bloque]:
    """Those that sold most, for who sees commissions; nothing while figures are made anew."""
    if not request.user.has_perm("comisiones.view_comision"):
        return []
    desde, hasta = ultimos_dias(campana)
    cuales: dict[str, Any] = {corte: quien}
    bloques = []
    for agrupar, modelo, titulo, vacio in (
        (Agrupar.CUPON, Cupon, _("Lo que trajo cada cupón"), _("Ninguna venta trajo un cupón.")),
        (Agrupar.ENLACE, Enlace, _("Lo que trajo cada enlace"), _("Ningún enlace trajo nada.")),
    ):
        ve = request.user.has_perm(f"conversiones.view_{agrupar.value}")
        try:
            suyos = grupos(Peticion(desde=desde, hasta=hasta, agrupar=agrupar, **cuales))
        except Remidiendo:
            return []
        mayores = sorted(suyos, key=lambda g: (-g.sumas["valor"], -(g.clics or 0), g.clave))
        bloques.append(
            Bloque(
                titulo,
                (
                    (_("Código"), False), (_("Clics"), True), (_("Ventas"), True),
                    (_("Vendido"), True), (_("Comisión neta"), True),
                ),
                [
                    (
                        g.clave,
                        VACIO if g.clics is None else entero(g.clics),
                        entero(g.conversiones),
                        importe(g.importe("valor"), g.moneda),
                        importe(g.neta, g.moneda),
                    )
                    for g in mayores[:_LOS_PRIMEROS]
                ],
                lista_de(modelo, f"{corte}__id__exact={quien}") if ve else "",
                vacio,
                _("En %(n)s días, los que más vendieron.") % {"n": DIAS},
            )
        )  # fmt: skip
    return bloques
